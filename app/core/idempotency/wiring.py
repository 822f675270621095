"""Builds the module's services. What needs them finds them in `request.state`."""

from collections.abc import Mapping
from typing import Any

from app.core.idempotency.repository import CandadoRepository, ParteRepository, RespuestaRepository
from app.core.idempotency.service import CandadoService, RespuestaService
from app.database.unit_of_work import UnitOfWork


def montar(*, uow: UnitOfWork) -> Mapping[str, Any]:
    """`uow` goes with them: what they keep stands or falls with the operation that it belongs to."""
    return {
        "uow": uow,
        "respuestas": RespuestaService(respuestas=RespuestaRepository(), partes=ParteRepository()),
        "candados": CandadoService(CandadoRepository()),
    }
