"""The FastAPI application without its modules: conventions, documentation. What every test of a router starts from."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware
from starlette.requests import Request

from app.core.config import VERSION
from app.core.http import problems
from app.core.http.dispatch import Despacho
from app.core.http.middleware import LlamadaMiddleware
from app.core.http.route import StrictRoute
from app.core.sealing import Sello
from app.core.versions.objects import Objetos

PREFIJO = "/api/v1"
_ESTATICOS = Path(fastapi_offline.__file__).parent / "static"
_ICONO = "/estaticos/favicon.png"
# The one thing that ReDoc would fetch from elsewhere.
_LOGO_AJENO = "https://cdn.redoc.ly/redoc/logo-mini.svg"
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Mapping[str, Any]]]


def build_application(
    *,
    lifespan: Lifespan,
    routers: Sequence[APIRouter],
    cors_origins: Sequence[str] = (),
    zona: tzinfo = UTC,
    con_documentacion: bool = True,
    hsts: bool = False,
    documentar: Callable[[FastAPI], None] = lambda _: None,
    presentacion: str = "",
    clave: bytes | None = None,
) -> FastAPI:
    """An application with `routers` under `/api/v1`. `lifespan` yields what the modules' dependencies read from
    `request.state`; messages to people give instants in `zona`. `documentar` completes the document,
    which with its pages is served `con_documentacion` only. `hsts`: it is reached over https alone.
    `clave` seals the cursors of lists; without one, only this very application reads those that it gives out."""
    app = FastAPI(
        title="ParkNet",
        version=VERSION,
        summary="Sorteos de parqueaderos que nadie puede amañar y cualquiera puede comprobar.",
        description=presentacion,
        contact={"name": "La administración del conjunto"},
        license_info={"name": "Todos los derechos reservados", "identifier": "LicenseRef-ParkNet"},
        servers=[{"url": "/", "description": "El mismo servidor que entrega este documento."}],
        lifespan=lifespan,
        middleware=[Middleware(LlamadaMiddleware, hsts=hsts, origenes=cors_origins)],
        # It would write what people ask for into spans and logs of its own. See app/core/tracing.py.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        openapi_url=f"{PREFIJO}/openapi.json" if con_documentacion else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_nombre_de_operacion,
    )
    app.router.route_class = StrictRoute
    app.state.zona = zona
    app.state.sello = Sello(clave or secrets.token_bytes(32), "cursores")
    app.state.objetos = Objetos(app.routes)
    problems.instalar(app)
    for router in routers:
        app.include_router(router, prefix=PREFIJO)
    documentar(app)
    app.state.despacho = Despacho(app.routes, app.router.app)
    app.router.middleware_stack = app.state.despacho
    if con_documentacion:
        _documentacion(app)
    return app


def _nombre_de_operacion(ruta: APIRoute) -> str:
    """`sorteo_abrir`: module and function, so that a client's names do not change when a path's spelling does."""
    return f"{ruta.tags[0]}_{ruta.name}" if ruta.tags else ruta.name


def _documentacion(app: FastAPI) -> None:
    """`/docs` and `/redoc` from files of our own: they work without internet, and ask it for nothing where there is."""
    redoc_js = (_ESTATICOS / "redoc.standalone.js").read_text(encoding="utf-8").replace(_LOGO_AJENO, _ICONO)

    async def docs(_: Request) -> HTMLResponse:
        return _cerrada(
            get_swagger_ui_html(
                openapi_url=f"{PREFIJO}/openapi.json",
                title="ParkNet: API",
                swagger_js_url="/estaticos/swagger-ui-bundle.js",
                swagger_css_url="/estaticos/swagger-ui.css",
                swagger_favicon_url=_ICONO,
                swagger_ui_parameters={"validatorUrl": None},
            )
        )

    async def redoc(_: Request) -> HTMLResponse:
        return _cerrada(
            get_redoc_html(
                openapi_url=f"{PREFIJO}/openapi.json",
                title="ParkNet: API",
                redoc_js_url="/estaticos/redoc.standalone.js",
                redoc_favicon_url=_ICONO,
                with_google_fonts=False,
            )
        )

    async def redoc_sin_logo(_: Request) -> Response:
        return Response(redoc_js, media_type="text/javascript")

    app.add_route("/estaticos/redoc.standalone.js", redoc_sin_logo, include_in_schema=False)
    app.mount("/estaticos", StaticFiles(directory=_ESTATICOS), name="estaticos")
    app.add_route("/docs", docs, include_in_schema=False)
    app.add_route("/redoc", redoc, include_in_schema=False)


def _cerrada(pagina: HTMLResponse) -> HTMLResponse:
    """The page, with a policy under which the browser runs its own script and fetches nothing from elsewhere."""
    propios = re.findall(rb"<script>(.*?)</script>", bytes(pagina.body), re.DOTALL)
    huellas = [f" 'sha256-{base64.b64encode(hashlib.sha256(propio).digest()).decode()}'" for propio in propios]
    pagina.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self'{''.join(huellas)}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return pagina
