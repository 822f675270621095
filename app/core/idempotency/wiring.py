"""Builds the module's services. What needs them finds them in `request.state`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.core.idempotency.repository import CandadoRepository, ParteRepository, RespuestaRepository
from app.core.idempotency.service import SE_GUARDA, CandadoService, RespuestaService
from app.database.unit_of_work import UnitOfWork


def montar(*, uow: UnitOfWork, guarda: timedelta = SE_GUARDA) -> Mapping[str, Any]:
    """`uow` stands beside the services, because an answer is kept in the transaction of the operation that gives it.
    `guarda`: for how long an answer is kept."""
    return {
        "uow": uow,
        "respuestas": RespuestaService(respuestas=RespuestaRepository(), partes=ParteRepository(), guarda=guarda),
        "candados": CandadoService(CandadoRepository()),
    }
