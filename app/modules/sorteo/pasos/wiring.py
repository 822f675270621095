"""Builds the steps of a draw, and what takes them: people's calls, jobs and the beat."""

import attrs

from app.core.config import Settings
from app.core.jobs.contract import Cola
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.advertencias.service import Advertencias
from app.modules.sorteo.anuncios.service import Anuncios
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.pasos.anulacion import AnulacionService
from app.modules.sorteo.pasos.apertura import AperturaService
from app.modules.sorteo.pasos.cierre import CierreService
from app.modules.sorteo.pasos.congelacion import Congelacion
from app.modules.sorteo.pasos.ejecucion import EjecucionService
from app.modules.sorteo.pasos.encargos import EncargosDeSorteo
from app.modules.sorteo.pasos.pruebas import Boveda
from app.modules.sorteo.pasos.publicacion import PublicacionService
from app.modules.sorteo.pasos.reapertura import ReaperturaService
from app.modules.sorteo.pasos.tareas import TareasDeSorteos
from app.modules.sorteo.ports import Auditoria, Cuentas, Padron, Solicitudes
from app.modules.sorteo.prioridades.evaluador import Evaluador
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.repository import (
    ArchivoRepository,
    EspacioEnJuegoRepository,
    SecretoRepository,
    SorteoRepository,
)
from app.modules.sorteo.resultados.repository import ParticipanteRepository, ResultadoRepository
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.toma.copias import CopiaDeSolicitudes
from app.modules.sorteo.toma.service import TomaDeEspacios
from app.modules.sorteo.turnos.repository import TurnoRepository
from app.modules.sorteo.turnos.restos import Restos
from app.modules.sorteo.turnos.service import Turnos


@attrs.frozen
class Pasos:
    apertura: AperturaService
    cierre: CierreService
    reapertura: ReaperturaService
    ejecucion: EjecucionService
    publicacion: PublicacionService
    anulacion: AnulacionService
    encargos: EncargosDeSorteo
    tareas: TareasDeSorteos


def montar_pasos(
    *,
    sorteos: SorteoRepository,
    en_juego: EspacioEnJuegoRepository,
    participantes: ParticipanteRepository,
    resultados: ResultadoRepository,
    archivos: ArchivoRepository,
    espacios: EspacioRepository,
    prioridades: PrioridadRepository,
    asignaciones: AsignacionRepository,
    servicio: SorteoService,
    evaluador: Evaluador,
    advertencias: Advertencias,
    entregas: AsignacionService,
    solicitudes: Solicitudes,
    padron: Padron,
    cuentas: Cuentas,
    custodia: CustodiaService,
    auditoria: Auditoria,
    anuncios: Anuncios,
    cola: Cola,
    settings: Settings,
    uow: UnitOfWork,
) -> Pasos:
    secretos, turno, boveda = (
        SecretoRepository(),
        TurnoRepository(),
        Boveda(settings.clave("clave_sorteo"), settings.anteriores("clave_sorteo")),
    )
    turnos = Turnos(turno)
    restos = Restos(turnos=turno, participantes=participantes, resultados=resultados, archivos=archivos)
    congelacion = Congelacion(
        sorteos=sorteos, participantes=participantes, solicitudes=solicitudes, turnos=turnos, uow=uow
    )
    toma = TomaDeEspacios(sorteos=sorteos, espacios=espacios, en_juego=en_juego, turnos=turnos, uow=uow)
    copias = CopiaDeSolicitudes(solicitudes=solicitudes, turnos=turnos, uow=uow)
    apertura = AperturaService(
        sorteos=sorteos,
        secretos=secretos,
        en_juego=en_juego,
        archivos=archivos,
        prioridades=prioridades,
        servicio=servicio,
        solicitudes=solicitudes,
        boveda=boveda,
        custodia=custodia,
        anuncios=anuncios,
        advertencias=advertencias,
        condiciones=padron,
        turnos=turnos,
        toma=toma,
        copias=copias,
        uow=uow,
    )
    cierre = CierreService(
        sorteos=sorteos,
        en_juego=en_juego,
        participantes=participantes,
        archivos=archivos,
        servicio=servicio,
        evaluador=evaluador,
        solicitudes=solicitudes,
        padron=padron,
        custodia=custodia,
        congelacion=congelacion,
        turnos=turnos,
        restos=restos,
        auditoria=auditoria,
        anuncios=anuncios,
        uow=uow,
    )
    ejecucion = EjecucionService(
        sorteos=sorteos,
        participantes=participantes,
        resultados=resultados,
        archivos=archivos,
        espacios=espacios,
        servicio=servicio,
        custodia=custodia,
        congelacion=congelacion,
        turnos=turnos,
        restos=restos,
        auditoria=auditoria,
        uow=uow,
    )
    publicacion = PublicacionService(
        sorteos=sorteos,
        resultados=resultados,
        espacios=espacios,
        servicio=servicio,
        solicitudes=solicitudes,
        custodia=custodia,
        anuncios=anuncios,
        turnos=turnos,
        uow=uow,
    )
    anulacion = AnulacionService(
        sorteos=sorteos,
        secretos=secretos,
        espacios=espacios,
        servicio=servicio,
        solicitudes=solicitudes,
        cuentas=cuentas,
        boveda=boveda,
        custodia=custodia,
        turnos=turnos,
        toma=toma,
        copias=copias,
        anuncios=anuncios,
        uow=uow,
    )
    reapertura = ReaperturaService(
        sorteos=sorteos,
        servicio=servicio,
        solicitudes=solicitudes,
        custodia=custodia,
        turnos=turnos,
        anuncios=anuncios,
        uow=uow,
    )
    return Pasos(
        apertura=apertura,
        cierre=cierre,
        reapertura=reapertura,
        ejecucion=ejecucion,
        publicacion=publicacion,
        anulacion=anulacion,
        encargos=EncargosDeSorteo(
            servicio=servicio,
            apertura=apertura,
            cierre=cierre,
            reapertura=reapertura,
            ejecucion=ejecucion,
            publicacion=publicacion,
            anulacion=anulacion,
            cola=cola,
        ),
        tareas=TareasDeSorteos(
            sorteos=sorteos,
            asignaciones=asignaciones,
            apertura=apertura,
            cierre=cierre,
            ejecucion=ejecucion,
            publicacion=publicacion,
            anulacion=anulacion,
            entregas=entregas,
            zona=settings.zona,
        ),
    )
