"""Databases, clock and HTTP client for every test.

`base_simulada` is mongomock: milliseconds, for the rules of services. `base_real` is the embedded server: transactions,
partial indexes, races, routers. A folder of tests narrows `documentos` to its own module, so that no other is needed.
"""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from beanie import Document
from fastapi import APIRouter, FastAPI
from mongomock_motor import AsyncMongoMockClient
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient

from app.core import clock
from app.core.acts.contract import fuera_del_acto
from app.core.http.application import build_application
from app.core.openapi.words import documentar
from app.core.quotas.contract import SinCuotas
from app.database.collections import BaseDeDatos
from app.database.embedded import EmbeddedMongo
from app.database.mongodb import OPCIONES
from app.database.unit_of_work import MongoUnitOfWork, T, Trabajo, UnitOfWork
from tests.bases import Escritas, Puntero, con_paciencia, vaciar, vaciar_simulada
from tests.mongomock_parcial import completar_mongomock
from tests.veracidad import Veracidad

pytest_plugins = ["tests.sistema"]
completar_mongomock()
INICIO = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
_en_marcha: dict[int, Path] = {}
"""By their pids, the servers of this process and their logs."""
_HISTORIA = "minSnapshotHistoryWindowInSeconds=5"
"""How long the server keeps what is no more, files too: with its five minutes, tests that make and drop databases
take all files that a process may open."""


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

    async def run(self, fn: Trabajo[T], *, de_corrido: bool = False) -> T:  # noqa: ARG002
        with fuera_del_acto():
            return await fn()


@pytest.fixture(scope="session", autouse=True)
def _con_paciencia() -> Iterator[None]:
    with con_paciencia():
        yield


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
        EmbeddedMongo(Path(carpeta), parameters=[_HISTORIA]) as mongo,
    ):
        _en_marcha[mongo.pid] = Path(carpeta, "mongo", "mongod.log")
        _sin_diario(mongo.uri)
        yield mongo.uri
        del _en_marcha[mongo.pid]


def _sin_diario(uri: str) -> None:
    """From now on no write waits for the journal, which is a third of what a write takes: this server never dies and
    starts again."""
    with MongoClient[dict[str, Any]](uri) as cliente:
        config = cliente.admin.command("replSetGetConfig")["config"]
        nueva = {**config, "version": config["version"] + 1, "writeConcernMajorityJournalDefault": False}
        cliente.admin.command("replSetReconfig", nueva)


@pytest.fixture(autouse=True)
def _su_servidor_vive() -> None:
    """One that has ended is told of at once: else each test that is left waits a minute for it, and none says why."""
    for pid, log in _en_marcha.items():
        if not Path(f"/proc/{pid}").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes():
            pytest.fail(
                "the database server has ended:\n" + "".join(log.read_text().splitlines(True)[-20:]), pytrace=False
            )


@pytest.fixture(scope="session")
def escritas() -> Escritas:
    """What `cliente_mongo` has written."""
    return Escritas()


@pytest.fixture(scope="session")
async def cliente_mongo(servidor: str, escritas: Escritas) -> AsyncIterator["AsyncIOMotorClient[dict[str, Any]]"]:
    cliente: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        servidor, tz_aware=True, tzinfo=UTC, event_listeners=[escritas], **OPCIONES
    )
    # The server would clear away what is old by its own clock, and tests live at times of theirs.
    await cliente.admin.command("setParameter", 1, ttlMonitorEnabled=False)
    yield cliente
    cliente.close()


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    """The documents a test works with. Narrowed in each module's folder."""
    from app.wiring.documents import DOCUMENTOS

    return DOCUMENTOS


@pytest.fixture(scope="session")
def _al_real() -> Puntero:
    return Puntero()


@pytest.fixture(scope="session")
def _al_simulado() -> Puntero:
    return Puntero()


@pytest.fixture(scope="session")
def _simulada() -> Any:
    return AsyncMongoMockClient(tz_aware=True)["pruebas"]


@pytest.fixture
async def base_real(
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
    escritas: Escritas,
    _al_real: Puntero,
    documentos: Sequence[type[Document]],
) -> UnitOfWork:
    """An empty database on the real server, every index in place."""
    base = BaseDeDatos(cliente_mongo, "pruebas")
    await _al_real.apuntar(documentos, base)
    await vaciar(base, escritas)
    return MongoUnitOfWork(cliente_mongo)


@pytest.fixture
async def base_simulada(_simulada: Any, _al_simulado: Puntero, documentos: Sequence[type[Document]]) -> UnitOfWork:
    await _al_simulado.apuntar(documentos, _simulada)
    await vaciar_simulada(_simulada)
    return UnitOfWorkSimulada()


@dataclass
class _Montada:
    """An application of some routers. `estado`: what its next start yields."""

    routers: Sequence[APIRouter]
    estado: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
            yield {"cuotas": SinCuotas(), **self.estado}

        self.app = build_application(lifespan=lifespan, routers=self.routers, documentar=documentar())
        self.veracidad = Veracidad(self.app)


Abrir = Callable[..., Awaitable[httpx.AsyncClient]]
# By the ids of their routers, which each keeps: making one takes longer than most tests.
_montadas: dict[tuple[int, ...], _Montada] = {}


@pytest.fixture
async def abrir_app() -> AsyncIterator[Abrir]:
    """`await abrir_app([router], autenticador=…, residentes=…)`: a client of an application with only those routers,
    whose `request.state` holds what is named."""
    abiertos: list[Callable[[], Awaitable[None]]] = []

    async def abrir(routers: Sequence[APIRouter], **estado: Any) -> httpx.AsyncClient:
        llave = tuple(map(id, routers))
        if llave not in _montadas:
            _montadas[llave] = _Montada(routers)
        montada = _montadas[llave]
        montada.estado = estado
        gestor = LifespanManager(montada.app, startup_timeout=None, shutdown_timeout=None)
        await gestor.__aenter__()
        cliente = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=gestor.app, raise_app_exceptions=False),
            base_url="http://parknet",
            event_hooks={"response": [montada.veracidad]},
        )

        async def cerrar() -> None:
            await cliente.aclose()
            await gestor.__aexit__(None, None, None)

        abiertos.append(cerrar)
        return cliente

    yield abrir
    for cerrar in reversed(abiertos):
        await cerrar()
