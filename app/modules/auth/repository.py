"""Queries on accounts, sessions and invitations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.auth.exceptions import CuentaExistente
from app.modules.auth.models import EstadoInvitacion, FinDeSesion, Invitacion, Sesion, Usuario
from app.shared.exceptions import ParkNetError
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Filtro, Repository

_PUEDE_ENTRAR: Filtro = {
    "activo": True,
    "$or": [{"rol": {"$ne": Rol.residente.value}}, {"residencia_activa": True}],
}
_CONFIRMADORES = [Rol.admin.value, Rol.auditor.value]


class UsuarioRepository(Repository[Usuario]):
    model = Usuario
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {
        "usuario_email": CuentaExistente,
        "usuario_residente": CuentaExistente,
    }

    async def por_email(self, email: str) -> Usuario | None:
        return await self.find_one({"email": email})

    async def por_residentes(self, residentes: Sequence[PydanticObjectId], *, limite: int) -> list[Usuario]:
        return await self.find({"residente_id": {"$in": list(residentes)}}, limite=limite)

    async def registrar_acceso(self, usuario: Usuario, *, cuando: datetime) -> bool:
        """Whether the account still is as it was read: not switched off, its password the same."""
        filtro = {"_id": usuario.id, "clave": usuario.clave, **_PUEDE_ENTRAR}
        return await self.update_one(filtro, {"$set": {"ultimo_acceso": cuando}}) is not None

    async def cambiar_residencia(self, *, residente_id: PydanticObjectId, activa: bool) -> Usuario | None:
        return await self.update_one({"residente_id": residente_id}, {"$set": {"residencia_activa": activa}})

    async def hay_admin(self) -> bool:
        return await self.find_one({"rol": Rol.admin.value, "activo": True}) is not None

    async def hay_confirmador(self, *, quien: Filtro, desde: datetime) -> bool:
        filtro = {"_id": quien, "rol": {"$in": _CONFIRMADORES}, "activo": True, "rol_desde": {"$lt": desde}}
        return await self.find_one(filtro) is not None


class SesionRepository(Repository[Sesion]):
    model = Sesion

    async def rotar(self, sesion: Sesion, *, cuando: datetime, cambios: Mapping[str, Any]) -> Sesion | None:
        """Put in the successor if what was current when `sesion` was read still is; None when another came before."""
        filtro = {"_id": sesion.id, "actual": sesion.actual, "terminada_en": None, "expira_en": {"$gt": cuando}}
        fijos = {"anterior": sesion.actual, "rotado_en": cuando, "ultimo_uso": cuando}
        return await self.update_one(filtro, {"$set": {**cambios, **fijos}, "$inc": {"rotaciones": 1}})

    async def terminar(self, sesion_id: PydanticObjectId, *, motivo: FinDeSesion, cuando: datetime) -> None:
        await self.update_one(
            {"_id": sesion_id, "terminada_en": None}, {"$set": {"terminada_en": cuando, "motivo": motivo.value}}
        )

    async def terminar_todas(self, usuario_id: PydanticObjectId, *, motivo: FinDeSesion, cuando: datetime) -> None:
        await self.update_many(
            {"usuario_id": usuario_id, "terminada_en": None},
            {"$set": {"terminada_en": cuando, "motivo": motivo.value}},
        )

    async def borrar_vencidas(self, usuario_id: PydanticObjectId, *, cuando: datetime) -> None:
        await self.delete_many({"usuario_id": usuario_id, "expira_en": {"$lte": cuando}})


class InvitacionRepository(Repository[Invitacion]):
    model = Invitacion
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "expira_en")

    async def viva(self, huella: str, *, cuando: datetime) -> Invitacion | None:
        return await self.find_one(_viva(huella, cuando))

    async def usar(self, huella: str, *, cuando: datetime) -> Invitacion | None:
        """Use it up; None when it is not alive. Of many at once, one gets it."""
        return await self.update_one(_viva(huella, cuando), {"$set": {"pendiente": False, "usada_en": cuando}})

    async def renovar(self, invitacion_id: PydanticObjectId, *, huella: str, expira_en: datetime) -> Invitacion | None:
        """Give a pending one, expired or not, another token and another term."""
        return await self.update_one(
            {"_id": invitacion_id, "pendiente": True}, {"$set": {"huella": huella, "expira_en": expira_en}}
        )

    async def borrar_pendiente(self, invitacion_id: PydanticObjectId) -> bool:
        return await self.delete_one({"_id": invitacion_id, "pendiente": True})

    async def borrar_las_de(self, *, residente_id: PydanticObjectId | None, email: str | None) -> None:
        """Take back what is pending for that person."""
        await self.delete_many({"residente_id": residente_id, "email": email, "pendiente": True})

    async def listar(
        self, *, estado: EstadoInvitacion | None, solo_residentes: bool, cuando: datetime, consulta: PageQuery
    ) -> Page[Invitacion]:
        filtro: dict[str, Any] = {"rol": Rol.residente.value} if solo_residentes else {}
        match estado:
            case EstadoInvitacion.pendiente:
                filtro |= {"pendiente": True, "expira_en": {"$gt": cuando}}
            case EstadoInvitacion.vencida:
                filtro |= {"pendiente": True, "expira_en": {"$lte": cuando}}
            case EstadoInvitacion.usada:
                filtro |= {"pendiente": False}
        return await self.page(filtro, consulta)


def _viva(huella: str, cuando: datetime) -> Filtro:
    return {"huella": huella, "pendiente": True, "expira_en": {"$gt": cuando}}
