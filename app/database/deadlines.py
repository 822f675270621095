"""How long the database may take.

The client gives each command `DE_UNA_OPERACION`, with the wait for a server, for a connection, for the majority, and
the repetitions of the driver: one that fails then ends the call that needed it. A command that may take longer, or
must not take so long, stands in a `pymongo.timeout` of its own.

A call of a client has several commands, and waits for others between them: each has what is left of the six seconds in
which whoever called is answered, less what letting go takes. A call that is still going on when nobody waits for a 503
any more has a database that works, and a slow machine: its commands have the time of one again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from typing import TypeVar

import pymongo

T = TypeVar("T")

DE_UNA_OPERACION = 3.0
"""Seconds."""
DE_MENOS = 1.2
"""Seconds that a command has, however long its call has been going on."""
DE_SOLTAR = 0.3
"""Seconds to let go of one thing that a call which came to nothing holds: its transaction, its turn."""
DE_UNA_LLAMADA = 6.0
"""Seconds in which a call that finds no database is answered."""
_DE_SUS_ORDENES = DE_UNA_LLAMADA - 4 * DE_SOLTAR
"""Of a step, four things are let go of: its transaction, its turn, what failed with it, and the key of its call."""
DE_CONTAR = 60.0
"""Seconds to go through all that there is, where nobody waits for it."""
DE_RESPONDER = 1.5
"""Seconds in which a database that is well answers whoever asks whether it is."""
DE_ABRIR = 600.0
"""Seconds. At a start indexes are made, of whatever there is."""


_empezo: ContextVar[float | None] = ContextVar("empezo", default=None)


@contextmanager
def en_una_llamada() -> Iterator[None]:
    """While it lasts, somebody waits for an answer."""
    ficha = _empezo.set(time.monotonic())
    try:
        yield
    finally:
        _empezo.reset(ficha)


def para_una() -> float:
    """Seconds that the next command has."""
    empezo = _empezo.get()
    van = 0.0 if empezo is None else time.monotonic() - empezo
    if van > DE_UNA_LLAMADA:
        return DE_UNA_OPERACION
    return min(DE_UNA_OPERACION, max(DE_MENOS, _DE_SUS_ORDENES - van))


@contextmanager
def una_orden() -> Iterator[None]:
    """One command of the call in course, or a commit with its repetitions."""
    if _empezo.get() is None:
        yield
        return
    with pymongo.timeout(para_una()):
        yield


@contextmanager
def sin_prisa() -> Iterator[None]:
    """While it lasts, each command has `DE_CONTAR`."""
    with pymongo.timeout(DE_CONTAR):
        yield


async def aparte(hacer: Callable[[], Awaitable[T]]) -> T:
    """`hacer`, outside of the transaction and of the time limit in course, with one of its own: what lets go of
    something is to have its chance when the time of who held it is over."""

    async def con_plazo() -> T:
        with pymongo.timeout(DE_SOLTAR):
            return await hacer()

    return await asyncio.create_task(con_plazo(), context=Context())
