"""Builds the module's services from what others hand it."""

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

import attrs

from app.core.builder import Armador
from app.core.clock import hoy
from app.core.figures.service import Cifras
from app.core.imports.contract import Deshacedor
from app.core.imports.reception import Recepcion
from app.core.imports.wiring import Importaciones
from app.core.jobs.contract import Archivos, Cola, Encargado
from app.database.unit_of_work import UnitOfWork
from app.modules.residentes.catalogo.service import CatalogoService
from app.modules.residentes.condiciones.service import CondicionService
from app.modules.residentes.exportacion.service import ExportacionService
from app.modules.residentes.hechos import DichosDelPadron, MarcasDelPadron
from app.modules.residentes.importacion.deshacer import DeshacedorDelPadron
from app.modules.residentes.importacion.repository import CHOQUES
from app.modules.residentes.importacion.service import (
    DE_RESIDENTES,
    DE_UNIDADES,
    FabricaDelPadron,
    ImportacionService,
    Padron,
)
from app.modules.residentes.mora.service import MoraService
from app.modules.residentes.ports import Cuentas, Custodio, Lecturas, Reservas, Solicitudes
from app.modules.residentes.privacidad.service import PrivacidadService
from app.modules.residentes.resumen.repository import ConteoRepository
from app.modules.residentes.resumen.service import ResumenService
from app.modules.residentes.sanciones.service import SancionService
from app.modules.residentes.schemas import PadronImportadoOut
from app.modules.residentes.service import ResidenteService
from app.modules.residentes.unidades.service import UnidadService


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


def montar(
    *,
    marcas: MarcasDelPadron,
    dichos: DichosDelPadron,
    uow: UnitOfWork,
    cuentas: Cuentas,
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
    armador = Armador(
        {
            MarcasDelPadron: marcas,
            DichosDelPadron: dichos,
            UnitOfWork: uow,
            ZoneInfo: zona,
            Cola: cola,
            Cuentas: cuentas,
            Solicitudes: solicitudes,
            Reservas: reservas,
            Lecturas: lecturas,
            Recepcion: importaciones.recepcion,
            Archivos: importaciones.archivos,
        }
    )
    conteos, padron = armador[ConteoRepository], armador[Padron]
    armador.hacer(ResumenService, cifra=cifras.encargar("residentes", lambda: conteos.contar(el=hoy(zona))))
    armador.hacer(PrivacidadService, custodios=custodios, guarda=guarda)
    return Residentes(
        estado=armador[EstadoDeResidentes],
        encargados={
            tipo: importaciones.importador(
                FabricaDelPadron(padron=padron, tipo=tipo), CHOQUES, tipo=tipo, resultado=PadronImportadoOut
            )
            for tipo in (DE_UNIDADES, DE_RESIDENTES)
        },
        deshacedores=dict.fromkeys((DE_UNIDADES, DE_RESIDENTES), armador[DeshacedorDelPadron]),
    )
