"""How long the database may take.

The client gives each command `DE_UNA_OPERACION`, with the wait for a server, for a connection, for the majority, and
the repetitions of the driver: one that fails then ends the call that needed it. A command that may take longer, or
must not take so long, stands in a `pymongo.timeout` of its own. The time that a call spends on its own work, or waits
for its client, is counted nowhere.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import TypeVar

import pymongo

T = TypeVar("T")

DE_UNA_OPERACION = 4.5
"""Seconds. With `DE_SOLTAR` after them, twice, whoever called has an answer within six."""
DE_SOLTAR = 0.6
"""Seconds to let go of one thing that a call which came to nothing holds: its transaction, its turn."""
DE_RESPONDER = 1.5
"""Seconds in which a database that is well answers whoever asks whether it is."""
DE_ABRIR = 600.0
"""Seconds. At a start indexes are made, of whatever there is."""


async def aparte(hacer: Callable[[], Awaitable[T]], segundos: float = DE_SOLTAR) -> T:
    """`hacer`, outside of the transaction and of the time limit in course, with one of its own: what lets go of
    something is to have its chance when the time of who held it is over."""

    async def con_plazo() -> T:
        with pymongo.timeout(segundos):
            return await hacer()

    return await asyncio.create_task(con_plazo(), context=Context())
