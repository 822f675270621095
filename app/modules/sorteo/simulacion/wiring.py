"""Builds the feature's services from what the module hands it."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.jobs.contract import Cola, Encargado
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.ports import Propias, Solicitudes
from app.modules.sorteo.prioridades.evaluador import Evaluador
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.repository import EspacioEnJuegoRepository
from app.modules.sorteo.resultados.repository import ParticipanteRepository
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.simulacion.encargo import Simulador
from app.modules.sorteo.simulacion.repository import EnsayadaRepository, SimulacionRepository
from app.modules.sorteo.simulacion.service import TIPO, SimulacionService


@dataclass(frozen=True, slots=True)
class Simulaciones:
    """`encargados`: who does its job, by `tipo`."""

    servicio: SimulacionService
    encargados: Mapping[str, Encargado]


def montar(
    *,
    servicio: SorteoService,
    evaluador: Evaluador,
    solicitudes: Solicitudes,
    propias: Propias,
    cola: Cola,
    uow: UnitOfWork,
) -> Simulaciones:
    simulaciones, ensayadas = SimulacionRepository(), EnsayadaRepository()
    return Simulaciones(
        servicio=SimulacionService(
            sorteos=servicio,
            prioridades=PrioridadRepository(),
            simulaciones=simulaciones,
            ensayadas=ensayadas,
            solicitudes=solicitudes,
            propias=propias,
            cola=cola,
        ),
        encargados={
            TIPO: Simulador(
                sorteos=servicio,
                en_juego=EspacioEnJuegoRepository(),
                participantes=ParticipanteRepository(),
                simulaciones=simulaciones,
                ensayadas=ensayadas,
                evaluador=evaluador,
                solicitudes=solicitudes,
                uow=uow,
            )
        },
    )
