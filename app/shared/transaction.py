"""The transaction in course, as everybody below the database sees it: its session, what it has written, in which thread
it is done, and what is to be done when it ends. `app.database.unit_of_work` opens and closes it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar

from motor.frameworks import asyncio as hilos

T = TypeVar("T")
Dichos = dict[tuple[str, str | None], dict[str, str]]
"""What the audit is told: by the kind of event, and by what it is about where all of it is about one thing."""


@dataclass(slots=True)
class Apuntes:
    """What a transaction has written so far: the documents, as (collection, id when it is known), and whether the audit
    was told of it by name already; what else the audit is to be told at its end; whether all is written, and its commit
    is on the way; and what is to be done once it is there for everybody, or has come to nothing."""

    escritos: dict[tuple[str, object], None] = field(default_factory=dict)
    contado: bool = False
    dichos: Dichos = field(default_factory=dict)
    por_confirmar: bool = False
    despues: list[Callable[[], None]] = field(default_factory=list)
    deshechas: list[Callable[[], None]] = field(default_factory=list)


class EscrituraSuelta(RuntimeError):
    """An act wrote outside of a transaction, so that its row in the audit would not stand or fall with it."""


@dataclass(slots=True)
class Hilo:
    """A thread that does one thing after the other. `dejado`: nobody waits for it any more."""

    dejado: bool = False

    def ordenar(self, orden: Callable[[], T]) -> T:
        if self.dejado:
            raise asyncio.CancelledError
        return orden()


_sesion: ContextVar[Any] = ContextVar("sesion_mongodb", default=None)
_apuntes: ContextVar[Apuntes | None] = ContextVar("apuntes_mongodb", default=None)
_acto: ContextVar[str | None] = ContextVar("acto", default=None)
_hilo: ContextVar[Hilo | None] = ContextVar("hilo", default=None)


@contextmanager
def en_transaccion(sesion: object, apuntes: Apuntes) -> Iterator[None]:
    """While it lasts, every operation of a repository joins `sesion`, a session of the driver."""
    ficha, ficha_de_apuntes = _sesion.set(sesion), _apuntes.set(apuntes)
    try:
        yield
    finally:
        _sesion.reset(ficha)
        _apuntes.reset(ficha_de_apuntes)


@contextmanager
def en_acto(operacion: str | None) -> Iterator[None]:
    """While it lasts, what is written belongs to an act of that name, which is to stand in the audit; with None, to no
    act."""
    ficha = _acto.set(operacion)
    try:
        yield
    finally:
        _acto.reset(ficha)


def current_session() -> Any:
    """The session of the transaction in course, which every operation of a repository joins; None outside of one."""
    return _sesion.get()


def exigir_transaccion() -> None:
    """Called before a write. Raises EscrituraSuelta."""
    acto = _acto.get()
    if acto is not None and _sesion.get() is None:
        raise EscrituraSuelta(f"{acto} writes outside of `uow.run` (and not in `fuera_del_acto`)")


def apuntar(coleccion: str, ids: Iterable[object]) -> None:
    """Called after a write that changed something."""
    apuntes = _apuntes.get()
    if apuntes is not None and _acto.get() is not None:
        apuntes.escritos.update(dict.fromkeys((coleccion, id) for id in ids))


def dar_por_contado() -> None:
    """The audit has a row of this transaction, which says more than the one that it would get by itself."""
    apuntes = _apuntes.get()
    if apuntes is not None:
        apuntes.contado = True


def en_un_acto() -> bool:
    """Whether what is written now belongs to an act, of which the audit has a row."""
    return _acto.get() is not None


def decir(tipo: str, datos: Mapping[str, str], *, objeto: object = None) -> None:
    """The audit is told this when the transaction in course has written all, in one insertion with the row of its act:
    so nobody undoes what was written and finds the audit without it. `tipo`: of event; `datos`: codes and ids;
    `objeto`: what all of them are about, where the names of `datos` do not begin with what each is about."""
    apuntes = _apuntes.get()
    if apuntes is not None:
        apuntes.dichos.setdefault((tipo, None if objeto is None else str(objeto)), {}).update(datos)


def por_decir(tipo: str) -> Mapping[str, str]:
    """What the audit is going to be told of that kind by the transaction in course, if it stays."""
    apuntes = _apuntes.get()
    return {} if apuntes is None else apuntes.dichos.get((tipo, None), {})


def al_confirmar(accion: Callable[[], None]) -> None:
    """Do `accion` (in memory: to forget what was kept) once the transaction in course is there for everybody, and not
    if it comes to nothing; at once when there is none."""
    apuntes = _apuntes.get()
    if apuntes is None:
        accion()
    else:
        apuntes.despues.append(accion)


def al_deshacer(accion: Callable[[], None]) -> None:
    """Do `accion` (in memory: to take back what was counted) once the transaction in course has come to nothing; never
    when that is not known, nor when there is none."""
    apuntes = _apuntes.get()
    if apuntes is not None:
        apuntes.deshechas.append(accion)


async def ordenar(orden: Callable[[], T]) -> T:
    """Wait for `orden`, which gives the driver a command and waits for the answer: in a thread, so that the loop does
    not; in this one within `en_su_hilo`."""
    hilo = _hilo.get()
    if hilo is not None:
        return hilo.ordenar(orden)
    dicho: T = await hilos.run_on_executor(asyncio.get_running_loop(), orden)  # type: ignore[no-untyped-call]
    return dicho


async def esperar(segundos: float) -> None:
    hilo = _hilo.get()
    if hilo is None:
        await asyncio.sleep(segundos)
    else:
        hilo.ordenar(lambda: time.sleep(segundos))


async def en_su_hilo(hacer: Callable[[], Awaitable[T]]) -> T:
    """Do `hacer`, which waits for nothing but the database, in one thread. To hand each command to a thread and to hear
    that the command is done costs the process half of what the command itself costs."""
    if _hilo.get() is not None:
        return await hacer()
    hilo = Hilo()
    fin = asyncio.get_running_loop().run_in_executor(hilos._EXECUTOR, copy_context().run, _conducir, hilo, hacer)
    try:
        return await asyncio.shield(fin)
    except asyncio.CancelledError:
        # Whoever ends the transaction now must not meet a command of it that is still on its way.
        hilo.dejado = True
        await asyncio.wait([fin])
        raise


def _conducir(hilo: Hilo, hacer: Callable[[], Awaitable[T]]) -> T:
    _hilo.set(hilo)
    pasos: Any = hacer().__await__()
    try:
        while next(pasos) is None:
            pass  # `hacer` lets others go first, of whom there are none in this thread.
    except StopIteration as fin:
        hecho: T = fin.value
        return hecho
    pasos.close()
    raise RuntimeError("what is done in one thread waits for nothing but the database")
