"""mongomock knows partial indexes, but its `create_indexes`, which Beanie calls, forgets the filter on the way. It also
clears away what is old by the machine's clock, and tests live at times of theirs. Its `bulk_write` is older than the
driver's. What it has not at all: rows as they come from the server, and what `$lookup` does with lists."""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import UTC
from types import SimpleNamespace
from typing import Any

import mongomock.aggregate
import mongomock.collection
from bson import CodecOptions, encode
from mongomock_motor import AsyncMongoMockCollection, AsyncMongoMockDatabase
from pymongo import IndexModel, ReturnDocument


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


class _SinMotor:
    """The collection below the one that is awaited, or any of the base. All its rows come in one batch."""

    def __init__(self, coleccion: Any) -> None:
        self._coleccion = coleccion

    def find_raw_batches(self, filtro: Any, campos: Any, *, session: None, **como: Any) -> list[bytes]:
        assert session is None
        return [b"".join(encode(fila) for fila in self._coleccion.find(filtro, campos, **como))]

    def find(self, filtro: Any, campos: Any, *, hint: str, session: None, **como: Any) -> Any:
        assert session is None
        assert hint
        return self._coleccion.find(filtro, campos, **como)

    def with_options(self, _: Any) -> "_SinMotor":
        return self

    @property
    def name(self) -> str:
        return str(self._coleccion.name)

    @property
    def database(self) -> "_SinMotor":
        return self

    def command(self, orden: str, de: str, *, new: bool, query: Any, update: Any, **_: Any) -> Any:
        """`findAndModify` of one that is there."""
        assert (orden, de, new) == ("findAndModify", self.name, True)
        return {"value": self._coleccion.find_one_and_update(query, update, return_document=ReturnDocument.AFTER)}

    def find_one(self, filtro: Any, campos: list[str], *, hint: str, session: None) -> Any:
        """As an index of words has them: first the row with the first word of those sought."""
        assert session is None
        assert hint
        ((campo, buscado),) = filtro.items()
        tramo = buscado["$elemMatch"]
        tras, desde, hasta = tramo.get("$gt", ""), tramo.get("$gte", ""), tramo["$lt"]
        filas = self._coleccion.find(filtro, campos)
        return min(filas, key=lambda fila: min(p for p in fila[campo] if tras < p < hasta and p >= desde), default=None)

    def aggregate(self, pasos: Any, *, session: None, batchSize: int) -> Iterator[Any]:
        assert session is None
        assert batchSize > 0
        if pasos[0] == {"$documents": [{}]}:
            junto: dict[str, Any] = {}
            _juntar([junto], self._coleccion.database, *(paso["$lookup"] for paso in pasos[1:]))
            return iter([SimpleNamespace(raw=encode(junto))])
        return (SimpleNamespace(raw=encode(fila)) for fila in self._coleccion.aggregate(pasos))


def _juntar(filas: Iterable[Any], base: Any, *busquedas: dict[str, Any]) -> Any:
    """`$lookup` with what mongomock refuses: a name within lists, and steps of its own."""
    for que in busquedas:
        ajena = base.get_collection(que["from"])
        for fila in filas:
            pasos = list(que.get("pipeline", ()))
            if "localField" in que:
                de = list(_valores(fila, que["localField"].split(".")))
                pasos.insert(0, {"$match": {que["foreignField"]: {"$in": de}}})
            fila[que["as"]] = list(ajena.aggregate(pasos))
    return filas


def _valores(valor: Any, nombres: list[str]) -> Iterator[Any]:
    if isinstance(valor, list):
        for parte in valor:
            yield from _valores(parte, nombres)
    elif not nombres:
        yield valor
    elif nombres[0] in valor:
        yield from _valores(valor[nombres[0]], nombres[1:])


_add_update = mongomock.collection.BulkOperationBuilder.add_update


def _sin_orden(lote: Any, *partes: Any, sort: None, **mas: Any) -> None:
    """The driver says of each change by which order its row is picked, and mongomock does not know the word."""
    assert sort is None
    _add_update(lote, *partes, **mas)  # type: ignore[no-untyped-call]


def completar_mongomock() -> None:
    mongomock.collection.BulkOperationBuilder.add_update = _sin_orden  # type: ignore[assignment, method-assign]
    mongomock.collection.Collection.create_indexes = _create_indexes  # type: ignore[method-assign]
    mongomock.aggregate._PIPELINE_HANDLERS["$lookup"] = _juntar
    propia: Any = AsyncMongoMockCollection
    propia.delegate = property(lambda coleccion: _SinMotor(coleccion._AsyncMongoMockCollection__collection))
    base: Any = AsyncMongoMockDatabase
    base.delegate = property(lambda base: _SinMotor(base._AsyncMongoMockDatabase__database["de_todas"]))
    propia.orden = base.orden = staticmethod(nullcontext)
    propia.codec_options = CodecOptions(tz_aware=True, tzinfo=UTC)
