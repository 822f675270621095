"""Transactions. What belongs together, also across modules, runs inside one `UnitOfWork.run`.

Motor's `with_transaction` does not retry a failed commit, so the two loops that MongoDB's specification asks for
(https://github.com/mongodb/specifications/blob/master/source/transactions-convenient-api) stand here.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.core.llamada import Llamada, llamada_en_curso
from app.shared.exceptions import NoDisponible

T = TypeVar("T")
Trabajo = Callable[[], Awaitable[T]]

_sesion: ContextVar[AsyncIOMotorClientSession | None] = ContextVar("sesion_mongodb", default=None)
_PLAZO_SEGUNDOS = 30.0


@dataclass(slots=True)
class Apuntes:
    """What a transaction has written so far: the documents, as (collection, id when it is known), and whether the audit
    was told of it by name already; and what is to be done once it is there for everybody."""

    escritos: dict[tuple[str, object], None] = field(default_factory=dict)
    contado: bool = False
    despues: list[Callable[[], None]] = field(default_factory=list)
    al_final: list[Callable[[], None]] = field(default_factory=list)


_apuntes: ContextVar[Apuntes | None] = ContextVar("apuntes_mongodb", default=None)


class EscrituraSuelta(RuntimeError):
    """An act wrote outside of a transaction, so that its row in the audit would not stand or fall with it."""


def current_session() -> AsyncIOMotorClientSession | None:
    """The session of the transaction in course, which every operation of a repository joins."""
    return _sesion.get()


def exigir_transaccion() -> None:
    """Before a write. Raises EscrituraSuelta."""
    llamada = llamada_en_curso()
    if llamada is not None and llamada.es_acto and _sesion.get() is None:
        raise EscrituraSuelta(f"{llamada.operacion} writes outside of `uow.run` (and not in `fuera_del_acto`)")


def apuntar(coleccion: str, ids: Iterable[object]) -> None:
    """After a write that changed something."""
    apuntes, llamada = _apuntes.get(), llamada_en_curso()
    if apuntes is not None and llamada is not None and llamada.es_acto:
        apuntes.escritos.update(dict.fromkeys((coleccion, id) for id in ids))


def dar_por_contado() -> None:
    """The audit has a row of this transaction, which says more than the one that it would get by itself."""
    apuntes = _apuntes.get()
    if apuntes is not None:
        apuntes.contado = True


def al_confirmar(accion: Callable[[], None]) -> None:
    """Do `accion` (in memory: to forget what was kept) once the transaction in course is there for everybody, and not
    if it comes to nothing; at once when there is none."""
    apuntes = _apuntes.get()
    if apuntes is None:
        accion()
    else:
        apuntes.despues.append(accion)


def al_terminar(accion: Callable[[], None]) -> None:
    """Do `accion` (in memory: to let go of what was held) once the transaction in course ends, whatever comes of it; at
    once when there is none."""
    apuntes = _apuntes.get()
    if apuntes is None:
        accion()
    else:
        apuntes.al_final.append(accion)


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
        ficha, ficha_de_apuntes = _sesion.set(sesion), _apuntes.set(apuntes)
        try:
            resultado = await fn()
            acto = await self._anotar(apuntes)
        except BaseException:
            await sesion.abort_transaction()
            raise
        finally:
            _sesion.reset(ficha)
            _apuntes.reset(ficha_de_apuntes)
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
