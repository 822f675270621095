"""The collections that documents are given: the driver's own, whose commands have what is left of a call's time, and
whose writes tell an outage by its domain error."""

import functools
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, cast

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import IndexModel
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from app.core.config import ConfigError
from app.database.deadlines import una_orden
from app.database.errors import es_caida, traducidas
from app.shared.exceptions import NoDisponible
from app.shared.transaction import ordenar

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


def _orden(nombre: str, *, escribe: bool) -> Callable[..., Awaitable[Any]]:
    """A method of the driver's collection, within the time of its call. A write outside of transactions tells an outage
    by its domain error; within one it is the transaction that knows what came of it."""
    metodo = getattr(Collection, nombre)

    @functools.wraps(getattr(AsyncIOMotorCollection, nombre))
    async def ordenada(coleccion: "Coleccion", *que: Any, session: Any = None, **como: Any) -> Any:
        propia = None if session is None else session.delegate
        suelta = escribe and (session is None or not session.in_transaction)
        with una_orden(), traducidas(escribia=True) if suelta else nullcontext():
            return await ordenar(functools.partial(metodo, coleccion.delegate, *que, session=propia, **como))

    return ordenada


if TYPE_CHECKING:
    _Coleccion = AsyncIOMotorCollection[dict[str, Any]]
    _BaseDeDatos = AsyncIOMotorDatabase[dict[str, Any]]
else:
    # At run time they take no arguments.
    _Coleccion, _BaseDeDatos = AsyncIOMotorCollection, AsyncIOMotorDatabase


class IndicesPendientes(NoDisponible):
    """What is stored has to be indexed first, and whoever asked did not want to wait for it."""


class Coleccion(_Coleccion):
    """See `_orden`. `orden`: what a command stands in that is given to the driver below it."""

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


for _nombre in (*_LECTURAS, *_ESCRITURAS):
    setattr(Coleccion, _nombre, _orden(_nombre, escribe=_nombre in _ESCRITURAS))


class BaseDeDatos(_BaseDeDatos):
    """Whose collections are these. `con_indices`: whether the indexes that lack are made of what is stored."""

    orden = staticmethod(una_orden)
    con_indices = True
    _servidor: Any = None

    async def command(self, command: Any, *que: Any, **como: Any) -> Any:
        """Which server this is Beanie asks for each document: one time in three of all that a start asks. It is asked
        once."""
        if command != {"buildInfo": 1}:
            return await super().command(command, *que, **como)
        if self._servidor is None:
            self._servidor = await super().command(command)
        return self._servidor

    def __getitem__(self, name: str) -> Coleccion:
        return Coleccion(cast(Any, self), name)
