"""The services of this module, as the lifespan put them in `request.state`."""

from typing import Annotated, cast

from fastapi import Depends, Query, Request

from app.modules.auditoria.schemas import FORMA_DE_CABEZA
from app.modules.auditoria.service import AuditoriaService


async def _auditoria(request: Request) -> AuditoriaService:
    return cast(AuditoriaService, request.state.auditoria)


AuditoriaServiceDep = Annotated[AuditoriaService, Depends(_auditoria)]
CabezaDep = Annotated[
    str | None,
    Query(pattern=FORMA_DE_CABEZA, description="`n:mac` que alguien guardó: la cadena debe contenerla todavía."),
]
