"""The lines of the history of requests."""

from collections.abc import Collection
from typing import ClassVar

from beanie import PydanticObjectId

from app.modules.solicitudes.estados import Actor
from app.modules.solicitudes.models import Movimiento, TipoMovimiento
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Repository


class MovimientoRepository(Repository[Movimiento]):
    model = Movimiento
    ordenes: ClassVar[tuple[str, ...]] = ("cuando",)

    async def de(self, solicitud_id: PydanticObjectId, consulta: PageQuery) -> Page[Movimiento]:
        return await self.page({"solicitud_id": solicitud_id}, consulta)

    async def tocadas(self, solicitudes: Collection[PydanticObjectId]) -> set[PydanticObjectId]:
        """Those of them that somebody moved or changed after they were handed in; what the rules do by themselves does
        not count."""
        de_alguien = {"de": {"$ne": None}, "actor": {"$ne": Actor.sistema.value}}
        return set(await self.distinct("solicitud_id", {"solicitud_id": {"$in": list(solicitudes)}, **de_alguien}))

    async def ultimo(self, solicitud_id: PydanticObjectId) -> Movimiento | None:
        """The move that brought it to the state in which it is."""
        movimientos = {"solicitud_id": solicitud_id, "tipo": TipoMovimiento.estado}
        return await self.find_one(movimientos, orden=[("cuando", -1), ("_id", -1)])
