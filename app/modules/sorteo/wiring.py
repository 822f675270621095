"""Builds the module's services from what others hand it."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.clock import hoy
from app.core.config import Settings
from app.core.figures.service import Cifras
from app.core.imports.contract import Deshacedor
from app.core.imports.wiring import Importaciones
from app.core.jobs.contract import Cola, Encargado
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo import ports
from app.modules.sorteo.acta.ports import Conjunto
from app.modules.sorteo.acta.wiring import Actas, montar_actas
from app.modules.sorteo.advertencias.service import Advertencias
from app.modules.sorteo.anuncios.recordatorios import Recordatorios
from app.modules.sorteo.anuncios.service import Anuncios
from app.modules.sorteo.asignaciones.ports import Aceptadas
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.wiring import Tenencias, montar_tenencias
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.espacios import importacion as importacion_de_espacios
from app.modules.sorteo.espacios.ports import Ofertas
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.espacios.service import EspacioService
from app.modules.sorteo.garantes.repository import GaranteRepository
from app.modules.sorteo.garantes.service import GaranteService
from app.modules.sorteo.pasos.tareas import TareasDeSorteos
from app.modules.sorteo.pasos.wiring import Pasos, montar_pasos
from app.modules.sorteo.prioridades.evaluador import Evaluador
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.prioridades.service import PrioridadService
from app.modules.sorteo.public import CabezasPublicadas
from app.modules.sorteo.repository import ArchivoRepository, EspacioEnJuegoRepository, SorteoRepository
from app.modules.sorteo.resultados.exportacion import ExportacionService
from app.modules.sorteo.resultados.repository import ParticipanteRepository, ResultadoRepository
from app.modules.sorteo.resultados.service import ResultadosService
from app.modules.sorteo.resumen.repository import BreveRepository
from app.modules.sorteo.resumen.service import ResumenService
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.simulacion import wiring as simulaciones
from app.modules.sorteo.simulacion.service import SimulacionService
from app.modules.sorteo.tablero.service import TableroService


@dataclass(frozen=True, slots=True)
class EstadoDeSorteo:
    """What the endpoints of the module find in `request.state.sorteo`."""

    sorteos: SorteoService
    espacios: EspacioService
    tablero: TableroService
    importacion_de_espacios: importacion_de_espacios.ImportacionDeEspaciosService
    prioridades: PrioridadService
    pasos: Pasos
    resultados: ResultadosService
    tenencias: Tenencias
    actas: Actas
    garantes: GaranteService
    exportaciones: ExportacionService
    simulacion: SimulacionService


@dataclass(frozen=True, slots=True)
class Sorteos:
    """`deshacedores`: who takes back what its imports made. `tareas` and `recordatorios`: what the beat does."""

    estado: EstadoDeSorteo
    encargados: Mapping[str, Encargado]
    deshacedores: Mapping[str, Deshacedor]
    resumen: ResumenService
    tareas: TareasDeSorteos
    recordatorios: Recordatorios
    cabezas: CabezasPublicadas


def montar(
    *,
    settings: Settings,
    uow: UnitOfWork,
    solicitudes: ports.Solicitudes,
    propias: ports.Propias,
    listado: ports.Listado,
    ofertas: Ofertas,
    salidas: Aceptadas,
    padron: ports.Padron,
    cuentas: ports.Cuentas,
    auditoria: ports.Auditoria,
    custodia: CustodiaService,
    bitacora: ports.Bitacora,
    cola: Cola,
    importaciones: Importaciones,
    avisos: ports.Avisos,
    conjunto: Conjunto,
    cifras: Cifras,
) -> Sorteos:
    zona, sorteos, archivos = settings.zona, SorteoRepository(), ArchivoRepository()
    en_juego, participantes, resultados = EspacioEnJuegoRepository(), ParticipanteRepository(), ResultadoRepository()
    espacios, prioridades, asignaciones = EspacioRepository(), PrioridadRepository(), AsignacionRepository()
    de_espacios = importacion_de_espacios.montar(importaciones, espacios=espacios, condiciones=padron, cola=cola)
    anuncios = Anuncios(avisos=avisos)
    tenencias = montar_tenencias(
        asignaciones=asignaciones,
        espacios=espacios,
        en_juego=en_juego,
        solicitudes=salidas,
        padron=padron,
        propias=propias,
        avisos=avisos,
        uow=uow,
        zona=zona,
    )
    evaluador = Evaluador(sorteos=sorteos, asignaciones=asignaciones, solicitudes=solicitudes, padron=padron, zona=zona)
    advertencias = Advertencias(padron=padron, evaluador=evaluador, zona=zona)
    sorteo = SorteoService(
        sorteos=sorteos,
        espacios=espacios,
        prioridades=prioridades,
        solicitudes=solicitudes,
        advertencias=advertencias,
        uow=uow,
        zona=zona,
    )
    pasos = montar_pasos(
        sorteos=sorteos,
        en_juego=en_juego,
        participantes=participantes,
        resultados=resultados,
        archivos=archivos,
        espacios=espacios,
        prioridades=prioridades,
        asignaciones=asignaciones,
        servicio=sorteo,
        evaluador=evaluador,
        advertencias=advertencias,
        entregas=tenencias.asignaciones,
        solicitudes=solicitudes,
        padron=padron,
        cuentas=cuentas,
        custodia=custodia,
        auditoria=auditoria,
        anuncios=anuncios,
        cola=cola,
        settings=settings,
        uow=uow,
    )
    consulta = ResultadosService(
        sorteos=sorteo,
        en_juego=en_juego,
        participantes=participantes,
        resultados=resultados,
        archivos=archivos,
        evaluador=evaluador,
        solicitudes=solicitudes,
        padron=padron,
        propias=propias,
        auditoria=auditoria,
        custodia=custodia,
    )
    simulacion = simulaciones.montar(
        servicio=sorteo, evaluador=evaluador, solicitudes=solicitudes, propias=propias, cola=cola, uow=uow
    )
    contados = cifras.encargar("espacios", lambda: espacios.contar(el=hoy(zona)))
    actas = montar_actas(
        sorteos=sorteos,
        servicio=sorteo,
        consulta=consulta,
        bitacora=bitacora,
        conjunto=conjunto,
        padron=padron,
        asignaciones=asignaciones,
        listado=listado,
        anuncios=anuncios,
        settings=settings,
        uow=uow,
    )
    servicios = EstadoDeSorteo(
        sorteos=sorteo,
        pasos=pasos,
        espacios=EspacioService(espacios=espacios, padron=padron, ofertas=ofertas, uow=uow, cifra=contados),
        tablero=TableroService(asignaciones=asignaciones, padron=padron),
        importacion_de_espacios=de_espacios,
        prioridades=PrioridadService(prioridades=prioridades, condiciones=padron, uow=uow),
        resultados=consulta,
        exportaciones=ExportacionService(servicio=consulta, resultados=resultados, solicitudes=listado, padron=padron),
        tenencias=tenencias,
        actas=actas,
        garantes=GaranteService(
            garantes=GaranteRepository(), sorteos=sorteo, custodia=custodia, uow=uow, url_publica=settings.url
        ),
        simulacion=simulacion.servicio,
    )
    return Sorteos(
        estado=servicios,
        encargados={**pasos.encargos.encargados(), **simulacion.encargados, **de_espacios.encargados},
        deshacedores=de_espacios.deshacedores,
        resumen=ResumenService(sorteos=BreveRepository(), zona=zona),
        tareas=pasos.tareas,
        recordatorios=Recordatorios(
            sorteos=sorteos, asignaciones=asignaciones, solicitudes=solicitudes, anuncios=anuncios, uow=uow, zona=zona
        ),
        cabezas=CabezasPublicadas(sorteos=sorteos),
    )
