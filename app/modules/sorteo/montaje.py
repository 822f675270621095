"""Builds the module's services from what others hand it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from app.core.config import Settings
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.anulacion import AnulacionService
from app.modules.sorteo.asignaciones.registro import RegistroDeEspacios
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.service import AsignacionService, FinDeAsignacion
from app.modules.sorteo.boveda import Boveda
from app.modules.sorteo.cierre import CierreService
from app.modules.sorteo.consulta import ConsultaService
from app.modules.sorteo.dependencies import ServiciosDeSorteo
from app.modules.sorteo.ejecucion import EjecucionService
from app.modules.sorteo.espacios.ports import Unidades
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.espacios.service import EspacioService
from app.modules.sorteo.evaluaciones import Evaluador
from app.modules.sorteo.ports import Cuentas, Padron, Propias, Solicitudes
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.prioridades.service import PrioridadService
from app.modules.sorteo.publicacion import PublicacionService
from app.modules.sorteo.repository import (
    ArchivoRepository,
    EspacioEnJuegoRepository,
    ParticipanteRepository,
    ResultadoRepository,
    SecretoRepository,
    SorteoRepository,
)
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.tareas import TareasDeSorteos
from app.modules.sorteo.turnos import Turnos


class PadronDeSorteo(Padron, Unidades, Protocol):
    """What draws, and what spaces, ask about flats: one answers both."""


@dataclass(frozen=True, slots=True)
class Sorteos:
    """`estado`: what its endpoints find in `request.state`. `tareas`: what the beat does."""

    estado: Mapping[str, Any]
    tareas: TareasDeSorteos


def montar_registro(settings: Settings) -> RegistroDeEspacios:
    """What requests ask about spaces, and they are built before the rest of this module."""
    return RegistroDeEspacios(
        espacios=EspacioRepository(),
        en_juego=EspacioEnJuegoRepository(),
        asignaciones=AsignacionRepository(),
        zona=settings.zona,
    )


def montar(
    *,
    settings: Settings,
    uow: UnitOfWork,
    solicitudes: Solicitudes,
    propias: Propias,
    salidas: FinDeAsignacion,
    padron: PadronDeSorteo,
    cuentas: Cuentas,
) -> Sorteos:
    zona = settings.zona
    sorteos, secretos = SorteoRepository(), SecretoRepository()
    en_juego, participantes = EspacioEnJuegoRepository(), ParticipanteRepository()
    resultados, archivos = ResultadoRepository(), ArchivoRepository()
    espacios, prioridades, asignaciones = EspacioRepository(), PrioridadRepository(), AsignacionRepository()
    boveda = Boveda(settings.clave("clave_sorteo"))
    turnos = Turnos(sorteos)
    evaluador = Evaluador(sorteos=sorteos, asignaciones=asignaciones, solicitudes=solicitudes, padron=padron, zona=zona)
    sorteo = SorteoService(
        sorteos=sorteos,
        secretos=secretos,
        en_juego=en_juego,
        archivos=archivos,
        espacios=espacios,
        prioridades=prioridades,
        solicitudes=solicitudes,
        boveda=boveda,
        uow=uow,
    )
    servicios = ServiciosDeSorteo(
        sorteos=sorteo,
        cierre=CierreService(
            sorteos=sorteos,
            en_juego=en_juego,
            participantes=participantes,
            archivos=archivos,
            consulta=sorteo,
            evaluador=evaluador,
            solicitudes=solicitudes,
            padron=padron,
            turnos=turnos,
            uow=uow,
        ),
        ejecucion=EjecucionService(
            sorteos=sorteos,
            secretos=secretos,
            participantes=participantes,
            resultados=resultados,
            archivos=archivos,
            consulta=sorteo,
            boveda=boveda,
            turnos=turnos,
        ),
        publicacion=PublicacionService(
            sorteos=sorteos,
            resultados=resultados,
            espacios=espacios,
            consulta=sorteo,
            solicitudes=solicitudes,
            turnos=turnos,
            uow=uow,
        ),
        anulacion=AnulacionService(
            sorteos=sorteos,
            secretos=secretos,
            espacios=espacios,
            consulta=sorteo,
            solicitudes=solicitudes,
            cuentas=cuentas,
            boveda=boveda,
            turnos=turnos,
            uow=uow,
        ),
        consulta=ConsultaService(
            sorteos=sorteo,
            en_juego=en_juego,
            participantes=participantes,
            resultados=resultados,
            archivos=archivos,
            evaluador=evaluador,
            solicitudes=solicitudes,
            padron=padron,
            propias=propias,
        ),
        asignaciones=AsignacionService(
            asignaciones=asignaciones,
            espacios=espacios,
            solicitudes=salidas,
            padron=padron,
            propias=propias,
            uow=uow,
            zona=zona,
        ),
    )
    tareas = TareasDeSorteos(
        sorteos=sorteos,
        asignaciones=asignaciones,
        apertura=sorteo,
        cierre=servicios.cierre,
        ejecucion=servicios.ejecucion,
        publicacion=servicios.publicacion,
        anulacion=servicios.anulacion,
        entregas=servicios.asignaciones,
        zona=zona,
    )
    estado = {
        "espacios": EspacioService(espacios, uow, unidades=padron),
        "prioridades": PrioridadService(prioridades, uow),
        "sorteo": servicios,
    }
    return Sorteos(estado=estado, tareas=tareas)
