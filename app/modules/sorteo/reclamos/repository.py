"""Queries on claims."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId

from app.modules.sorteo.reclamos.models import EstadoReclamo, Reclamo
from app.shared.pagination import Page, PageQuery
from app.shared.reading import alguno_de
from app.shared.repository import Repository


class ReclamoRepository(Repository[Reclamo]):
    model = Reclamo
    ordenes: ClassVar[tuple[str, ...]] = ("folio",)

    async def listar(
        self,
        sorteo_id: PydanticObjectId,
        consulta: PageQuery,
        *,
        estados: Collection[EstadoReclamo] | None,
        de: PydanticObjectId | None,
    ) -> Page[Reclamo]:
        """By folio. `de`: the resident who asks; None: all of the draw."""
        filtro: dict[str, Any] = {"sorteo_id": sorteo_id}
        if estados is not None:
            filtro["estado"] = alguno_de(estados)
        if de is not None:
            filtro["presentes"] = de
        return await self.page(filtro, consulta, sin_empates={"folio"})

    async def responder(
        self,
        sorteo_id: PydanticObjectId,
        id: PydanticObjectId,
        *,
        estado: EstadoReclamo,
        respuesta: str,
        cuando: datetime,
    ) -> Reclamo | None:
        """Answer a claim that has no answer; None when there is none such."""
        return await self.update_one(
            {"_id": id, "sorteo_id": sorteo_id, "estado": EstadoReclamo.presentado},
            {"$set": {"estado": estado, "respuesta": respuesta, "respondido_en": cuando}},
        )

    async def uno(self, sorteo_id: PydanticObjectId, id: PydanticObjectId) -> Reclamo | None:
        return await self.find_one({"_id": id, "sorteo_id": sorteo_id})

    def del_sorteo(self, sorteo_id: PydanticObjectId) -> AsyncIterator[Reclamo]:
        """All of them, by folio."""
        return self.iterate({"sorteo_id": sorteo_id}, orden=[("folio", 1)])
