"""All rows of a collection, a batch at a time, as they stand in the database: for who copies them."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import attrs
from beanie import Document, PydanticObjectId

from app.shared.repository import Fila, Filtro, Repository

D = TypeVar("D", bound=Document)
Lote = tuple[list[Fila], PydanticObjectId | None]
"""Rows, and the id of the last that was looked at; None when there was none left."""


def despues_de(ultimo: PydanticObjectId | None) -> Filtro:
    return {} if ultimo is None else {"_id": {"$gt": ultimo}}


@attrs.define(kw_only=True)
class FilasPorId(Generic[D]):
    """Rows of one repository with those `campos`, and the id."""

    _filas: Repository[D]
    _campos: Sequence[str]

    async def siguientes(self, *, ultimo: PydanticObjectId | None, limite: int) -> Lote:
        """Up to `limite` rows after the one of that id, by ascending id."""
        filas = await self._filas.rows(despues_de(ultimo), self._campos, limite=limite)
        return filas, filas[-1]["_id"] if filas else None

    async def de(self, *, ids: Sequence[PydanticObjectId]) -> list[Fila]:
        """Those of the ids that there are."""
        return await self._filas.rows({"_id": {"$in": list(ids)}}, self._campos)

    async def cuantas(self) -> int:
        return await self._filas.count({})
