"""Transactions. What belongs together, also across modules, runs inside one `UnitOfWork.run`.

Motor's `with_transaction` does not retry a failed commit, so the two loops that MongoDB's specification asks for
(https://github.com/mongodb/specifications/blob/master/source/transactions-convenient-api) stand here.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Protocol, TypeVar

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.shared.exceptions import NoDisponible

T = TypeVar("T")
Trabajo = Callable[[], Awaitable[T]]

_sesion: ContextVar[AsyncIOMotorClientSession | None] = ContextVar("sesion_mongodb", default=None)
_PLAZO_SEGUNDOS = 30.0


def current_session() -> AsyncIOMotorClientSession | None:
    """The session of the transaction in course, which every operation of a repository joins."""
    return _sesion.get()


class UnitOfWork(Protocol):
    async def run(self, fn: Trabajo[T]) -> T:
        """Run `fn` as one transaction, joining the one in course if there is one. `fn` may run several times, so it
        touches nothing outside the database. Raises NoDisponible when others were in the way all the time."""


class MongoUnitOfWork:
    def __init__(self, client: "AsyncIOMotorClient[dict[str, object]]") -> None:
        self._client = client

    async def run(self, fn: Trabajo[T]) -> T:
        if current_session() is not None:
            return await fn()
        async with await self._client.start_session() as sesion:
            limite = asyncio.get_running_loop().time() + _PLAZO_SEGUNDOS
            intento = 0
            while True:
                try:
                    return await self._una_vez(sesion, fn, limite)
                except PyMongoError as error:
                    if not error.has_error_label("TransientTransactionError"):
                        raise
                    if _agotado(limite):
                        raise NoDisponible() from error
                intento += 1
                # Writers that collide step back for a random while, growing to a quarter of a second.
                await asyncio.sleep(random.uniform(0, min(0.25, 0.005 * 2**intento)))  # noqa: S311

    async def _una_vez(self, sesion: AsyncIOMotorClientSession, fn: Trabajo[T], limite: float) -> T:
        sesion.start_transaction(
            read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority", wtimeout=10_000)
        )
        ficha = _sesion.set(sesion)
        try:
            resultado = await fn()
        except BaseException:
            await sesion.abort_transaction()
            raise
        finally:
            _sesion.reset(ficha)
        while True:
            try:
                await sesion.commit_transaction()
                return resultado
            except PyMongoError as error:
                if not error.has_error_label("UnknownTransactionCommitResult") or _agotado(limite):
                    raise


def _agotado(limite: float) -> bool:
    return asyncio.get_running_loop().time() > limite
