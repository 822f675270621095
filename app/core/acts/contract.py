"""The call that is being answered, for whoever has to say later what it did: the audit reads it, services do not.

Kept in a ContextVar, so that a service need not hand it on. What happens by itself is a call too, made by the system.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from beanie import PydanticObjectId

from app.core.security import Principal
from app.shared.transaction import en_acto


@dataclass(slots=True, eq=False)
class Llamada:
    """`objetos`: what the path names, ids and codes of things, no person's data. `campos`: the names of what the body
    sets, no values. `es_acto`: what it writes is to stand in the audit, in the transaction that writes it; then `quien`
    is None for the system. `anotada`: it does already. `leidas`: what was read of the audit in its course, of which no
    row says so yet."""

    operacion: str
    traza: str | None = None
    direccion: str | None = None
    quien: Principal | None = None
    objetos: tuple[str, ...] = ()
    campos: tuple[str, ...] = ()
    es_acto: bool = False
    anotada: bool = False
    leidas: list[Any] = field(default_factory=list)


_llamada: ContextVar[Llamada | None] = ContextVar("llamada", default=None)


def llamada_en_curso() -> Llamada | None:
    return _llamada.get()


@contextmanager
def atendiendo(llamada: Llamada | None) -> Iterator[None]:
    ficha = _llamada.set(llamada)
    try:
        with en_acto(llamada.operacion if llamada is not None and llamada.es_acto else None):
            yield
    finally:
        _llamada.reset(ficha)


def del_sistema(operacion: str, *objetos: PydanticObjectId) -> Llamada:
    """An act that nobody asked for: a draw that closes by itself at its time."""
    return Llamada(operacion=operacion, objetos=tuple(map(str, objetos)), es_acto=True)


@contextmanager
def fuera_del_acto() -> Iterator[None]:
    """For what is written on the way to an act and is none of it: who has the turn, batches that nobody reads until a
    last write makes them count, putting back what came to nothing. It needs no transaction and leaves no row."""
    llamada = _llamada.get()
    with atendiendo(None if llamada is None else replace(llamada, es_acto=False)):
        yield
