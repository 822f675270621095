"""Builds the module's services from what others hand it."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.core.jobs.contract import Archivos, Cola, Encargado
from app.database.unit_of_work import UnitOfWork
from app.modules.residentes.importacion.service import TIPO as IMPORTAR_UNIDADES
from app.modules.residentes.importacion.service import ImportacionService, ImportadorDeUnidades
from app.modules.residentes.ports import Cuentas, Lecturas, Salidas, Solicitudes
from app.modules.residentes.public import PadronService
from app.modules.residentes.repository import ResidenteRepository, UnidadRepository, VehiculoRepository
from app.modules.residentes.resumen.service import ResumenService
from app.modules.residentes.service import ResidenteService
from app.modules.residentes.unidades.service import UnidadService


@dataclass(frozen=True, slots=True)
class EstadoDeResidentes:
    """What the endpoints of the module find in `request.state.residentes`."""

    residentes: ResidenteService
    unidades: UnidadService
    resumen: ResumenService
    importacion: ImportacionService


@dataclass(frozen=True, slots=True)
class Residentes:
    """`encargados`: who does its jobs, by `tipo`."""

    estado: EstadoDeResidentes
    encargados: Mapping[str, Encargado]


def montar_padron() -> PadronService:
    """What other modules ask, and they are built before the rest of this one."""
    return PadronService(ResidenteRepository(), UnidadRepository(), VehiculoRepository())


def montar(
    *,
    uow: UnitOfWork,
    cuentas: Cuentas,
    salidas: Salidas,
    solicitudes: Solicitudes,
    lecturas: Lecturas,
    cola: Cola,
    archivos: Archivos,
    zona: ZoneInfo,
) -> Residentes:
    residentes, unidades, vehiculos = ResidenteRepository(), UnidadRepository(), VehiculoRepository()
    resumen = ResumenService(residentes=residentes, unidades=unidades, vehiculos=vehiculos, zona=zona)
    estado = EstadoDeResidentes(
        unidades=UnidadService(
            unidades=unidades, vehiculos=vehiculos, residentes=residentes, solicitudes=solicitudes, uow=uow
        ),
        residentes=ResidenteService(
            residentes=residentes,
            unidades=unidades,
            vehiculos=vehiculos,
            cuentas=cuentas,
            salidas=salidas,
            lecturas=lecturas,
            uow=uow,
            zona=zona,
        ),
        resumen=resumen,
        importacion=ImportacionService(archivos=archivos, cola=cola),
    )
    importador = ImportadorDeUnidades(unidades=unidades, residentes=residentes, archivos=archivos, uow=uow)
    return Residentes(estado=estado, encargados={IMPORTAR_UNIDADES: importador})
