"""The whole application as it is wired, on the embedded server, started once; and a small world in it."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pydantic import SecretStr
from starlette.types import ASGIApp

from app.core import clock
from app.core.config import Settings
from app.main import create_app
from app.wiring.documents import DOCUMENTOS
from tests.api.mundo import CLAVE, CORREO_ADMIN, Mundo, construir
from tests.bases import reapuntar
from tests.conftest import Reloj
from tests.veracidad import Veracidad

BASE = "pruebas_api"
_escrito: list[tuple[dict[str, Any], Any, Any, Veracidad]] = []
"""The document, its examples, the tree of routes, and who holds answers against the document: of all these
applications the same, and the longest of what each would do."""


@dataclass(frozen=True)
class Aplicacion:
    app: FastAPI
    directa: ASGIApp
    """The same application for who speaks ASGI to it, as a server does."""
    cliente: httpx.AsyncClient
    base: "AsyncIOMotorDatabase[dict[str, Any]]"
    suya: "AsyncIOMotorDatabase[dict[str, Any]]"
    """The same database by the application's own client, whose transactions its documents must be in."""
    reloj: Reloj
    ajustes: Settings

    async def digesto(self) -> str:
        """Changes with any document of any collection, but for the audit's: what was refused may stand there too."""
        colecciones = (await self.base.command("dbHash"))["collections"]
        return str({nombre: md5 for nombre, md5 in colecciones.items() if not nombre.startswith("auditoria")})

    def base_propia(self) -> None:
        """Other tests, and other applications, may have pointed the documents at a database of theirs."""
        reapuntar(DOCUMENTOS, self.suya)


def hecha(nombre: str, servidor: str, datos: Path, *, cuotas: float = 0, trabajos: int = 0) -> tuple[FastAPI, Settings]:
    """The application on a database of that name, not yet started, and its settings."""
    ajustes = Settings(
        _env_file=None,
        data_dir=datos,
        mongodb_uri=SecretStr(servidor),
        mongodb_db=nombre,
        bcrypt_cost=4,
        admin_email=CORREO_ADMIN,
        admin_password=SecretStr(CLAVE),
        latido_segundos=0,
        cuotas=cuotas,
        # What nobody waits for is done behind the back of a test that compares the world with what it was.
    ).model_copy(update={"trabajos_a_la_vez": trabajos})
    raiz = logging.getLogger()
    manejadores, nivel = list(raiz.handlers), raiz.level
    app = create_app(ajustes)
    # Starting sets up the logs of the process, and these are pytest's.
    raiz.handlers[:] = manejadores
    raiz.setLevel(nivel)
    despacho = app.state.despacho
    if not _escrito:
        _escrito.append((app.openapi(), app.state.ejemplos, despacho._raiz, Veracidad(app)))
    documento, app.state.ejemplos, vars(despacho)["_raiz"], _ = _escrito[0]
    app.openapi = lambda: documento  # type: ignore[method-assign]
    return app, ajustes


def cliente_de(directa: ASGIApp) -> httpx.AsyncClient:
    """Each answer of such an application is held against the document."""
    transporte = httpx.ASGITransport(app=directa, raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transporte, base_url="http://parknet", event_hooks={"response": [_escrito[0][-1]]}
    )


@asynccontextmanager
async def aplicacion_en(
    nombre: str,
    servidor: str,
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
    datos: Path,
    *,
    cuotas: float = 0,
    trabajos: int = 0,
) -> AsyncIterator[Aplicacion]:
    """The application on a database of that name. `trabajos`: how many jobs it does at once."""
    app, ajustes = hecha(nombre, servidor, datos, cuotas=cuotas, trabajos=trabajos)
    async with (
        LifespanManager(app, startup_timeout=None, shutdown_timeout=None) as gestor,
        cliente_de(gestor.app) as cliente,
    ):
        yield Aplicacion(
            app=app,
            directa=gestor.app,
            cliente=cliente,
            base=cliente_mongo[nombre],
            suya=cast("AsyncIOMotorDatabase[dict[str, Any]]", DOCUMENTOS[0].get_settings().motor_db),
            reloj=Reloj(),
            ajustes=ajustes,
        )


@pytest.fixture(scope="session")
async def aplicacion(
    servidor: str,
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Aplicacion]:
    async with aplicacion_en(BASE, servidor, cliente_mongo, tmp_path_factory.mktemp("datos")) as abierta:
        yield abierta


@pytest.fixture(scope="session")
async def _mundo(aplicacion: Aplicacion) -> Mundo:
    aplicacion.base_propia()
    clock.usar_fuente(lambda: aplicacion.reloj.instante)
    return await construir(aplicacion.cliente, aplicacion.reloj)


@pytest.fixture(autouse=True)
def _la_hora_del_mundo(aplicacion: Aplicacion) -> Iterator[None]:
    clock.usar_fuente(lambda: aplicacion.reloj.instante)
    yield
    clock.usar_fuente(None)


@pytest.fixture(scope="module")
async def otra(
    request: pytest.FixtureRequest,
    servidor: str,
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Aplicacion]:
    """An application of the module's own, on a database of its own: its tests go by its clock with `_su_hora`."""
    nombre = f"pruebas_{Path(request.path).stem.removeprefix('test_')}"
    async with aplicacion_en(nombre, servidor, cliente_mongo, tmp_path_factory.mktemp(nombre)) as abierta:
        yield abierta


@pytest.fixture
def _su_hora(_la_hora_del_mundo: None, otra: Aplicacion) -> Iterator[None]:
    clock.usar_fuente(lambda: otra.reloj.instante)
    yield
    clock.usar_fuente(None)


@pytest.fixture
def mundo(aplicacion: Aplicacion, _mundo: Mundo) -> Mundo:
    aplicacion.base_propia()
    return _mundo
