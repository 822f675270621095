"""Queries on what the module stores."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.auth.exceptions import CuentaExistente
from app.modules.auth.models import (
    EstadoInvitacion,
    FinDeSesion,
    Invitacion,
    SegundoFactor,
    Sesion,
    Usuario,
)
from app.shared.exceptions import ParkNetError
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Cambio, Filtro, Repository

_PUEDE_ENTRAR: Filtro = {
    "activo": True,
    "$or": [{"rol": {"$ne": Rol.residente.value}}, {"residencia_activa": True}],
}
_SIN_FALLOS: Filtro = {"fallos": 0, "frenado_hasta": None}
_CONFIRMADORES = [Rol.admin.value, Rol.auditor.value]


class UsuarioRepository(Repository[Usuario]):
    model = Usuario
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en",)
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {
        "usuario_email": CuentaExistente,
        "usuario_residente": CuentaExistente,
    }

    async def por_email(self, email: str) -> Usuario | None:
        return await self.find_one({"email": email})

    async def por_residentes(self, residentes: Sequence[PydanticObjectId], *, limite: int) -> list[Usuario]:
        return await self.find({"residente_id": {"$in": list(residentes)}}, limite=limite)

    async def ids_sin_residencia(self, *, despues_de: PydanticObjectId | None, limite: int) -> list[PydanticObjectId]:
        """Active accounts of the staff that speak for no resident, by ascending id."""
        filtro: dict[str, Any] = {
            "activo": True,
            "rol": {"$ne": Rol.residente.value},
            "$or": [{"residente_id": None}, {"residencia_activa": False}],
        }
        if despues_de is not None:
            filtro["_id"] = {"$gt": despues_de}
        return [usuario.oid for usuario in await self.find(filtro, limite=limite)]

    async def registrar_acceso(self, usuario: Usuario, *, cuando: datetime, cambios: Mapping[str, Any]) -> bool:
        """Whether the account still is as it was read: not switched off; its password, role and second factor the same.
        `cambios`: what signing in changes besides."""
        leido = {"clave": usuario.clave, "rol": usuario.rol.value, "mfa": usuario.mfa}
        # The count makes it a write also in the same millisecond as another: what changes nothing collides with none.
        cambio = {"$set": {**cambios, "ultimo_acceso": cuando}, "$inc": {"accesos": 1}}
        return await self.update_one({"_id": usuario.id, **leido, **_PUEDE_ENTRAR}, cambio) is not None

    async def cambiar_clave(self, usuario: Usuario, clave: str) -> bool:
        """Whether the account still had the password that was read, and may sign in. `clave` is the hash."""
        filtro = {"_id": usuario.id, "clave": usuario.clave, **_PUEDE_ENTRAR}
        return await self.update_one(filtro, {"$set": {"clave": clave}}) is not None

    async def poner_mfa(self, usuario_id: PydanticObjectId, *, mfa: bool) -> Usuario | None:
        """None when it was so already, or there is no such account."""
        return await self.update_one({"_id": usuario_id, "mfa": not mfa}, {"$set": {"mfa": mfa}})

    async def cambiar(self, usuario_id: PydanticObjectId, cambios: Mapping[str, Any]) -> Usuario | None:
        return await self.update_one({"_id": usuario_id}, {"$set": dict(cambios)})

    async def con_otro_admin(self, usuario_id: PydanticObjectId) -> bool:
        """Whether there is another active admin, who is written: of two admins that stop being one at the same moment,
        each counting on the other, one transaction finds the other in its way."""
        filtro = {"_id": {"$ne": usuario_id}, "rol": Rol.admin.value, "activo": True}
        return await self.update_one(filtro, {"$inc": {"testigos": 1}}) is not None

    async def listar(
        self, *, rol: Rol | None, activo: bool | None, mfa: bool | None, email: str | None, consulta: PageQuery
    ) -> Page[Usuario]:
        """`email`: how it begins."""
        filtro: dict[str, Any] = {} if rol is None else {"rol": rol.value}
        filtro |= {campo: valor for campo, valor in (("activo", activo), ("mfa", mfa)) if valor is not None}
        if email is not None:
            filtro |= {"email": {"$gte": email, "$lt": email + "\uffff"}}
        return await self.page(filtro, consulta)

    async def recuperar(self, usuario: Usuario, *, clave: str, cuando: datetime, desde: str) -> bool:
        """Give it another password, if it still is as it was read. `desde`: the address that it was done from."""
        return await self._cambiar(usuario, {"clave": clave, "rol_desde": cuando, "recuperada_desde": desde})

    async def cambiar_correo(self, usuario: Usuario, *, email: str) -> bool:
        """Likewise. Raises CuentaExistente."""
        return await self._cambiar(usuario, {"email": email})

    async def _cambiar(self, usuario: Usuario, cambios: Mapping[str, Any]) -> bool:
        filtro = {"_id": usuario.id, "clave": usuario.clave, "email": usuario.email, **_PUEDE_ENTRAR}
        return await self.update_one(filtro, {"$set": dict(cambios)}) is not None

    async def cambiar_residencia(self, *, residente_id: PydanticObjectId, activa: bool) -> Usuario | None:
        return await self.update_one({"residente_id": residente_id}, {"$set": {"residencia_activa": activa}})

    async def hay_admin(self) -> bool:
        return await self.find_one({"rol": Rol.admin.value, "activo": True}) is not None

    async def es_admin(self, usuario_id: PydanticObjectId | None) -> bool:
        """Whether that account is an admin's and works."""
        return await self.find_one({"_id": usuario_id, "rol": Rol.admin.value, "activo": True}) is not None

    async def hay_confirmador(self, *, quien: Filtro, desde: datetime) -> bool:
        filtro = {"_id": quien, "rol": {"$in": _CONFIRMADORES}, "activo": True, "rol_desde": {"$lt": desde}}
        return await self.find_one(filtro) is not None


class SesionRepository(Repository[Sesion]):
    model = Sesion
    ordenes: ClassVar[tuple[str, ...]] = ("-ultimo_uso",)

    async def rotar(self, sesion: Sesion, *, cuando: datetime, cambios: Mapping[str, Any]) -> Sesion | None:
        """Put in the successor if what was current when `sesion` was read still is; None when another came before."""
        filtro = {"_id": sesion.id, "actual": sesion.actual, "terminada_en": None, "expira_en": {"$gt": cuando}}
        fijos = {"anterior": sesion.actual, "rotado_en": cuando, "ultimo_uso": cuando}
        return await self.update_one(filtro, {"$set": {**cambios, **fijos}, "$inc": {"rotaciones": 1}})

    async def terminar(self, filtro: Filtro, *, motivo: FinDeSesion, cuando: datetime) -> bool:
        """Whether one that matches was not ended before."""
        return await self.update_one({**filtro, "terminada_en": None}, _fin(motivo, cuando)) is not None

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
        """Whether any of those accounts has a session, ended or not, that was last used from there."""
        return await self.find_one({"usuario_id": {"$in": list(usuarios)}, "direccion": direccion}) is not None

    async def conoce(self, usuario_id: PydanticObjectId, *, dispositivo: str) -> bool:
        """Whether that account was signed in to from a device of that description, as far as it is remembered."""
        return await self.find_one({"usuario_id": usuario_id, "dispositivo": dispositivo}) is not None


def _fin(motivo: FinDeSesion, cuando: datetime) -> Cambio:
    return {"$set": {"terminada_en": cuando, "motivo": motivo.value}}


class SegundoFactorRepository(Repository[SegundoFactor]):
    model = SegundoFactor

    async def empezar(self, nuevo: SegundoFactor) -> bool:
        """Put it in the place of one that waits for its first code, or where there is none. False when there is one
        that was confirmed."""
        campos = nuevo.model_dump(exclude={"id", "revision_id"})
        if await self.update_one({"_id": nuevo.id, "activo": False}, {"$set": campos}) is not None:
            return True
        if await self.get(nuevo.oid) is not None:
            return False
        await self.insert(nuevo)
        return True

    async def contar_intento(self, factor: SegundoFactor, *, frenado_hasta: datetime | None) -> bool:
        """Whether nobody counted another since `factor` was read."""
        filtro = {"_id": factor.id, "secreto": factor.secreto, "fallos": factor.fallos}
        cambio = {"$inc": {"fallos": 1}, "$set": {"frenado_hasta": frenado_hasta}}
        return await self.update_one(filtro, cambio) is not None

    async def activar(self, factor: SegundoFactor, *, paso: int, codigos: Sequence[str]) -> bool:
        filtro = {"_id": factor.id, "secreto": factor.secreto, "activo": False}
        cambio = {"activo": True, "ultimo_paso": paso, "codigos": list(codigos), **_SIN_FALLOS}
        return await self.update_one(filtro, {"$set": cambio}) is not None

    async def gastar_paso(self, usuario_id: PydanticObjectId, *, secreto: bytes, paso: int) -> bool:
        """Of many with the same code at once, one gets True."""
        filtro = {"_id": usuario_id, "secreto": secreto, "activo": True, "ultimo_paso": {"$lt": paso}}
        return await self.update_one(filtro, {"$set": {"ultimo_paso": paso, **_SIN_FALLOS}}) is not None

    async def gastar_codigo(self, usuario_id: PydanticObjectId, huella: str) -> bool:
        """Of many with the same code at once, one gets True."""
        filtro = {"_id": usuario_id, "activo": True, "codigos": huella}
        cambio = {"$pull": {"codigos": huella}, "$set": _SIN_FALLOS}
        return await self.update_one(filtro, cambio) is not None

    async def borrar(self, usuario_id: PydanticObjectId) -> bool:
        return await self.delete_one({"_id": usuario_id})


class InvitacionRepository(Repository[Invitacion]):
    model = Invitacion
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "expira_en")

    async def pendiente_de(self, *, residente_id: PydanticObjectId | None, email: str | None) -> Invitacion | None:
        return await self.find_one({"residente_id": residente_id, "email": email, "pendiente": True})

    async def del_lote(self, lote: PydanticObjectId, *, residentes: Sequence[PydanticObjectId]) -> list[Invitacion]:
        return await self.find({"residente_id": {"$in": list(residentes)}, "lote": lote})

    async def usar(self, invitacion_id: PydanticObjectId, *, cuando: datetime) -> Invitacion | None:
        """Use it up; None when it is not alive."""
        filtro = {"_id": invitacion_id, "pendiente": True, "expira_en": {"$gt": cuando}}
        return await self.update_one(filtro, {"$set": {"pendiente": False, "usada_en": cuando}})

    async def renovar(self, invitacion_id: PydanticObjectId, cambios: Mapping[str, Any]) -> Invitacion | None:
        """Change a pending one, expired or not."""
        return await self.update_one({"_id": invitacion_id, "pendiente": True}, {"$set": dict(cambios)})

    async def borrar_pendiente(self, invitacion_id: PydanticObjectId) -> bool:
        return await self.delete_one({"_id": invitacion_id, "pendiente": True})

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
