"""The transaction in course, as everybody below the database sees it: its session, what it has written, and what is to
be done when it ends. `app.database.unit_of_work` opens and closes it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Apuntes:
    """What a transaction has written so far: the documents, as (collection, id when it is known), and whether the audit
    was told of it by name already; and what is to be done once it is there for everybody, or has come to nothing."""

    escritos: dict[tuple[str, object], None] = field(default_factory=dict)
    contado: bool = False
    despues: list[Callable[[], None]] = field(default_factory=list)
    deshechas: list[Callable[[], None]] = field(default_factory=list)


class EscrituraSuelta(RuntimeError):
    """An act wrote outside of a transaction, so that its row in the audit would not stand or fall with it."""


_sesion: ContextVar[Any] = ContextVar("sesion_mongodb", default=None)
_apuntes: ContextVar[Apuntes | None] = ContextVar("apuntes_mongodb", default=None)
_acto: ContextVar[str | None] = ContextVar("acto", default=None)


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
    """While it lasts, what is written belongs to an act of that name, which is to stand in the audit; None: to none."""
    ficha = _acto.set(operacion)
    try:
        yield
    finally:
        _acto.reset(ficha)


def current_session() -> Any:
    """The session of the transaction in course, which every operation of a repository joins; None outside of one."""
    return _sesion.get()


def exigir_transaccion() -> None:
    """Before a write. Raises EscrituraSuelta."""
    acto = _acto.get()
    if acto is not None and _sesion.get() is None:
        raise EscrituraSuelta(f"{acto} writes outside of `uow.run` (and not in `fuera_del_acto`)")


def apuntar(coleccion: str, ids: Iterable[object]) -> None:
    """After a write that changed something."""
    apuntes = _apuntes.get()
    if apuntes is not None and _acto.get() is not None:
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


def al_deshacer(accion: Callable[[], None]) -> None:
    """Do `accion` (in memory: to take back what was counted) once the transaction in course has come to nothing; never
    when that is not known, nor when there is none."""
    apuntes = _apuntes.get()
    if apuntes is not None:
        apuntes.deshechas.append(accion)
