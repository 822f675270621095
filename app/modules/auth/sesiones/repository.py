"""Queries on sessions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId

from app.modules.auth.models import FinDeSesion, Sesion
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Cambio, Repository


class SesionRepository(Repository[Sesion]):
    model = Sesion
    ordenes: ClassVar[tuple[str, ...]] = ("-ultimo_uso",)

    async def rotar(self, sesion: Sesion, *, cuando: datetime, cambios: Mapping[str, Any]) -> Sesion | None:
        """Replace the current token by its successor. None when the token changed since `sesion` was read, or when the
        session ended."""
        filtro = {"_id": sesion.id, "actual": sesion.actual, "terminada_en": None, "expira_en": {"$gt": cuando}}
        fijos = {"anterior": sesion.actual, "rotado_en": cuando, "ultimo_uso": cuando}
        return await self.update_one(filtro, {"$set": {**cambios, **fijos}, "$inc": {"rotaciones": 1}})

    async def terminar(self, sesion_id: PydanticObjectId, *, motivo: FinDeSesion, cuando: datetime) -> bool:
        """Whether this call ended the session: False for a session that had ended before."""
        return await self.update_one({"_id": sesion_id, "terminada_en": None}, _fin(motivo, cuando)) is not None

    async def cerrar(
        self, sesion_id: PydanticObjectId, *, usuario_id: PydanticObjectId, motivo: FinDeSesion, cuando: datetime
    ) -> bool:
        """Like `terminar`, for a living session of that account only."""
        viva = {"_id": sesion_id, "usuario_id": usuario_id, "terminada_en": None, "expira_en": {"$gt": cuando}}
        return await self.update_one(viva, _fin(motivo, cuando)) is not None

    async def terminar_todas(
        self,
        usuario_id: PydanticObjectId,
        *,
        motivo: FinDeSesion,
        cuando: datetime,
        excepto: PydanticObjectId | None = None,
    ) -> None:
        otras = {"usuario_id": usuario_id, "_id": {"$ne": excepto}, "terminada_en": None}
        await self.update_many(otras, _fin(motivo, cuando))

    async def vivas(self, usuario_id: PydanticObjectId, *, cuando: datetime, consulta: PageQuery) -> Page[Sesion]:
        return await self.page({"usuario_id": usuario_id, "terminada_en": None, "expira_en": {"$gt": cuando}}, consulta)

    async def desde(self, direccion: str, usuarios: Sequence[PydanticObjectId]) -> bool:
        """Whether one of those accounts has a session, ended or not, that was last used from `direccion`."""
        return await self.find_one({"usuario_id": {"$in": list(usuarios)}, "direccion": direccion}) is not None

    async def conoce(self, usuario_id: PydanticObjectId, *, dispositivo: str) -> bool:
        """Whether a session that is still stored, ended or not, shows that account on a device of that description."""
        return await self.find_one({"usuario_id": usuario_id, "dispositivo": dispositivo}) is not None


def _fin(motivo: FinDeSesion, cuando: datetime) -> Cambio:
    return {"$set": {"terminada_en": cuando, "motivo": motivo.value}}
