"""Builds the module's services from what others hand it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import attrs

from app.core.builder import Armador
from app.core.clock import hoy
from app.core.config import Settings
from app.core.figures.service import Cifras
from app.core.imports.contract import Deshacedor
from app.core.imports.wiring import Importaciones
from app.core.jobs.contract import Cola, Encargado
from app.core.sealing import Sello
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo import ports
from app.modules.sorteo.acta.expediente import ExpedienteService
from app.modules.sorteo.acta.ports import Conjunto
from app.modules.sorteo.acta.service import ActaService
from app.modules.sorteo.anuncios.recordatorios import Recordatorios
from app.modules.sorteo.asignaciones.derechos import Derechos
from app.modules.sorteo.asignaciones.exportacion import ExportacionDeAsignaciones
from app.modules.sorteo.asignaciones.marcas import MarcasDeAsignaciones
from app.modules.sorteo.asignaciones.ports import Aceptadas
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.modules.sorteo.asignaciones.vigia import VigiaDeAsignaciones, VigiaDeTerminadas
from app.modules.sorteo.custodia.dichos import DichosDeSorteo
from app.modules.sorteo.custodia.marcas import MarcasDeSorteo
from app.modules.sorteo.custodia.ports import Bitacora, Ventanillas
from app.modules.sorteo.espacios import importacion as importacion_de_espacios
from app.modules.sorteo.espacios.ports import Ofertas
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.espacios.service import EspacioService
from app.modules.sorteo.espacios.vigia import VigiaDeEspacios
from app.modules.sorteo.figuras.enlaces import EnlacesDeFiguras
from app.modules.sorteo.figuras.service import FigurasService
from app.modules.sorteo.garantes.service import GaranteService
from app.modules.sorteo.pasos.anulacion import AnulacionService
from app.modules.sorteo.pasos.apertura import AperturaService
from app.modules.sorteo.pasos.cierre import CierreService
from app.modules.sorteo.pasos.ejecucion import EjecucionService
from app.modules.sorteo.pasos.encargos import EncargosDeSorteo
from app.modules.sorteo.pasos.pruebas import Boveda
from app.modules.sorteo.pasos.publicacion import PublicacionService
from app.modules.sorteo.pasos.reapertura import ReaperturaService
from app.modules.sorteo.pasos.tareas import TareasDeSorteos
from app.modules.sorteo.permutas.service import PermutaService
from app.modules.sorteo.porteria.service import PorteriaService
from app.modules.sorteo.prioridades.service import PrioridadService
from app.modules.sorteo.public import CabezasPublicadas
from app.modules.sorteo.reclamos.service import ReclamoService
from app.modules.sorteo.resultados.exportacion import ExportacionService
from app.modules.sorteo.resultados.service import ResultadosService
from app.modules.sorteo.resumen.service import ResumenService
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.simulacion.encargo import Simulador
from app.modules.sorteo.simulacion.service import TIPO as SIMULAR
from app.modules.sorteo.simulacion.service import SimulacionService
from app.modules.sorteo.tablero.service import TableroService
from app.modules.sorteo.toma.ocupaciones import Ocupaciones
from app.modules.sorteo.toma.ports import Guardadas


@attrs.frozen
class EstadoDeSorteo:
    """What the endpoints of the module find in `request.state.sorteo`."""

    sorteos: SorteoService
    espacios: EspacioService
    tablero: TableroService
    importacion_de_espacios: importacion_de_espacios.ImportacionDeEspaciosService
    prioridades: PrioridadService
    apertura: AperturaService
    cierre: CierreService
    reapertura: ReaperturaService
    ejecucion: EjecucionService
    publicacion: PublicacionService
    anulacion: AnulacionService
    encargos: EncargosDeSorteo
    resultados: ResultadosService
    exportacion_de_resultados: ExportacionService
    asignaciones: AsignacionService
    exportacion_de_asignaciones: ExportacionDeAsignaciones
    permutas: PermutaService
    porteria: PorteriaService
    actas: ActaService
    expedientes: ExpedienteService
    reclamos: ReclamoService
    figuras: FigurasService
    enlaces_de_figuras: EnlacesDeFiguras
    garantes: GaranteService
    simulacion: SimulacionService


@attrs.frozen
class Sorteos:
    """`deshacedores`: who takes back what its imports made. `tareas`, `vigias`,
    `recordatorios`: of the beat."""

    estado: EstadoDeSorteo
    encargados: Mapping[str, Encargado]
    deshacedores: Mapping[str, Deshacedor]
    resumen: ResumenService
    tareas: TareasDeSorteos
    vigias: Sequence[Callable[[], Awaitable[None]]]
    recordatorios: Recordatorios
    cabezas: CabezasPublicadas


class Ventanilla(ports.Solicitudes, Ventanillas, Protocol):
    """Where requests for a draw come in, as its steps ask."""


class DeSolicitudes(ports.Propias, ports.Listado, Aceptadas, Ofertas, Guardadas, Protocol):
    """What everybody else asks about requests."""


def hacer_marcas(settings: Settings) -> dict[type, Any]:
    """What makes the marks of rows, under the key of draws."""
    clave, anteriores = settings.clave("clave_sorteo"), settings.anteriores("clave_sorteo")
    return {
        MarcasDeAsignaciones: MarcasDeAsignaciones.con(clave, anteriores),
        MarcasDeSorteo: MarcasDeSorteo.con(clave, anteriores),
    }


def montar(
    *,
    marcas: Mapping[type, Any],
    settings: Settings,
    uow: UnitOfWork,
    ventanilla: Ventanilla,
    solicitudes: DeSolicitudes,
    padron: ports.Padron,
    cuentas: ports.Cuentas,
    auditoria: ports.Auditoria,
    bitacora: Bitacora,
    cola: Cola,
    importaciones: Importaciones,
    avisos: ports.Avisos,
    conjunto: Conjunto,
    cifras: Cifras,
) -> Sorteos:
    zona, url = settings.zona, settings.url
    clave, anteriores = settings.clave("clave_sorteo"), settings.anteriores("clave_sorteo")
    armador = Armador(
        {
            UnitOfWork: uow,
            ZoneInfo: zona,
            Cola: cola,
            Ventanilla: ventanilla,
            DeSolicitudes: solicitudes,
            ports.Padron: padron,
            ports.Cuentas: cuentas,
            ports.Auditoria: auditoria,
            ports.Avisos: avisos,
            Bitacora: bitacora,
            Conjunto: conjunto,
            **marcas,
        }
    )
    armador.hacer(Boveda, clave=clave, anteriores=anteriores)
    # Pseudonyms and links are under keys made from that of draws.
    armador.hacer(FigurasService, clave=clave)
    armador.hacer(EnlacesDeFiguras, sello=Sello(clave, "figuras", anteriores), url=url)
    armador.hacer(ActaService, url=url)
    armador.hacer(GaranteService, url_publica=url)
    espacios = armador[EspacioRepository]
    reclamos = armador[Ocupaciones]
    armador.hacer(Derechos, reclamos=reclamos)
    cifra = cifras.encargar("espacios", lambda: espacios.contar(el=hoy(zona)))
    armador.hacer(EspacioService, cifra=cifra, reclamos=reclamos)
    dichos = armador[DichosDeSorteo]
    de_espacios = importacion_de_espacios.montar(
        importaciones, espacios=espacios, condiciones=padron, dichos=dichos, cola=cola
    )
    servicios = armador.hacer(EstadoDeSorteo, importacion_de_espacios=de_espacios)
    return Sorteos(
        estado=servicios,
        encargados={**servicios.encargos.encargados(), SIMULAR: armador[Simulador], **de_espacios.encargados},
        deshacedores=de_espacios.deshacedores,
        resumen=armador[ResumenService],
        tareas=armador[TareasDeSorteos],
        vigias=[armador[clase].vigilar for clase in (VigiaDeAsignaciones, VigiaDeTerminadas, VigiaDeEspacios)],
        recordatorios=armador[Recordatorios],
        cabezas=armador[CabezasPublicadas],
    )
