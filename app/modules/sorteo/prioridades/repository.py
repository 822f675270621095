"""Priority rules as they stand now."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import attrs
from beanie import PydanticObjectId

from app.core.facts.marks import Dichas
from app.modules.sorteo.custodia.marcas import MarcasDeSorteo
from app.modules.sorteo.exceptions import BasesAlteradas, PrioridadDuplicada
from app.modules.sorteo.prioridades.models import ConfigPrioridad
from app.shared.exceptions import ParkNetError
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Filtro, Repository


def sobre_condicion(codigo: str) -> Filtro:
    """What has conditions of which one is about that condition of a person."""
    return {"condiciones": {"$elemMatch": {"campo": "condicion", "valor": codigo}}}


@attrs.define(kw_only=True, slots=False, eq=False)
class PrioridadRepository(Repository[ConfigPrioridad]):
    """What is stated of a rule is written with its mark."""

    _marcas: MarcasDeSorteo
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

    async def exigir_dichas(self, codigos: Collection[str] | None, dichas: Dichas) -> list[PydanticObjectId]:
        """That those, or all, active or not, are as an act left them, the last that the audit was told of (`dichas`);
        which they are. Raises BasesAlteradas."""
        filas = await self.rows({} if codigos is None else {"codigo": {"$in": list(codigos)}})
        for fila in filas:
            if rota := self._marcas.prioridades.rota(fila, dichas=dichas):
                raise BasesAlteradas(donde=rota, objeto=str(fila["_id"]), prioridad=str(fila.get("codigo")))
        return [fila["_id"] for fila in filas]

    async def reemplazar(self, prioridad: ConfigPrioridad, dichos: Collection[str]) -> ConfigPrioridad | None:
        """Write the rule over the one with its id; None when there is no such rule any more. `dichos`: the fields that
        somebody states whole."""
        crudo = super()._escribir(prioridad)
        antes = await self.row({"_id": crudo.pop("_id")})
        if antes is None:
            return None
        marcas = self._marcas.prioridades.seguidas(antes, antes | crudo, dichos)
        return await self.update_one({"_id": antes["_id"]}, {"$set": crudo | {"marcas": marcas}})

    def _escribir(self, doc: ConfigPrioridad) -> dict[str, Any]:
        crudo = super()._escribir(doc)
        marcas = self._marcas.prioridades.todas(crudo)
        self._marcas.prioridades.decir({crudo["_id"]: marcas})
        return crudo | {"marcas": marcas}

    async def borrar(self, *, codigo: str) -> bool:
        return await self.delete_one({"codigo": codigo})
