"""Queries on invitations."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.auth.models import EstadoInvitacion, Invitacion
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Filtro, Repository


class InvitacionRepository(Repository[Invitacion]):
    model = Invitacion
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "expira_en")

    async def pendiente_de(self, *, residente_id: PydanticObjectId | None, email: str | None) -> Invitacion | None:
        return await self.find_one({"residente_id": residente_id, "email": email, "pendiente": True})

    async def del_lote(self, lote: PydanticObjectId, *, residentes: Sequence[PydanticObjectId]) -> list[Invitacion]:
        return await self.find({"residente_id": {"$in": list(residentes)}, "lote": lote})

    async def usar(self, invitacion_id: PydanticObjectId, *, cuando: datetime) -> Invitacion | None:
        """Mark the invitation as used. None when it was used before, was taken back or has expired."""
        filtro = {"_id": invitacion_id, "pendiente": True, "expira_en": {"$gt": cuando}}
        return await self.update_one(filtro, {"$set": {"pendiente": False, "usada_en": cuando}})

    async def renovar(self, invitacion_id: PydanticObjectId, cambios: Mapping[str, Any]) -> Invitacion | None:
        """Change an invitation that is pending, expired or not. None when none is pending."""
        return await self.update_one({"_id": invitacion_id, "pendiente": True}, {"$set": dict(cambios)})

    async def borrar_pendiente(self, invitacion_id: PydanticObjectId) -> bool:
        return await self.delete_one({"_id": invitacion_id, "pendiente": True})

    async def listar(
        self,
        *,
        estados: Collection[EstadoInvitacion] | None,
        solo_residentes: bool,
        cuando: datetime,
        consulta: PageQuery,
    ) -> Page[Invitacion]:
        filtro: dict[str, Any] = {"rol": Rol.residente.value} if solo_residentes else {}
        if estados is not None:
            que_son: dict[EstadoInvitacion, Filtro] = {
                EstadoInvitacion.pendiente: {"pendiente": True, "expira_en": {"$gt": cuando}},
                EstadoInvitacion.vencida: {"pendiente": True, "expira_en": {"$lte": cuando}},
                EstadoInvitacion.usada: {"pendiente": False},
            }
            filtro["$or"] = [que_son[estado] for estado in estados]
        return await self.page(filtro, consulta)
