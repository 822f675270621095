"""Builds the module from what others hand it."""

from collections.abc import Mapping

import attrs

from app.core.builder import Armador
from app.core.clock import ahora
from app.core.config import Settings
from app.core.figures.service import Cifras
from app.core.imports.contract import Deshacedor
from app.core.imports.reception import Recepcion
from app.core.imports.wiring import Importaciones
from app.core.jobs.contract import Cola, Encargado
from app.core.sealing import Precinto, PrecintoDeFilas
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.alta.service import AltaService
from app.modules.solicitudes.archivos.exportacion import ExportacionService
from app.modules.solicitudes.archivos.importacion import (
    CHOQUES,
    DE_UNA_VEZ,
    TIPO,
    DeshacedorDeSolicitudes,
    FabricaDeSolicitudes,
    ImportacionService,
)
from app.modules.solicitudes.decisiones.aprobaciones import Aprobaciones
from app.modules.solicitudes.decisiones.service import DecisionService
from app.modules.solicitudes.espera.service import EsperaService
from app.modules.solicitudes.espera.vigia import VigiaDePlazos
from app.modules.solicitudes.movimientos.marcas import CAMPOS_MARCADOS, DICHOS_AL_JUZGAR, Marcas
from app.modules.solicitudes.movimientos.ports import Bitacora
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.movimientos.suertes import MarcasDeSuertes
from app.modules.solicitudes.ports import Avisos, Espacios, Padron
from app.modules.solicitudes.public import SolicitudesPublicas
from app.modules.solicitudes.resumen.repository import ConteoRepository
from app.modules.solicitudes.resumen.service import ResumenService
from app.modules.solicitudes.schemas import SolicitudesImportadasOut
from app.modules.solicitudes.service import SolicitudService
from app.modules.solicitudes.ventanilla.historia import Historia
from app.modules.solicitudes.ventanilla.public import VentanillaService


@attrs.frozen(kw_only=True)
class Solicitudes:
    """The module as it is built; its endpoints find it in `request.state.solicitudes`. `publico`, `ventanilla` and
    `resumen` are for other modules too, `espera`, `vigia`, `aprobaciones` and `marcas` for the beat, `encargados` does
    its jobs, and `deshacedores` takes back what its imports made."""

    listas: SolicitudService
    altas: AltaService
    decisiones: DecisionService
    aprobaciones: Aprobaciones
    espera: EsperaService
    vigia: VigiaDePlazos
    resumen: ResumenService
    publico: SolicitudesPublicas
    ventanilla: VentanillaService
    marcas: Marcas
    importacion: ImportacionService
    exportacion: ExportacionService
    encargados: Mapping[str, Encargado]
    deshacedores: Mapping[str, Deshacedor]


def montar(
    *,
    settings: Settings,
    uow: UnitOfWork,
    bitacora: Bitacora,
    padron: Padron,
    espacios: Espacios,
    avisos: Avisos,
    cifras: Cifras,
    cola: Cola,
    importaciones: Importaciones,
) -> Solicitudes:
    armador = Armador(
        {
            UnitOfWork: uow,
            Bitacora: bitacora,
            Padron: padron,
            Espacios: espacios,
            Avisos: avisos,
            Cola: cola,
            Recepcion: importaciones.recepcion,
        }
    )
    conteos = armador[ConteoRepository]
    armador.hacer(ResumenService, cifra=cifras.encargar("solicitudes", lambda: conteos.contar(ahora=ahora())))
    precinto = Precinto(settings.clave("clave_sorteo"), "solicitud-publicada", settings.anteriores("clave_sorteo"))
    suertes = MarcasDeSuertes.con(settings.clave("clave_sorteo"), settings.anteriores("clave_sorteo"))
    armador.hacer(Historia, suertes=suertes)
    pedida = Precinto(settings.clave("clave_sorteo"), "solicitud", settings.anteriores("clave_sorteo"))
    marcas = armador.hacer(
        Marcas, precinto=PrecintoDeFilas(precinto=pedida, campos=CAMPOS_MARCADOS, si_dicen=DICHOS_AL_JUZGAR)
    )
    armador.hacer(Precintos, precinto=precinto, suertes=suertes)
    importador = importaciones.importador(
        armador[FabricaDeSolicitudes], CHOQUES, tipo=TIPO, resultado=SolicitudesImportadasOut, de_una_vez=DE_UNA_VEZ
    )
    return armador.hacer(
        Solicitudes, marcas=marcas, encargados={TIPO: importador}, deshacedores={TIPO: armador[DeshacedorDeSolicitudes]}
    )
