"""mongomock knows partial indexes, but its `create_indexes`, which Beanie calls, forgets the filter on the way. It also
clears away what is old by the machine's clock, and tests live at times of theirs. What it has not at all: rows as they
come from the server."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any

import mongomock.collection
from bson import CodecOptions, encode
from mongomock_motor import AsyncMongoMockCollection
from pymongo import IndexModel


def _create_indexes(
    coleccion: mongomock.collection.Collection, indexes: Iterable[IndexModel], session: None = None
) -> list[str]:
    nombres = []
    for indice in indexes:
        opciones: dict[str, Any] = dict(indice.document)
        claves = list(opciones.pop("key").items())
        opciones.pop("expireAfterSeconds", None)
        nombres.append(coleccion.create_index(claves, session=session, **opciones))  # type: ignore[no-untyped-call]
    return nombres


class _Lotes:
    """All rows of a cursor, in one batch."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def sort(self, orden: Sequence[tuple[str, int]]) -> "_Lotes":
        return _Lotes(self._cursor.sort(orden))

    def limit(self, cuantas: int) -> "_Lotes":
        return _Lotes(self._cursor.limit(cuantas))

    async def to_list(self, _: int | None) -> list[bytes]:
        return [b"".join(encode(fila) for fila in await self._cursor.to_list(None))]


def _find_raw_batches(coleccion: Any, *que: Any, **como: Any) -> _Lotes:
    return _Lotes(coleccion.find(*que, **como))


def completar_mongomock() -> None:
    mongomock.collection.Collection.create_indexes = _create_indexes  # type: ignore[method-assign]
    propia: Any = AsyncMongoMockCollection
    propia.find_raw_batches = _find_raw_batches
    propia.with_options = lambda coleccion, **_: coleccion
    propia.codec_options = CodecOptions(tz_aware=True, tzinfo=UTC)
