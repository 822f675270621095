"""How long the database may take.

The client gives each command `DE_UNA_OPERACION`, with the wait for a server, for a connection, for the majority, and
the repetitions of the driver: one that fails then ends the call that needed it. A command that may take longer, or
must not take so long, stands in a `pymongo.timeout` of its own.

A call of a client has several commands. The first that comes back late, or fails for an outage, starts the clock of
that call: the commands after it have what is left of the time of one (`una_orden`). A call that is still going on when
nobody waits for a 503 any more has a database that works, and a slow machine: its clock no longer counts.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from dataclasses import dataclass
from typing import TypeVar

import pymongo

from app.database.errors import DEL_CONTROLADOR, es_caida, es_choque
from app.shared.exceptions import NoDisponible

T = TypeVar("T")

DE_UNA_OPERACION = 3.0
"""Seconds. With `DE_MENOS` and four times `DE_SOLTAR` after them, whoever called has an answer within six, also where
what went before them took half a second."""
DE_MENOS = 1.2
"""Seconds that a command has, whatever those before it waited."""
DE_SOLTAR = 0.3
"""Seconds to let go of one thing that a call which came to nothing holds: its transaction, its turn."""
TARDE = 1.2
"""Seconds after which a command came back late."""
_DE_UNA_LLAMADA = 6.0
"""Seconds after its first late command in which a call may be waiting for a database that is away."""
DE_CONTAR = 60.0
"""Seconds to go through all that there is, where nobody waits for it."""
DE_RESPONDER = 1.5
"""Seconds in which a database that is well answers whoever asks whether it is."""
DE_ABRIR = 600.0
"""Seconds. At a start indexes are made, of whatever there is."""


@dataclass(slots=True)
class _Apuro:
    """`desde`: when the first command began that came back late, or failed for an outage."""

    desde: float | None = None


_apuro: ContextVar[_Apuro | None] = ContextVar("apuro", default=None)


@contextmanager
def en_una_llamada() -> Iterator[None]:
    """While it lasts, somebody waits for an answer."""
    ficha = _apuro.set(_Apuro())
    try:
        yield
    finally:
        _apuro.reset(ficha)


def para_una() -> float:
    """Seconds that the next command has."""
    apuro = _apuro.get()
    if apuro is None or apuro.desde is None:
        return DE_UNA_OPERACION
    van = time.monotonic() - apuro.desde
    return DE_UNA_OPERACION if van > _DE_UNA_LLAMADA else max(DE_MENOS, DE_UNA_OPERACION - van)


@contextmanager
def una_orden() -> Iterator[None]:
    """One command of the call in course, or a commit with its repetitions."""
    apuro = _apuro.get()
    if apuro is None:
        yield
        return
    desde, caida = time.monotonic(), False
    try:
        with pymongo.timeout(para_una()):
            yield
    except NoDisponible:
        caida = True
        raise
    except DEL_CONTROLADOR as error:
        caida = es_caida(error) and not es_choque(error)
        raise
    finally:
        if apuro.desde is None and (caida or time.monotonic() - desde > TARDE):
            apuro.desde = desde


def esperando(desde: float) -> None:
    """The call in course has waited since `desde` (monotonic) for what somebody else does. Whoever asked waited too, so
    that is of its time like a command that came back late."""
    apuro = _apuro.get()
    if apuro is not None and apuro.desde is None and time.monotonic() - desde > TARDE:
        apuro.desde = desde


@contextmanager
def sin_prisa() -> Iterator[None]:
    """While it lasts, each command has `DE_CONTAR`."""
    with pymongo.timeout(DE_CONTAR):
        yield


async def aparte(hacer: Callable[[], Awaitable[T]], segundos: float = DE_SOLTAR) -> T:
    """`hacer`, outside of the transaction and of the time limit in course, with one of its own: what lets go of
    something is to have its chance when the time of who held it is over."""

    async def con_plazo() -> T:
        with pymongo.timeout(segundos):
            return await hacer()

    return await asyncio.create_task(con_plazo(), context=Context())
