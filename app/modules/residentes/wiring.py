"""Builds the module's services from what others hand it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs

from app.core.clock import hoy
from app.core.figures.service import Cifras
from app.core.imports.contract import Deshacedor
from app.core.imports.wiring import Importaciones
from app.core.jobs.contract import Cola, Encargado
from app.database.unit_of_work import UnitOfWork
from app.modules.residentes.catalogo.repository import CatalogoRepository
from app.modules.residentes.catalogo.service import CatalogoService
from app.modules.residentes.condiciones.service import CondicionService
from app.modules.residentes.exportacion.service import ExportacionService
from app.modules.residentes.fichas.public import FichaService
from app.modules.residentes.fichas.repository import ExclusionRepository, PersonaRepository, PisoRepository
from app.modules.residentes.importacion.repository import CHOQUES, ResidentesDeLote, UnidadesDeLote, VehiculosDeLote
from app.modules.residentes.importacion.service import (
    DE_RESIDENTES,
    DE_UNIDADES,
    FabricaDelPadron,
    ImportacionService,
    Padron,
)
from app.modules.residentes.mora.repository import MoraRepository
from app.modules.residentes.mora.service import MoraService
from app.modules.residentes.permisos import Permisos
from app.modules.residentes.ports import Cuentas, Custodio, Lecturas, Reservas, Salidas, Solicitudes
from app.modules.residentes.privacidad.repository import SupresionRepository, SuprimidoRepository
from app.modules.residentes.privacidad.service import PrivacidadService
from app.modules.residentes.public import PadronService
from app.modules.residentes.repository import ResidenteRepository
from app.modules.residentes.resumen.repository import ConteoRepository, HogarRepository
from app.modules.residentes.resumen.service import ResumenService
from app.modules.residentes.rotulos.repository import Rotulos
from app.modules.residentes.sanciones.repository import SancionRepository
from app.modules.residentes.sanciones.service import SancionService
from app.modules.residentes.schemas import PadronImportadoOut
from app.modules.residentes.service import ResidenteService
from app.modules.residentes.unidades.repository import UnidadRepository, VehiculoRepository
from app.modules.residentes.unidades.service import UnidadService

P = TypeVar("P", bound=PadronService)


@attrs.frozen(kw_only=True)
class EstadoDeResidentes:
    """What the endpoints of the module find in `request.state.residentes`."""

    residentes: ResidenteService
    catalogo: CatalogoService
    condiciones: CondicionService
    unidades: UnidadService
    resumen: ResumenService
    importacion: ImportacionService
    exportacion: ExportacionService
    privacidad: PrivacidadService
    mora: MoraService
    sanciones: SancionService


@attrs.frozen(kw_only=True)
class Residentes:
    """`encargados`: who does the module's jobs, by `tipo`. `deshacedores`: who takes back what its imports made."""

    estado: EstadoDeResidentes
    encargados: Mapping[str, Encargado]
    deshacedores: Mapping[str, Deshacedor]


def montar_padron(clase: type[P], **mas: Any) -> P:
    """What other modules ask, as one of them asks it. Those modules are built before the rest of this one."""
    return clase(
        residentes=ResidenteRepository(),
        unidades=UnidadRepository(),
        vehiculos=VehiculoRepository(),
        sanciones=SancionRepository(),
        catalogo=CatalogoRepository(),
        **mas,
    )


def montar_fichas() -> FichaService:
    """The same, for requests."""
    return FichaService(pisos=PisoRepository(), personas=PersonaRepository(), exclusiones=ExclusionRepository())


def montar(
    *,
    uow: UnitOfWork,
    cuentas: Cuentas,
    salidas: Salidas,
    solicitudes: Solicitudes,
    reservas: Reservas,
    lecturas: Lecturas,
    cola: Cola,
    importaciones: Importaciones,
    cifras: Cifras,
    custodios: Mapping[str, Custodio],
    guarda: timedelta | None = None,
    zona: ZoneInfo,
) -> Residentes:
    """`guarda`: how long somebody is kept who lives here no more; None: until people decide."""
    residentes, unidades, vehiculos = ResidenteRepository(), UnidadRepository(), VehiculoRepository()
    conteos, permisos = ConteoRepository(), Permisos(residentes=residentes, solicitudes=solicitudes)
    sanciones, catalogo, rotulos = SancionRepository(), CatalogoRepository(), Rotulos()
    padron = Padron(
        unidades=UnidadesDeLote(),
        residentes=ResidentesDeLote(),
        vehiculos=VehiculosDeLote(),
        rotulos=rotulos,
        permisos=permisos,
        solicitudes=solicitudes,
        sanciones=sanciones,
        reservas=reservas,
    )
    servicio = ResidenteService(
        residentes=residentes,
        unidades=unidades,
        vehiculos=vehiculos,
        rotulos=rotulos,
        permisos=permisos,
        cuentas=cuentas,
        salidas=salidas,
        solicitudes=solicitudes,
        lecturas=lecturas,
        catalogo=catalogo,
        uow=uow,
    )
    de_unidades = UnidadService(
        unidades=unidades,
        vehiculos=vehiculos,
        residentes=residentes,
        rotulos=rotulos,
        sanciones=sanciones,
        permisos=permisos,
        solicitudes=solicitudes,
        reservas=reservas,
        uow=uow,
    )
    return Residentes(
        estado=EstadoDeResidentes(
            residentes=servicio,
            catalogo=CatalogoService(catalogo=catalogo, residentes=residentes, reservas=reservas, uow=uow),
            condiciones=CondicionService(
                unidades=unidades, residentes=residentes, permisos=permisos, catalogo=catalogo, uow=uow, zona=zona
            ),
            unidades=de_unidades,
            privacidad=PrivacidadService(
                suprimidos=SuprimidoRepository(),
                supresiones=SupresionRepository(),
                residentes=servicio,
                unidades=de_unidades,
                permisos=permisos,
                solicitudes=solicitudes,
                custodios=custodios,
                guarda=guarda,
                uow=uow,
            ),
            resumen=ResumenService(
                cifra=cifras.encargar("residentes", lambda: conteos.contar(el=hoy(zona))),
                hogares=HogarRepository(),
                zona=zona,
            ),
            exportacion=ExportacionService(residentes=residentes, unidades=unidades, vehiculos=vehiculos),
            importacion=ImportacionService(recepcion=importaciones.recepcion, cola=cola),
            mora=MoraService(
                recepcion=importaciones.recepcion,
                archivos=importaciones.archivos,
                unidades=MoraRepository(),
                permisos=permisos,
                solicitudes=solicitudes,
                uow=uow,
            ),
            sanciones=SancionService(
                sanciones=sanciones, unidades=unidades, permisos=permisos, solicitudes=solicitudes, uow=uow
            ),
        ),
        encargados={
            tipo: importaciones.importador(
                FabricaDelPadron(padron=padron, tipo=tipo), CHOQUES, tipo=tipo, resultado=PadronImportadoOut
            )
            for tipo in (DE_UNIDADES, DE_RESIDENTES)
        },
        deshacedores=dict.fromkeys((DE_UNIDADES, DE_RESIDENTES), padron.deshacedor()),
    )
