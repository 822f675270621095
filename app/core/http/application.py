"""The FastAPI application without its modules: conventions, documentation. What every test of a router starts from."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request

from app.core.http import problems
from app.core.http.middleware import RequestIdMiddleware
from app.core.http.strict_route import StrictRoute

PREFIJO = "/api/v1"
_ESTATICOS = Path(fastapi_offline.__file__).parent / "static"
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Mapping[str, Any]]]


def build_application(*, lifespan: Lifespan, routers: Sequence[APIRouter], cors_origins: Sequence[str] = ()) -> FastAPI:
    """An application with `routers` under `/api/v1`. `lifespan` yields what the modules' dependencies read from
    `request.state`."""
    middleware = [Middleware(RequestIdMiddleware)]
    if cors_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(cors_origins),
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["Location", "X-Request-ID", "Link"],
            )
        )
    app = FastAPI(
        title="ParkNet",
        version="1.0.0",
        description="Sorteos de parqueaderos que nadie puede amañar y cualquiera puede comprobar.",
        lifespan=lifespan,
        middleware=middleware,
        openapi_url=f"{PREFIJO}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_nombre_de_operacion,
    )
    app.router.route_class = StrictRoute
    problems.instalar(app)
    for router in routers:
        app.include_router(router, prefix=PREFIJO)
    _documentacion(app)
    return app


def _nombre_de_operacion(ruta: APIRoute) -> str:
    """`sorteo_abrir`: module and function, so that a client's names do not change when a path's spelling does."""
    return f"{ruta.tags[0]}_{ruta.name}" if ruta.tags else ruta.name


def _documentacion(app: FastAPI) -> None:
    """`/docs` and `/redoc` from files of our own: they work without internet."""
    app.mount("/estaticos", StaticFiles(directory=_ESTATICOS), name="estaticos")

    async def docs(_: Request) -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=f"{PREFIJO}/openapi.json",
            title="ParkNet: API",
            swagger_js_url="/estaticos/swagger-ui-bundle.js",
            swagger_css_url="/estaticos/swagger-ui.css",
            swagger_favicon_url="/estaticos/favicon.png",
        )

    async def redoc(_: Request) -> HTMLResponse:
        return get_redoc_html(
            openapi_url=f"{PREFIJO}/openapi.json",
            title="ParkNet: API",
            redoc_js_url="/estaticos/redoc.standalone.js",
            redoc_favicon_url="/estaticos/favicon.png",
            with_google_fonts=False,
        )

    app.add_route("/docs", docs, include_in_schema=False)
    app.add_route("/redoc", redoc, include_in_schema=False)
