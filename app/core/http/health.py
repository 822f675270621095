"""`/health/live` and `/health/ready`: for whoever keeps the process running. They answer before anything else does."""

from typing import Literal, Protocol, cast

from fastapi import APIRouter, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.dependencies import PUBLICA
from app.core.http.problems import problema
from app.core.http.route import StrictRoute
from app.core.opening import Apertura
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
    base = cast(Base | None, getattr(request.state, "base", None))
    if base is None or not await base.responde():
        raise NoDisponible()
    return SaludOut(estado="ok")


class AperturaMiddleware:
    """503 to all else while what it needs is being opened (`state.apertura`), and then hands on what was opened."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        apertura = cast(Apertura | None, scope.get("state", {}).get("apertura"))
        if scope["type"] == "http" and apertura is not None and apertura.tarde:
            if apertura.estado is not None:
                scope["state"].update(apertura.estado)
            elif not scope["path"].startswith(router.prefix + "/"):
                error = NoDisponible()
                respuesta = problema(
                    Request(scope), status=error.status, codigo=error.codigo, cabeceras=error.cabeceras
                )
                await respuesta(scope, receive, send)
                return
        await self.app(scope, receive, send)
