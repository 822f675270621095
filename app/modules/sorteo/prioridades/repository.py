"""Priority rules as they stand now."""

from collections.abc import Mapping
from typing import ClassVar

from app.modules.sorteo.exceptions import PrioridadDuplicada
from app.modules.sorteo.prioridades.models import ConfigPrioridad
from app.shared.exceptions import ParkNetError
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Filtro, Repository


def sobre_condicion(codigo: str) -> Filtro:
    """What has conditions of which one is about that condition of a person."""
    return {"condiciones": {"$elemMatch": {"campo": "condicion", "valor": codigo}}}


class PrioridadRepository(Repository[ConfigPrioridad]):
    model = ConfigPrioridad
    ordenes: ClassVar[tuple[str, ...]] = ("codigo",)
    ordenes_unicos: ClassVar[frozenset[str]] = frozenset({"codigo"})
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {"prioridad_codigo": PrioridadDuplicada}

    async def get_by_codigo(self, codigo: str) -> ConfigPrioridad | None:
        return await self.find_one({"codigo": codigo})

    async def listar(self, consulta: PageQuery, *, activa: bool | None) -> Page[ConfigPrioridad]:
        return await self.page({} if activa is None else {"activa": activa}, consulta)

    async def activas(self) -> list[ConfigPrioridad]:
        """The active rules, by code."""
        return await self.find({"activa": True}, orden=[("codigo", 1)])

    async def por_codigos(self, codigos: list[str]) -> list[ConfigPrioridad]:
        """The rules with those codes, active or not, by code."""
        return await self.find({"codigo": {"$in": codigos}}, orden=[("codigo", 1)])

    async def alguna_sobre(self, condicion: str) -> bool:
        """Whether one looks at who has that condition."""
        return await self.count(sobre_condicion(condicion), tope=1) > 0

    async def reemplazar(self, prioridad: ConfigPrioridad) -> ConfigPrioridad | None:
        """Write the rule over the one with its id; None when there is no such rule any more."""
        crudo = self._escribir(prioridad)
        return await self.update_one({"_id": crudo.pop("_id")}, {"$set": crudo})

    async def borrar(self, *, codigo: str) -> bool:
        return await self.delete_one({"codigo": codigo})
