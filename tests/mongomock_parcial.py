"""mongomock knows partial indexes, but its `create_indexes`, which Beanie calls, forgets the filter on the way. It also
clears away what is old by the machine's clock, and tests live at times of theirs."""

from collections.abc import Iterable
from typing import Any

import mongomock.collection
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


def honrar_indices_parciales() -> None:
    mongomock.collection.Collection.create_indexes = _create_indexes  # type: ignore[method-assign]
