"""For whoever keeps the process running: `/health/live` and `/health/ready`, which answer before anything else does,
and `/metrics`."""

import hmac
import ipaddress
from typing import Literal, Protocol, cast

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from app.core import metrics
from app.core.config import VERSION
from app.core.dependencies import PUBLICA
from app.core.http.problems import problema
from app.core.http.route import StrictRoute
from app.core.shutdown import se_va
from app.shared.exceptions import NoDisponible
from app.shared.schemas import OutputSchema

_REENVIADA = ("x-forwarded-for", "forwarded", "x-real-ip")
router = APIRouter(prefix="/health", tags=["salud"], route_class=StrictRoute)


class Base(Protocol):
    async def responde(self) -> bool: ...


class SaludOut(OutputSchema):
    estado: Literal["ok"]
    version: str


@router.get("/live", summary="El proceso vive", openapi_extra=PUBLICA)
async def vive() -> SaludOut:
    return SaludOut(estado="ok", version=VERSION)


@router.get("/ready", summary="Puede atender", openapi_extra=PUBLICA)
async def lista(request: Request) -> SaludOut:
    """503 while the database does not answer, and from when this process was told to stop."""
    base = cast(Base | None, getattr(request.state, "base", None))
    if base is None or se_va(request.scope["state"]) or not await base.responde():
        raise NoDisponible()
    return SaludOut(estado="ok", version=VERSION)


def ruta_de_metricas(token: str | None) -> Route:
    """`/metrics`, for Prometheus: from this machine, or with `token`. Anybody else gets a 404."""

    async def metricas(request: Request) -> Response:
        if not _puede(request, token):
            raise HTTPException(404)
        hay_base = await cast(Base, request.state.base).responde()
        pagina, tipo = await metrics.escribir(cast(metrics.Colas, request.state.colas), hay_base=hay_base)
        return Response(pagina, media_type=tipo)

    return Route("/metrics", metricas, include_in_schema=False)


def _puede(request: Request, token: str | None) -> bool:
    """Whether the caller may read the metrics. A call that a proxy on this machine hands on comes from elsewhere,
    whatever its address."""
    esquema, _, dado = request.headers.get("authorization", "").partition(" ")
    if token is not None and esquema.lower() == "bearer":
        return hmac.compare_digest(dado.strip().encode(), token.encode())
    if request.client is None or any(nombre in request.headers for nombre in _REENVIADA):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def por_abrir(scope: Scope) -> Response | None:
    """The answer while the database is being opened; None for the paths that tell of this process alone."""
    if scope["path"].startswith(router.prefix + "/"):
        return None
    error = NoDisponible()
    return problema(Request(scope), status=error.status, codigo=error.codigo, cabeceras=error.cabeceras)
