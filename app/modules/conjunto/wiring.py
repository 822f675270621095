"""Builds the module's service."""

from dataclasses import dataclass

from app.core.config import Settings
from app.database.unit_of_work import UnitOfWork
from app.modules.conjunto.public import ConjuntoService
from app.modules.conjunto.repository import ConjuntoRepository


@dataclass(frozen=True, slots=True)
class EstadoDeConjunto:
    """What the endpoints of the module find in `request.state.conjunto`."""

    servicio: ConjuntoService


def montar(*, settings: Settings, uow: UnitOfWork) -> EstadoDeConjunto:
    servicio = ConjuntoService(
        conjuntos=ConjuntoRepository(), uow=uow, primer_nombre=settings.nombre_conjunto or "ParkNet"
    )
    return EstadoDeConjunto(servicio=servicio)
