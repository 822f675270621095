"""Queries on sanctions. The index of `models.py` serves all of them."""

from collections.abc import Collection
from datetime import date
from typing import Any, ClassVar

import attrs
from beanie import PydanticObjectId

from app.modules.residentes.hechos import MarcasDelPadron
from app.modules.residentes.models import Sancion
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Fila, Filtro, Repository


def vigente(el: date) -> Filtro:
    """In force on that day."""
    dia = el.isoformat()
    return {"desde": {"$lte": dia}, "hasta": {"$gte": dia}}


@attrs.define(kw_only=True, slots=False, eq=False)
class SancionRepository(Repository[Sancion]):
    _marcas: MarcasDelPadron
    model = Sancion
    ordenes: ClassVar[tuple[str, ...]] = ("-desde",)

    async def listar(self, unidad_id: PydanticObjectId, consulta: PageQuery) -> Page[Sancion]:
        return await self.page({"unidad_id": unidad_id}, consulta)

    async def alguna(self, unidad_id: PydanticObjectId) -> bool:
        return await self.row({"unidad_id": unidad_id}, ("_id",)) is not None

    async def unidades_con_alguna(self, unidades: Collection[PydanticObjectId]) -> set[PydanticObjectId]:
        return set(await self.distinct("unidad_id", {"unidad_id": {"$in": list(unidades)}}))

    async def de_unidades(self, unidades: Collection[PydanticObjectId]) -> list[Fila]:
        """All that draws read of those of these flats."""
        campos = ("unidad_id", "desde", "hasta", "excluye", "marcas")
        return await self.rows({"unidad_id": {"$in": list(unidades)}}, campos, orden=())

    async def ids_de(self, unidad_id: PydanticObjectId) -> list[PydanticObjectId]:
        return [fila["_id"] for fila in await self.rows({"unidad_id": unidad_id}, ("_id",))]

    async def insert(self, doc: Sancion) -> Sancion:
        doc.id = doc.id or PydanticObjectId()
        return await super().insert(doc)

    def _escribir(self, doc: Sancion) -> dict[str, Any]:
        crudo = super()._escribir(doc)
        return crudo | {"marcas": self._marcas.sanciones.todas(crudo)}

    async def borrar(self, *, unidad_id: PydanticObjectId, sancion_id: PydanticObjectId) -> bool:
        return await self.delete_one({"_id": sancion_id, "unidad_id": unidad_id})
