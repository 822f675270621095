"""`/health/live` and `/health/ready`: for whoever keeps the process running."""

from typing import Literal, Protocol, cast

from fastapi import APIRouter, Request

from app.core.dependencies import PUBLICA
from app.core.http.route import StrictRoute
from app.shared.exceptions import NoDisponible
from app.shared.schemas import OutputSchema

router = APIRouter(prefix="/health", tags=["salud"], route_class=StrictRoute)


class Base(Protocol):
    async def responde(self) -> bool: ...


class SaludOut(OutputSchema):
    estado: Literal["ok"]


@router.get("/live", summary="El proceso vive", openapi_extra=PUBLICA)
async def vive() -> SaludOut:
    return SaludOut(estado="ok")


@router.get("/ready", summary="Puede atender", openapi_extra=PUBLICA)
async def lista(request: Request) -> SaludOut:
    """503 while the database does not answer."""
    if not await cast(Base, request.state.base).responde():
        raise NoDisponible()
    return SaludOut(estado="ok")
