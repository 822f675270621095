"""How long the database may take.

The client gives each command `DE_UNA_OPERACION`, with the wait for a server, for a connection, for the majority, and
the repetitions of the driver: one that fails then ends the call that needed it. A command that may take longer, or
must not take so long, stands in a `pymongo.timeout` of its own.

What a call of a client writes, and its commit, have less when the call has waited before: `para_una`. The time that it
spends on its own work counts there too, but never leaves a write without `DE_MENOS`: a slow machine is no outage.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from typing import TypeVar

import pymongo

T = TypeVar("T")

DE_UNA_OPERACION = 4.5
"""Seconds. With `DE_SOLTAR` after them, twice, whoever called has an answer within six."""
DE_UNA_LLAMADA = 4.8
"""Seconds after which a call that still waits for the database is given up."""
DE_MENOS = 1.5
"""Seconds that a write has, whatever the call took before."""
DE_SOLTAR = 0.6
"""Seconds to let go of one thing that a call which came to nothing holds: its transaction, its turn."""
DE_RESPONDER = 1.5
"""Seconds in which a database that is well answers whoever asks whether it is."""
DE_ABRIR = 600.0
"""Seconds. At a start indexes are made, of whatever there is."""

_desde: ContextVar[float | None] = ContextVar("llamada_desde", default=None)


@contextmanager
def en_una_llamada() -> Iterator[None]:
    """While it lasts, somebody waits for an answer."""
    ficha = _desde.set(time.monotonic())
    try:
        yield
    finally:
        _desde.reset(ficha)


def para_una() -> float:
    """Seconds for the next write, or the commit."""
    desde = _desde.get()
    if desde is None:
        return DE_UNA_OPERACION
    return min(DE_UNA_OPERACION, max(DE_MENOS, desde + DE_UNA_LLAMADA - time.monotonic()))


async def aparte(hacer: Callable[[], Awaitable[T]], segundos: float = DE_SOLTAR) -> T:
    """`hacer`, outside of the transaction and of the time limit in course, with one of its own: what lets go of
    something is to have its chance when the time of who held it is over."""

    async def con_plazo() -> T:
        with pymongo.timeout(segundos):
            return await hacer()

    return await asyncio.create_task(con_plazo(), context=Context())
