"""Databases, clock and HTTP client for every test.

`base_simulada` is mongomock: milliseconds, for the rules of services. `base_real` is the embedded server: transactions,
partial indexes, races, routers. A folder of tests narrows `documentos` to its own module, so that no other is needed.
"""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from beanie import Document, init_beanie
from fastapi import APIRouter, FastAPI
from mongomock_motor import AsyncMongoMockClient
from motor.motor_asyncio import AsyncIOMotorClient

from app.core import clock
from app.core.acts.contract import fuera_del_acto
from app.core.http.application import build_application
from app.core.openapi.words import documentar
from app.core.quotas.contract import SinCuotas
from app.database.collections import BaseDeDatos
from app.database.embedded import EmbeddedMongo
from app.database.mongodb import OPCIONES
from app.database.unit_of_work import MongoUnitOfWork, T, Trabajo, UnitOfWork
from tests.mongomock_parcial import completar_mongomock
from tests.veracidad import veracidad_de

completar_mongomock()
INICIO = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


class Reloj:
    """The clock that tests move."""

    def __init__(self) -> None:
        self.instante = INICIO

    def avanzar(self, **cuanto: float) -> datetime:
        self.instante += timedelta(**cuanto)
        return self.instante

    def poner(self, instante: datetime) -> None:
        self.instante = instante


class UnitOfWorkSimulada:
    """Only calls `fn`: mongomock has no sessions, and so nothing is rolled back, nor does any act leave its row."""

    async def run(self, fn: Trabajo[T]) -> T:
        with fuera_del_acto():
            return await fn()


@pytest.fixture
def reloj() -> Iterator[Reloj]:
    reloj = Reloj()
    clock.usar_fuente(lambda: reloj.instante)
    yield reloj
    clock.usar_fuente(None)


@pytest.fixture(scope="session")
def servidor() -> Iterator[str]:
    """The URI of an embedded server of this run, in memory where the machine has such a folder."""
    memoria = Path("/dev/shm")  # noqa: S108 - the folder made in it is private
    with (
        tempfile.TemporaryDirectory(prefix="parknet-", dir=memoria if memoria.is_dir() else None) as carpeta,
        EmbeddedMongo(Path(carpeta)) as mongo,
    ):
        yield mongo.uri


@pytest.fixture(scope="session")
async def cliente_mongo(servidor: str) -> AsyncIterator["AsyncIOMotorClient[dict[str, Any]]"]:
    cliente: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servidor, tz_aware=True, tzinfo=UTC, **OPCIONES)
    # The server would clear away what is old by its own clock, and tests live at times of theirs.
    await cliente.admin.command("setParameter", 1, ttlMonitorEnabled=False)
    yield cliente
    cliente.close()


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    """The documents a test works with. Narrowed in each module's folder."""
    from app.wiring.build import DOCUMENTOS

    return DOCUMENTOS


_con_indices: set[type[Document]] = set()


@pytest.fixture
async def base_real(
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]", documentos: Sequence[type[Document]]
) -> UnitOfWork:
    """An empty database on the real server, every index in place. Emptying costs far less than making one anew."""
    base = BaseDeDatos(cliente_mongo, "pruebas")
    nuevos = [d for d in documentos if d not in _con_indices]
    await init_beanie(database=base, document_models=list(documentos), skip_indexes=not nuevos)
    _con_indices.update(nuevos)
    for nombre in await base.list_collection_names():
        await base[nombre].delete_many({})
    return MongoUnitOfWork(cliente_mongo)


@pytest.fixture
async def base_simulada(documentos: Sequence[type[Document]]) -> UnitOfWork:
    await init_beanie(
        database=AsyncMongoMockClient(tz_aware=True)["pruebas"],
        document_models=list(documentos),
    )
    return UnitOfWorkSimulada()


Abrir = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def abrir_app() -> AsyncIterator[Abrir]:
    """`await abrir_app([router], autenticador=…, residentes=…)`: a client of an application with only those routers,
    whose `request.state` holds what is named."""
    abiertos: list[Callable[[], Awaitable[None]]] = []

    async def abrir(routers: Sequence[APIRouter], **estado: Any) -> httpx.AsyncClient:
        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
            yield {"cuotas": SinCuotas(), **estado}

        app = build_application(lifespan=lifespan, routers=routers, documentar=documentar())
        gestor = LifespanManager(app)
        await gestor.__aenter__()
        cliente = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=gestor.app, raise_app_exceptions=False),
            base_url="http://parknet",
            event_hooks={"response": [veracidad_de(app, routers)]},
        )

        async def cerrar() -> None:
            await cliente.aclose()
            await gestor.__aexit__(None, None, None)

        abiertos.append(cerrar)
        return cliente

    yield abrir
    for cerrar in reversed(abiertos):
        await cerrar()
