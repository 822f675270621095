"""Queries on the catalogue of conditions: a few documents, by their code."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from app.modules.residentes.catalogo.models import CondicionDelCatalogo, Nombres
from app.modules.residentes.exceptions import CondicionDuplicada
from app.shared.exceptions import ParkNetError
from app.shared.repository import Repository


class CatalogoRepository(Repository[CondicionDelCatalogo]):
    model = CondicionDelCatalogo
    ordenes: ClassVar[tuple[str, ...]] = ("codigo",)
    ordenes_unicos: ClassVar[frozenset[str]] = frozenset({"codigo"})
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {"condicion_codigo": CondicionDuplicada}

    async def get_by_codigo(self, codigo: str) -> CondicionDelCatalogo | None:
        return await self.find_one({"codigo": codigo})

    async def cambiar(self, codigo: str, cambios: Mapping[str, Any]) -> CondicionDelCatalogo | None:
        return await self.update_one({"codigo": codigo}, {"$set": dict(cambios)})

    async def borrar(self, codigo: str) -> bool:
        return await self.delete_one({"codigo": codigo})

    async def ocupar(self, codigos: Collection[str]) -> dict[str, CondicionDelCatalogo]:
        """Those of them that there are, for something that the transaction in course makes name them: none of them is
        deleted meanwhile."""
        if not codigos:
            return {}
        filtro = {"codigo": {"$in": sorted(codigos)}}
        await self.update_many(filtro, {"$inc": {"version": 1}})
        return {condicion.codigo: condicion for condicion in await self.find(filtro)}

    async def nombres(self, codigos: Collection[str]) -> Nombres:
        """Of those that there are; without any, nothing is asked."""
        if not codigos:
            return {}
        return {
            condicion.codigo: condicion.nombre for condicion in await self.find({"codigo": {"$in": sorted(codigos)}})
        }
