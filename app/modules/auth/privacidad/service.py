"""What accounts hold of residents: told, erased, and gone when it has had its time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Rol
from app.modules.auth.models import Proposito, Usuario
from app.modules.auth.privacidad.repository import InvitadoRepository, SesionDeRepository
from app.modules.auth.repository import UsuarioRepository
from app.modules.auth.segundo_factor.repository import SegundoFactorRepository
from app.modules.auth.sesiones.service import SesionService
from app.modules.auth.vales.repository import ValeRepository


@attrs.define(kw_only=True)
class CustodioDeCuentas:
    """Every call joins the transaction of its caller."""

    _usuarios: UsuarioRepository
    _sesiones: SesionService
    _de_sesiones: SesionDeRepository
    _invitados: InvitadoRepository
    _factores: SegundoFactorRepository
    _vales: ValeRepository

    async def usuario_de(self, *, residente_id: PydanticObjectId) -> PydanticObjectId | None:
        usuario = await self._de(residente_id)
        return None if usuario is None else usuario.oid

    async def datos_de(self, *, residente_id: PydanticObjectId) -> Sequence[dict[str, Any]]:
        usuario = await self._de(residente_id)
        if usuario is None:
            return []
        campos = {"id", "email", "rol", "mfa", "idioma", "creado_en", "ultimo_acceso", "politica_aceptada_en"}
        return [{**usuario.model_dump(include=campos), "sesiones": await self._de_sesiones.mostrar(usuario.oid)}]

    async def suprimir_de(self, *, residente_id: PydanticObjectId, desocupadas: Sequence[PydanticObjectId]) -> None:
        """The account of a resident stays as an id, to which the audit points. That of staff stays theirs, and speaks
        for nobody any more."""
        del desocupadas
        await self._invitados.borrar_las_de(residente_id)
        usuario = await self._de(residente_id)
        if usuario is None:
            return
        if usuario.rol is not Rol.residente:
            await self._usuarios.cambiar(usuario.oid, {"residente_id": None}, relevo=None)
            self._sesiones.olvidar(usuario.oid)
            return
        vacio = {"email": None, "clave": "", "activo": False, "mfa": False, "recuperada_desde": None}
        await self._usuarios.cambiar(usuario.oid, vacio, relevo=None)
        await self._de_sesiones.borrar_las_de(usuario.oid)
        await self._factores.borrar(usuario.oid)
        await self._vales.borrar(list(Proposito), sujeto_id=usuario.oid)
        self._sesiones.olvidar(usuario.oid)

    async def _de(self, residente_id: PydanticObjectId) -> Usuario | None:
        return next(iter(await self._usuarios.por_residentes([residente_id], limite=1)), None)


@attrs.define(kw_only=True)
class LimpiezaDeCuentas:
    """A batch each: how many were erased. `guarda_de_sesiones`: how long one is kept after it was ended, with its
    device and address; `guarda_de_invitaciones`: after it was used, or came to nothing."""

    _sesiones: SesionDeRepository
    _invitados: InvitadoRepository
    _guarda_de_sesiones: timedelta
    _guarda_de_invitaciones: timedelta

    async def sesiones(self, *, limite: int) -> int:
        return await self._sesiones.borrar_terminadas(antes_de=ahora() - self._guarda_de_sesiones, limite=limite)

    async def invitaciones(self, *, limite: int) -> int:
        antes_de = ahora() - self._guarda_de_invitaciones
        usadas = await self._invitados.borrar_usadas(antes_de=antes_de, limite=limite)
        return max(usadas, await self._invitados.borrar_vencidas_del_personal(antes_de=antes_de, limite=limite))
