"""The application as it is wired, started anew on a database of its own and listened to."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from app.core import clock
from tests.api.conftest import Aplicacion, aplicacion_en
from tests.bases import Escritas

# What the driver sends on its own account.
_DEL_CONTROLADOR = frozenset({"hello", "ismaster", "ping", "endSessions", "killCursors", "saslStart", "saslContinue"})


class Oyente(CommandListener):
    """The commands that reach the server while `atento`, and always what is written."""

    def __init__(self) -> None:
        self.escritas = Escritas()
        self.atento = False
        self.comandos: list[Mapping[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.escritas.started(event)
        if self.atento and event.command_name not in _DEL_CONTROLADOR:
            self.comandos.append(event.command)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass

    @contextlib.contextmanager
    def escuchando(self) -> Iterator[list[Mapping[str, Any]]]:
        self.comandos, self.atento = [], True
        try:
            yield self.comandos
        finally:
            self.atento = False


@contextlib.asynccontextmanager
async def abierta(
    *, uri: str, base: str, datos: Path, cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]", oyente: Oyente
) -> AsyncIterator[Aplicacion]:
    """Started on the empty database `base`, under a clock of its own."""
    await cliente_mongo.drop_database(base)

    def escuchado(*que: Any, event_listeners: Sequence[CommandListener] = (), **como: Any) -> Any:
        return AsyncIOMotorClient(*que, event_listeners=[*event_listeners, oyente], **como)

    async with contextlib.AsyncExitStack() as pila:
        with patch("app.database.mongodb.AsyncIOMotorClient", escuchado):
            aplicacion = await pila.enter_async_context(aplicacion_en(base, uri, cliente_mongo, datos))
        # The judges look at each answer themselves.
        aplicacion.cliente.event_hooks = {}
        clock.usar_fuente(lambda: aplicacion.reloj.instante)
        pila.callback(clock.usar_fuente, None)
        yield aplicacion
