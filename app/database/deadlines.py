"""How long the database may take.

The client gives each command `DE_UNA_OPERACION`, with the wait for a server, for a connection, for the majority, and
the repetitions of the driver: one that fails then ends the call that needed it. A command that may take longer, or
must not take so long, stands in a `pymongo.timeout` of its own.

A call of a client may have waited before: for one command that came back late, and then for the next. So what its
commands waited, one after the other, is taken off the time of the next (`una_orden`), until one is answered at once.
The time that a call spends on its own work, or waits for its client, is counted nowhere.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from dataclasses import dataclass
from typing import TypeVar

import pymongo

T = TypeVar("T")

DE_UNA_OPERACION = 4.0
"""Seconds. With `DE_MENOS` and twice `DE_SOLTAR` after them, whoever called has an answer within six."""
DE_MENOS = 0.8
"""Seconds that a command has, whatever those before it waited."""
DE_SOLTAR = 0.5
"""Seconds to let go of one thing that a call which came to nothing holds: its transaction, its turn."""
_AL_INSTANTE = 0.3
"""Seconds within which a command was not waited for."""
DE_RESPONDER = 1.5
"""Seconds in which a database that is well answers whoever asks whether it is."""
DE_ABRIR = 600.0
"""Seconds. At a start indexes are made, of whatever there is."""


@dataclass(slots=True)
class _Espera:
    segundos: float = 0.0


_espera: ContextVar[_Espera | None] = ContextVar("espera", default=None)


@contextmanager
def en_una_llamada() -> Iterator[None]:
    """While it lasts, somebody waits for an answer."""
    ficha = _espera.set(_Espera())
    try:
        yield
    finally:
        _espera.reset(ficha)


def para_una() -> float:
    """Seconds that the next command has."""
    espera = _espera.get()
    return DE_UNA_OPERACION if espera is None else max(DE_MENOS, DE_UNA_OPERACION - espera.segundos)


@contextmanager
def una_orden() -> Iterator[None]:
    """One command of the call in course, or a commit with its repetitions."""
    espera = _espera.get()
    if espera is None:
        yield
        return
    desde = time.monotonic()
    try:
        with pymongo.timeout(para_una()):
            yield
    finally:
        tardo = time.monotonic() - desde
        espera.segundos = espera.segundos + tardo if tardo > _AL_INSTANTE else 0.0


async def aparte(hacer: Callable[[], Awaitable[T]], segundos: float = DE_SOLTAR) -> T:
    """`hacer`, outside of the transaction and of the time limit in course, with one of its own: what lets go of
    something is to have its chance when the time of who held it is over."""

    async def con_plazo() -> T:
        with pymongo.timeout(segundos):
            return await hacer()

    return await asyncio.create_task(con_plazo(), context=Context())
