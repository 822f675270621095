"""Queries on API keys."""

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from beanie import PydanticObjectId

from app.modules.auth.models import EstadoLlave, Llave
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Filtro, Repository


class LlaveRepository(Repository[Llave]):
    model = Llave
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "nombre")

    async def por_huella(self, huella: str) -> Llave | None:
        return await self.find_one({"huella": huella})

    async def terminar(self, llave_id: PydanticObjectId, *, cuando: datetime) -> None:
        await self.update_one({"_id": llave_id, "terminada_en": None}, {"$set": {"terminada_en": cuando}})

    async def listar(
        self, *, estados: Collection[EstadoLlave] | None, cuando: datetime, consulta: PageQuery
    ) -> Page[Llave]:
        sin_vencer: Filtro = {"$or": [{"expira_en": None}, {"expira_en": {"$gt": cuando}}]}
        filtros: dict[EstadoLlave, Filtro] = {
            EstadoLlave.terminada: {"terminada_en": {"$ne": None}},
            EstadoLlave.vencida: {"terminada_en": None, "expira_en": {"$ne": None, "$lte": cuando}},
            EstadoLlave.activa: {"terminada_en": None, **sin_vencer},
        }
        return await self.page({} if estados is None else {"$or": [filtros[e] for e in estados]}, consulta)

    async def anotar_uso(self, llave_id: PydanticObjectId, *, cuando: datetime) -> None:
        # Two processes may write: the later use stays.
        await self.update_one({"_id": llave_id}, {"$max": {"ultimo_uso": cuando}})
