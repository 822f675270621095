"""Queries on accounts, which every feature asks for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId

from app.core.security import DE_OFICINA, Rol
from app.modules.auth.exceptions import CuentaExistente
from app.modules.auth.models import Relevo, Usuario
from app.shared.exceptions import ParkNetError
from app.shared.pagination import Page, PageQuery
from app.shared.reading import alguno_de
from app.shared.repository import Fila, Filtro, Repository

_PUEDE_ENTRAR: Filtro = {
    "activo": True,
    "$or": [{"rol": {"$ne": Rol.residente.value}}, {"residencia_activa": True}],
}
_A_LA_VISTA = ("email", "rol", "residente_id", "residencia_activa", "mfa", "creado_en", "ultimo_acceso")
CONFIRMADORES = frozenset({Rol.admin, Rol.auditor})


@dataclass(frozen=True, slots=True)
class FiltroUsuarios:
    """`email`: the beginning of the address, in lower case."""

    roles: Collection[Rol] | None = None
    activo: bool | None = None
    mfa: bool | None = None
    email: str | None = None


class UsuarioRepository(Repository[Usuario]):
    model = Usuario
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en",)
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {
        "usuario_email": CuentaExistente,
        "usuario_residente": CuentaExistente,
    }

    async def para_ver(self, id: PydanticObjectId) -> Fila | None:
        """What its holder is shown of it, as it is stored."""
        return await self.row({"_id": id}, _A_LA_VISTA)

    async def por_email(self, email: str) -> Usuario | None:
        return await self.find_one({"email": email})

    async def por_residentes(self, residentes: Sequence[PydanticObjectId], *, limite: int) -> list[Usuario]:
        return await self.find({"residente_id": {"$in": list(residentes)}}, limite=limite)

    async def ids_sin_residencia(self, *, despues_de: PydanticObjectId | None, limite: int) -> list[PydanticObjectId]:
        """Active accounts of the staff that speak for no resident, by ascending id."""
        filtro: dict[str, Any] = {
            "activo": True,
            "rol": {"$in": sorted(DE_OFICINA)},
            "$or": [{"residente_id": None}, {"residencia_activa": False}],
        }
        if despues_de is not None:
            filtro["_id"] = {"$gt": despues_de}
        return [usuario.oid for usuario in await self.find(filtro, limite=limite)]

    async def registrar_acceso(self, usuario: Usuario, *, cuando: datetime, cambios: Mapping[str, Any]) -> bool:
        """Record a sign-in. False when the account was switched off, or its password, role or second factor changed,
        since `usuario` was read. `cambios`: other fields that the sign-in sets."""
        leido = {"clave": usuario.clave, "rol": usuario.rol.value, "mfa": usuario.mfa}
        # The count changes with every sign-in. Without the count two sign-ins in one millisecond would write the same
        # values, and a write that changes nothing collides with no other transaction.
        cambio = {"$set": {**cambios, "ultimo_acceso": cuando}, "$inc": {"accesos": 1}}
        return await self.update_one({"_id": usuario.id, **leido, **_PUEDE_ENTRAR}, cambio) is not None

    async def cambiar_clave(self, usuario: Usuario, clave: str) -> bool:
        """Set the hash `clave`. False when the password changed since `usuario` was read, or when the account may not
        sign in."""
        filtro = {"_id": usuario.id, "clave": usuario.clave, **_PUEDE_ENTRAR}
        return await self.update_one(filtro, {"$set": {"clave": clave}}) is not None

    async def poner_mfa(self, usuario_id: PydanticObjectId, *, mfa: bool) -> Usuario | None:
        """None when `mfa` had that value already, or when there is no such account."""
        return await self.update_one({"_id": usuario_id, "mfa": not mfa}, {"$set": {"mfa": mfa}})

    async def cambiar(
        self, usuario_id: PydanticObjectId, cambios: Mapping[str, Any], *, relevo: Relevo | None
    ) -> Usuario | None:
        return await self.update_one({"_id": usuario_id}, _cambio(cambios, relevo))

    async def con_otro_admin(self, usuario_id: PydanticObjectId) -> bool:
        """Whether there is another active admin. The query writes to the admin that it finds: when two admins stop
        being one at the same moment, each counting on the other, the two transactions collide."""
        filtro = {"_id": {"$ne": usuario_id}, "rol": Rol.admin.value, "activo": True}
        return await self.update_one(filtro, {"$inc": {"testigos": 1}}) is not None

    async def listar(self, buscado: FiltroUsuarios, consulta: PageQuery) -> Page[Usuario]:
        filtro: dict[str, Any] = {} if buscado.roles is None else {"rol": alguno_de(buscado.roles)}
        si_o_no = {"activo": buscado.activo, "mfa": buscado.mfa}
        filtro |= {campo: valor for campo, valor in si_o_no.items() if valor is not None}
        if buscado.email is not None:
            filtro |= {"email": {"$gte": buscado.email, "$lt": buscado.email + "\uffff"}}
        return await self.page(filtro, consulta)

    async def recuperar(
        self, usuario: Usuario, *, clave: str, cuando: datetime, desde: str, relevo: Relevo | None
    ) -> Usuario | None:
        """Set another password. None when the password or the e-mail changed since `usuario` was read, or when the
        account may not sign in. `desde`: the address of the caller."""
        return await self._cambiar(
            usuario, {"clave": clave, "rol_desde": cuando, "recuperada_desde": desde}, relevo=relevo
        )

    async def relevo(self, usuario: Usuario, *, por: PydanticObjectId | None, cuando: datetime) -> Relevo | None:
        """What to keep when `por` makes `usuario` stop being an admin or auditor who may confirm; None where nobody
        else does, or they were not one."""
        if por is None or por == usuario.oid or not usuario.activo or usuario.rol not in CONFIRMADORES:
            return None
        otro = await self.get(por)
        por_desde = cuando if otro is None else otro.rol_desde
        return Relevo(por=por, por_desde=por_desde, era_desde=usuario.rol_desde, cuando=cuando)

    async def cambiar_correo(self, usuario: Usuario, *, email: str) -> bool:
        """Set another e-mail. False where `recuperar` gives None. Raises CuentaExistente."""
        return await self._cambiar(usuario, {"email": email}) is not None

    async def _cambiar(
        self, usuario: Usuario, cambios: Mapping[str, Any], *, relevo: Relevo | None = None
    ) -> Usuario | None:
        filtro = {"_id": usuario.id, "clave": usuario.clave, "email": usuario.email, **_PUEDE_ENTRAR}
        return await self.update_one(filtro, _cambio(cambios, relevo))

    async def cambiar_residencia(self, *, residente_id: PydanticObjectId, activa: bool) -> Usuario | None:
        return await self.update_one({"residente_id": residente_id}, {"$set": {"residencia_activa": activa}})

    async def hay_admin(self) -> bool:
        return await self.find_one({"rol": Rol.admin.value, "activo": True}) is not None

    async def es_admin(self, usuario_id: PydanticObjectId | None) -> bool:
        """Whether the account is an active admin."""
        return await self.find_one({"_id": usuario_id, "rol": Rol.admin.value, "activo": True}) is not None

    async def confirmadores(self) -> list[Usuario]:
        """All accounts of admins and auditors, switched off too."""
        return await self.find({"rol": {"$in": sorted(CONFIRMADORES)}})

    async def es_confirmador(self, usuario_id: PydanticObjectId, *, desde: datetime) -> bool:
        return await self.find_one({"_id": usuario_id, **_confirmador(desde)}) is not None

    async def hay_otro_confirmador(self, usuario_id: PydanticObjectId, *, desde: datetime) -> bool:
        """Also one who stopped being so since `desde` by an act of `usuario_id`, or of somebody who was not so then."""
        ajeno = [{"por": usuario_id}, {"por_desde": {"$gte": desde}}]
        quitado = {"era_desde": {"$lt": desde}, "cuando": {"$gte": desde}, "$or": ajeno}
        todos = [_confirmador(desde), {"relevos": {"$elemMatch": quitado}}]
        return await self.find_one({"_id": {"$ne": usuario_id}, "$or": todos}) is not None


def _cambio(cambios: Mapping[str, Any], relevo: Relevo | None) -> dict[str, Any]:
    agregar = {} if relevo is None else {"$push": {"relevos": relevo.model_dump()}}
    return {"$set": dict(cambios), **agregar}


def _confirmador(desde: datetime) -> Filtro:
    """An active admin or auditor whose account was made, recovered or given its role before `desde`."""
    return {"rol": {"$in": sorted(CONFIRMADORES)}, "activo": True, "rol_desde": {"$lt": desde}}
