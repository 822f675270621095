"""The collections that documents are given: the driver's own, whose commands have what is left of a call's time, and
whose writes tell an outage by its domain error."""

import functools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase

from app.database.deadlines import una_orden
from app.database.errors import traducidas

_ESCRITURAS = (
    "bulk_write",
    "delete_many",
    "delete_one",
    "find_one_and_delete",
    "find_one_and_replace",
    "find_one_and_update",
    "insert_many",
    "insert_one",
    "replace_one",
    "update_many",
    "update_one",
)


_LECTURAS = ("count_documents", "distinct", "find_one")


def _a_tiempo(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(original)
    async def ordenar(coleccion: "Coleccion", *que: Any, **como: Any) -> Any:
        with una_orden():
            return await original(coleccion, *que, **como)

    return ordenar


def _por_si_sola(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A write, as it is outside of transactions. Within one it is the transaction that knows what came of it."""

    @functools.wraps(original)
    async def escribir(coleccion: "Coleccion", *que: Any, **como: Any) -> Any:
        sesion = como.get("session")
        with una_orden():
            if sesion is not None and sesion.in_transaction:
                return await original(coleccion, *que, **como)
            with traducidas(escribia=True):
                return await original(coleccion, *que, **como)

    return escribir


if TYPE_CHECKING:
    _Coleccion = AsyncIOMotorCollection[dict[str, Any]]
    _BaseDeDatos = AsyncIOMotorDatabase[dict[str, Any]]
else:
    # At run time they take no arguments.
    _Coleccion, _BaseDeDatos = AsyncIOMotorCollection, AsyncIOMotorDatabase


class Coleccion(_Coleccion):
    """See `_a_tiempo` and `_por_si_sola`. `orden`: what a command stands in that is given to the driver below it."""

    orden = staticmethod(una_orden)


for _nombre in _LECTURAS:
    setattr(Coleccion, _nombre, _a_tiempo(getattr(AsyncIOMotorCollection, _nombre)))
for _nombre in _ESCRITURAS:
    setattr(Coleccion, _nombre, _por_si_sola(getattr(AsyncIOMotorCollection, _nombre)))


class BaseDeDatos(_BaseDeDatos):
    """Whose collections are these."""

    orden = staticmethod(una_orden)

    def __getitem__(self, name: str) -> Coleccion:
        return Coleccion(cast(Any, self), name)
