"""Transactions. What belongs together, also across modules, runs inside one `UnitOfWork.run`.

Motor's `with_transaction` does not retry a failed commit, so the two loops that MongoDB's specification asks for
(https://github.com/mongodb/specifications/blob/master/source/transactions-convenient-api) stand here.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import nullcontext
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import pymongo
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.core.acts.contract import Llamada, llamada_en_curso
from app.database.deadlines import aparte, para_una, una_orden
from app.database.errors import Desenlace, desenlace, es_choque, traducidas, traducir
from app.shared.exceptions import NoDisponible, ResultadoDesconocido
from app.shared.transaction import Apuntes, Dichos, current_session, en_su_hilo, en_transaccion, esperar, ordenar

T = TypeVar("T")
P = ParamSpec("P")
S = TypeVar("S", bound="_ConTransacciones")
Trabajo = Callable[[], Awaitable[T]]

PACIENCIA = 30.0
"""Seconds for which a transaction that collides with others is begun again."""
_ENTRE_CONFIRMACIONES = 0.05


class Anotador(Protocol):
    """The audit, as seen from here."""

    async def anotar(
        self, llamada: Llamada | None, escritos: Sequence[tuple[str, object]], dichos: Dichos | None = None
    ) -> None:
        """Insert the row of an act, and of what the audit is told besides, in the transaction in course; without
        `llamada`, of that alone."""

    def deshecho(self, llamada: Llamada | None, escritos: Sequence[tuple[str, object]], dichos: Dichos) -> None:
        """What an act wrote, or was to tell, came to nothing, and the database answers: it was kept from being there.
        In memory."""


class UnitOfWork(Protocol):
    async def run(self, fn: Trabajo[T], *, de_corrido: bool = False) -> T:
        """Run `fn` as one transaction, joining the one in course if there is one. `fn` may run several times, so it
        touches nothing outside the database. `de_corrido`: it waits for nothing else either, and all of it is done in
        one thread. Raises NoDisponible when others were in the way all the time or the database does not answer,
        ResultadoDesconocido when it never said whether it is done."""


class _ConTransacciones(Protocol):
    @property
    def _uow(self) -> UnitOfWork: ...


def una_transaccion(
    metodo: Callable[Concatenate[S, P], Awaitable[T]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """A method of a service that is one transaction from its first line to its last."""

    @wraps(metodo)
    async def entera(self: S, /, *args: P.args, **mas: P.kwargs) -> T:
        return await self._uow.run(lambda: metodo(self, *args, **mas))

    return entera


class MongoUnitOfWork:
    """With an `anotador`, the first transaction of an act that writes also inserts its row in the audit, and each what
    it has to tell."""

    def __init__(self, client: "AsyncIOMotorClient[dict[str, object]]", anotador: Anotador | None = None) -> None:
        self._client = client
        self._anotador = anotador

    async def run(self, fn: Trabajo[T], *, de_corrido: bool = False) -> T:
        if current_session() is not None:
            return await (en_su_hilo(fn) if de_corrido else fn())
        with traducidas(escribia=False):
            # Beginning a session asks nothing of the database yet, so no thread has to wait for it.
            async with AsyncIOMotorClientSession(self._client.delegate.start_session(), self._client) as sesion:
                return await self._hasta_que_quede(sesion, fn, de_corrido=de_corrido)

    async def _hasta_que_quede(self, sesion: AsyncIOMotorClientSession, fn: Trabajo[T], *, de_corrido: bool) -> T:
        """Try again as long as others are in the way, or the database comes back within the time of one command: until
        a commit is sent, nothing is done."""
        desde, sin_base, intento = time.monotonic(), para_una(), 0
        caida = False
        while True:
            queda, apuntes = max(0.001, desde + sin_base - time.monotonic()), Apuntes()
            try:
                with pymongo.timeout(queda) if caida else nullcontext():
                    return await self._una_vez(sesion, fn, apuntes, de_corrido=de_corrido)
            except PyMongoError as error:
                caida = caida or not es_choque(error)
                limite = desde + (sin_base if caida else PACIENCIA)
                if desenlace(error, escribia=False) is None or time.monotonic() > limite:
                    if not caida or desenlace(error, escribia=False) is None:
                        self._negado(apuntes)
                    raise
            intento += 1
            # Writers that collide step back for a random while, growing to a quarter of a second.
            await asyncio.sleep(random.uniform(0, min(0.25, 0.005 * 2**intento)))  # noqa: S311

    def _negado(self, apuntes: Apuntes) -> None:
        if self._anotador is not None and (apuntes.escritos or apuntes.dichos):
            self._anotador.deshecho(llamada_en_curso(), list(apuntes.escritos), apuntes.dichos)

    async def _una_vez(
        self, sesion: AsyncIOMotorClientSession, fn: Trabajo[T], apuntes: Apuntes, *, de_corrido: bool
    ) -> T:
        sesion.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority"))

        async def todo() -> tuple[T, Llamada | None]:
            with en_transaccion(sesion, apuntes):
                resultado = await fn()
                acto = await self._anotar(apuntes)
            # Of what goes on in one thread it is known whether this was sent; another may be sending it already.
            apuntes.por_confirmar = not de_corrido
            await _confirmar(sesion, apuntes)
            return resultado, acto

        try:
            resultado, acto = await (en_su_hilo(todo) if de_corrido else todo())
        except BaseException:
            if not apuntes.por_confirmar:
                await aparte(sesion.abort_transaction)
                # No commit was sent: nothing of it will ever be there.
                for accion in apuntes.deshechas:
                    accion()
            raise
        if acto is not None:
            acto.anotada = True
        for accion in apuntes.despues:
            accion()
        return resultado

    async def _anotar(self, apuntes: Apuntes) -> Llamada | None:
        """The act of which the audit has a row in this transaction, or gets one now; None when there is no act."""
        acto = llamada_en_curso()
        if acto is None or not acto.es_acto or acto.anotada or not (apuntes.escritos or apuntes.contado):
            acto = None
        sin_fila = None if apuntes.contado else acto
        if self._anotador is not None and (sin_fila is not None or apuntes.dichos):
            await self._anotador.anotar(sin_fila, list(apuntes.escritos), apuntes.dichos)
        return acto


async def _confirmar(sesion: AsyncIOMotorClientSession, apuntes: Apuntes) -> None:
    """Commit, and commit again while nobody knows whether the first commit was done. Raises ResultadoDesconocido when
    that stays unknown."""

    def confirmar() -> None:
        apuntes.por_confirmar = True
        sesion.delegate.commit_transaction()

    segundos = para_una()
    limite, enviada = time.monotonic() + segundos, False
    with pymongo.timeout(segundos), una_orden():
        while True:
            try:
                await ordenar(confirmar)
            except PyMongoError as error:
                if error.has_error_label("TransientTransactionError"):
                    raise
                enviada = enviada or desenlace(error, escribia=True) is not Desenlace.no_hecho
                if not error.has_error_label("UnknownTransactionCommitResult"):
                    raise traducir(error, escribia=True) or error from error.__cause__
                if time.monotonic() > limite:
                    raise (ResultadoDesconocido() if enviada else NoDisponible()) from error
                await esperar(_ENTRE_CONFIRMACIONES)
            else:
                return
