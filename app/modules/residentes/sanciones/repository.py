"""Queries on sanctions. The index of `models.py` serves all of them."""

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import ClassVar

from beanie import PydanticObjectId

from app.modules.residentes.models import Sancion
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Filtro, Repository


def vigente(el: date) -> Filtro:
    """In force on that day."""
    dia = el.isoformat()
    return {"desde": {"$lte": dia}, "hasta": {"$gte": dia}}


class SancionRepository(Repository[Sancion]):
    model = Sancion
    ordenes: ClassVar[tuple[str, ...]] = ("-desde",)

    async def listar(self, unidad_id: PydanticObjectId, consulta: PageQuery) -> Page[Sancion]:
        return await self.page({"unidad_id": unidad_id}, consulta)

    async def alguna(self, unidad_id: PydanticObjectId) -> bool:
        return await self.row({"unidad_id": unidad_id}, ("_id",)) is not None

    async def unidades_con_alguna(self, unidades: Collection[PydanticObjectId]) -> set[PydanticObjectId]:
        return set(await self.distinct("unidad_id", {"unidad_id": {"$in": list(unidades)}}))

    async def vigentes(self, unidades: Collection[PydanticObjectId], *, el: date) -> dict[PydanticObjectId, int]:
        """How many are in force on that day, by flat; one that has none is not in it."""
        filas = await self.rows({"unidad_id": {"$in": list(unidades)}, **vigente(el)}, ("unidad_id",), orden=())
        return Counter(fila["unidad_id"] for fila in filas)

    async def borrar(self, *, unidad_id: PydanticObjectId, sancion_id: PydanticObjectId) -> bool:
        return await self.delete_one({"_id": sancion_id, "unidad_id": unidad_id})
