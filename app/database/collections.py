"""The collections that documents are given: the driver's own, whose commands have what is left of a call's time, and
whose writes tell an outage by its domain error."""

import functools
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import IndexModel
from pymongo.errors import OperationFailure

from app.core.config import ConfigError
from app.database.deadlines import una_orden
from app.database.errors import es_caida, traducidas
from app.shared.exceptions import NoDisponible

log = logging.getLogger(__name__)

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


class IndicesPendientes(NoDisponible):
    """What is stored has to be indexed first, and whoever asked did not want to wait for it."""


class Coleccion(_Coleccion):
    """See `_a_tiempo` and `_por_si_sola`. `orden`: what a command stands in that is given to the driver below it."""

    orden = staticmethod(una_orden)

    async def create_indexes(  # type: ignore[override]  # the stub has a future, of which this is the coroutine
        self, indexes: Sequence[IndexModel], **como: Any
    ) -> Any:
        """Those that are not there are named in a line, where they may take long. Raises ConfigError where what is
        stored does not allow them, IndicesPendientes."""
        hay = await self.index_information()
        faltan = sorted(indice.document["name"] for indice in indexes if indice.document["name"] not in hay)
        if faltan and await self.find_one({}, {"_id": 1}) is not None:
            if not self.database.con_indices:
                raise IndicesPendientes()
            log.warning("se hacen los índices de %s: %s", self.name, ", ".join(faltan))
        try:
            return await super().create_indexes(indexes, **como)
        except OperationFailure as error:
            if es_caida(error):
                raise
            por_que = (error.details or {}).get("codeName", error.code)
            cuales = ", ".join(faltan) or "alguno"
            raise ConfigError(
                f"PARKNET_MONGODB_DB: no se pueden hacer los índices de {self.name} ({cuales}): {por_que}"
            ) from error


for _nombre in _LECTURAS:
    setattr(Coleccion, _nombre, _a_tiempo(getattr(AsyncIOMotorCollection, _nombre)))
for _nombre in _ESCRITURAS:
    setattr(Coleccion, _nombre, _por_si_sola(getattr(AsyncIOMotorCollection, _nombre)))


class BaseDeDatos(_BaseDeDatos):
    """Whose collections are these. `con_indices`: whether the indexes that lack are made of what is stored."""

    orden = staticmethod(una_orden)
    con_indices = True

    def __getitem__(self, name: str) -> Coleccion:
        return Coleccion(cast(Any, self), name)
