"""The client of MongoDB and Beanie's set-up: the one place that opens and closes them."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC
from types import TracebackType
from typing import Any, Self

import anyio.to_thread
import pymongo
from beanie import Document, init_beanie
from bson.codec_options import CodecOptions
from motor.frameworks import asyncio as hilos
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from app.core.config import ConfigError, Settings
from app.database.collections import BaseDeDatos
from app.database.deadlines import DE_ABRIR, DE_RESPONDER, DE_SOLTAR, DE_UNA_OPERACION
from app.database.embedded import EmbeddedMongo
from app.database.errors import SinBase, es_caida
from app.database.listening import ConexionesDeLaBase, OrdenesDeLaBase
from app.database.presence import Presencia, nombre_de
from app.database.unit_of_work import Anotador, MongoUnitOfWork

log = logging.getLogger(__name__)

CONEXIONES = 100
"""Commands that are under way at once, at most. The others wait for a connection, within their time."""
HILOS = 2 * CONEXIONES
"""Motor makes each call in a thread. Those that wait for a server or a connection need one too: with fewer, calls that
the database could answer stand behind those that it cannot."""

OPCIONES: dict[str, Any] = {
    "w": "majority",
    "readConcernLevel": "majority",
    "readPreference": "primary",
    "retryWrites": True,
    "retryReads": True,
    "timeoutMS": int(DE_UNA_OPERACION * 1000),
    "serverSelectionTimeoutMS": int(DE_UNA_OPERACION * 1000),
    # A server that accepts connections and says nothing is given up after the sum of both, and what waits for it ends.
    "connectTimeoutMS": 2_000,
    "heartbeatFrequencyMS": 1_000,
    "maxPoolSize": CONEXIONES,
}
"""See docs/decisions/0010-while-the-database-fails.md."""


class Database:
    """`async with Database(settings, documents, antes=…) as db`: embedded when there is no URI, indexes in place.
    `antes`: what the data has to be, or to become, before anything else looks at it. Without `con_indices`, opening
    raises IndicesPendientes where indexes have to be made of what is stored."""

    def __init__(
        self,
        settings: Settings,
        documents: Sequence[type[Document]],
        *,
        antes: "Callable[[AsyncIOMotorClient[dict[str, Any]]], Awaitable[None]]",
        con_indices: bool = True,
    ) -> None:
        self._settings = settings
        self._con_indices = con_indices
        self._documents = documents
        self._antes = antes
        self._embedded: EmbeddedMongo | None = None
        self._client: AsyncIOMotorClient[dict[str, Any]] | None = None
        self._ficha = secrets.token_hex(8)

    @property
    def client(self) -> "AsyncIOMotorClient[dict[str, Any]]":
        if self._client is None:
            raise RuntimeError("the database is not open")
        return self._client

    async def __aenter__(self) -> Self:
        try:
            _dar_hilos()
            self._client = AsyncIOMotorClient(
                await self._uri(),
                tz_aware=True,
                tzinfo=UTC,
                appname=nombre_de(self._ficha),
                event_listeners=[OrdenesDeLaBase(), ConexionesDeLaBase()],
                **OPCIONES,
            )
            database = BaseDeDatos(
                self._client, self._settings.mongodb_db, codec_options=CodecOptions(tz_aware=True, tzinfo=UTC)
            )
            database.con_indices = self._con_indices
            await self._client.admin.command("ping")
            await self._antes(self._client)
            with pymongo.timeout(DE_ABRIR):
                await init_beanie(database=database, document_models=list(self._documents))
        except BaseException as error:
            await self._close()
            if isinstance(error, PyMongoError):
                clase = SinBase if es_caida(error) else ConfigError
                raise clase(f"PARKNET_MONGODB_URI: no se llega a la base de datos: {type(error).__name__}") from error
            raise
        return self

    async def __aexit__(
        self, tipo: type[BaseException] | None, error: BaseException | None, traza: TracebackType | None
    ) -> None:
        await self._close()

    def unit_of_work(self, anotador: Anotador | None = None) -> MongoUnitOfWork:
        return MongoUnitOfWork(self.client, anotador)

    def presencia(self) -> Presencia:
        return Presencia(self.client, self._settings.mongodb_db, ficha=self._ficha)

    async def responde(self) -> bool:
        """Whether the database answers now: known within two seconds. For the readiness probe."""
        try:
            # The driver's own deadline ends the call; the loop's, the wait for a thread to make it in.
            async with asyncio.timeout(DE_RESPONDER + 0.2):
                with pymongo.timeout(DE_RESPONDER):
                    await self.client.admin.command("ping")
        except (PyMongoError, TimeoutError):
            log.warning("la base de datos no responde", exc_info=True)
            return False
        return True

    async def _uri(self) -> str:
        if self._settings.mongodb_uri is not None:
            return self._settings.mongodb_uri.get_secret_value()
        self._embedded = EmbeddedMongo(self._settings.data_dir)
        return await anyio.to_thread.run_sync(self._embedded.start)

    async def _close(self) -> None:
        # The client first: closing it after its server is gone waits for a whole server selection.
        if self._client is not None:
            cliente, self._client = self._client, None
            with pymongo.timeout(DE_SOLTAR):
                await anyio.to_thread.run_sync(cliente.close)
        if self._embedded is not None:
            embedded, self._embedded = self._embedded, None
            await anyio.to_thread.run_sync(embedded.stop)


def _dar_hilos() -> None:
    """Motor reads how many from an environment variable, when it is imported; a forked process asks for them anew."""
    if hilos.max_workers < HILOS:
        hilos.max_workers = HILOS
        hilos._reset_global_executor()  # type: ignore[no-untyped-call]
