"""Transactions. What belongs together, also across modules, runs inside one `UnitOfWork.run`.

Motor's `with_transaction` does not retry a failed commit, so the two loops that MongoDB's specification asks for
(https://github.com/mongodb/specifications/blob/master/source/transactions-convenient-api) stand here.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.core.acts.contract import Llamada, llamada_en_curso
from app.shared.exceptions import NoDisponible
from app.shared.transaction import Apuntes, current_session, en_transaccion

T = TypeVar("T")
Trabajo = Callable[[], Awaitable[T]]

_PLAZO_SEGUNDOS = 30.0


class Anotador(Protocol):
    """The audit, as seen from here."""

    async def anotar(self, llamada: Llamada, escritos: Sequence[tuple[str, object]]) -> None:
        """Insert the row of an act, in the transaction in course."""


class UnitOfWork(Protocol):
    async def run(self, fn: Trabajo[T]) -> T:
        """Run `fn` as one transaction, joining the one in course if there is one. `fn` may run several times, so it
        touches nothing outside the database. Raises NoDisponible when others were in the way all the time."""


class MongoUnitOfWork:
    """With an `anotador`, the first transaction of an act that writes also inserts its row in the audit."""

    def __init__(self, client: "AsyncIOMotorClient[dict[str, object]]", anotador: Anotador | None = None) -> None:
        self._client = client
        self._anotador = anotador

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
        apuntes = Apuntes()
        try:
            return await self._intentar(sesion, fn, limite, apuntes)
        finally:
            for accion in apuntes.al_final:
                accion()

    async def _intentar(self, sesion: AsyncIOMotorClientSession, fn: Trabajo[T], limite: float, apuntes: Apuntes) -> T:
        sesion.start_transaction(
            read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority", wtimeout=10_000)
        )
        try:
            with en_transaccion(sesion, apuntes):
                resultado = await fn()
                acto = await self._anotar(apuntes)
        except BaseException:
            await sesion.abort_transaction()
            raise
        while True:
            try:
                await sesion.commit_transaction()
                if acto is not None:
                    acto.anotada = True
                for accion in apuntes.despues:
                    accion()
                return resultado
            except PyMongoError as error:
                if not error.has_error_label("UnknownTransactionCommitResult") or _agotado(limite):
                    raise

    async def _anotar(self, apuntes: Apuntes) -> Llamada | None:
        """The act that this transaction has, or is given now, its row of; None when there is none to have."""
        acto = llamada_en_curso()
        if acto is None or not acto.es_acto or acto.anotada or not (apuntes.escritos or apuntes.contado):
            return None
        if not apuntes.contado and self._anotador is not None:
            await self._anotador.anotar(acto, list(apuntes.escritos))
        return acto


def _agotado(limite: float) -> bool:
    return asyncio.get_running_loop().time() > limite
