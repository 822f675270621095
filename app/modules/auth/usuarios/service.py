"""Accounts as admins see them: lists, roles, switching off and on."""

from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.auth.confirmadores import Confirmadores
from app.modules.auth.exceptions import RolSinResidente, UltimoAdmin
from app.modules.auth.models import FinDeSesion, Usuario
from app.modules.auth.ports import Avisos, Bitacora
from app.modules.auth.repository import CONFIRMADORES, FiltroUsuarios, UsuarioRepository
from app.modules.auth.sesiones.service import SesionService
from app.shared.exceptions import hallado
from app.shared.pagination import Page, PageQuery


@attrs.define(kw_only=True)
class UsuarioService:
    _usuarios: UsuarioRepository
    _confirmadores: Confirmadores
    _sesiones: SesionService
    _avisos: Avisos
    _bitacora: Bitacora
    _uow: UnitOfWork

    async def listar(self, filtro: FiltroUsuarios, *, consulta: PageQuery) -> Page[Usuario]:
        return await self._usuarios.listar(filtro, consulta)

    async def ver(self, usuario_id: PydanticObjectId) -> Usuario:
        """Raises NoEncontrado."""
        return hallado(await self._usuarios.get(usuario_id))

    @una_transaccion
    async def cambiar(
        self, usuario_id: PydanticObjectId, *, rol: Rol | None, activo: bool | None, quien: Principal
    ) -> Usuario:
        """Give an account another role, or switch it off or on; None leaves a field as it is. Either change ends the
        sessions of the account.

        Raises NoEncontrado, RolSinResidente and UltimoAdmin. Admins may change their own accounts, unless no other
        admin is left.
        """
        usuario = await self.ver(usuario_id)
        nuevo_rol, nuevo_activo = rol or usuario.rol, usuario.activo if activo is None else activo
        if (nuevo_rol, nuevo_activo) == (usuario.rol, usuario.activo):
            return usuario
        await self._exigir(usuario, nuevo_rol, nuevo_activo)
        momento = ahora()
        cambios: dict[str, Any] = {"rol": nuevo_rol.value, "activo": nuevo_activo}
        if nuevo_rol is not usuario.rol or nuevo_activo:
            # An account that is switched on again is given its role anew.
            cambios["rol_desde"] = momento
        relevo = await self._usuarios.relevo(usuario, por=quien.usuario_id, cuando=momento)
        cambiado = hallado(await self._usuarios.cambiar(usuario_id, cambios, relevo=relevo))
        if CONFIRMADORES & {usuario.rol, cambiado.rol}:
            await self._confirmadores.decir(cambiado, por=quien.usuario_id)
        await self._contar(usuario, cambiado)
        return cambiado

    async def _exigir(self, usuario: Usuario, rol: Rol, activo: bool) -> None:
        if rol is Rol.residente and usuario.residente_id is None:
            raise RolSinResidente
        deja_de_ser = usuario.rol is Rol.admin and usuario.activo and (rol is not Rol.admin or not activo)
        if deja_de_ser and not await self._usuarios.con_otro_admin(usuario.oid):
            raise UltimoAdmin

    async def _contar(self, antes: Usuario, ahora_es: Usuario) -> None:
        otro_rol = antes.rol is not ahora_es.rol
        motivo = FinDeSesion.rol if otro_rol else FinDeSesion.cuenta_inactiva
        await self._sesiones.terminar_todas(antes.oid, motivo=motivo)
        if otro_rol:
            await self._avisos.avisar(tipo="rol_cambiado", datos={"rol": ahora_es.rol.value}, usuario_id=antes.oid)
            datos = {"de": antes.rol.value, "a": ahora_es.rol.value}
            await self._bitacora.suceso(tipo="rol_cambiado", usuario_id=antes.oid, datos=datos)
        if antes.activo is not ahora_es.activo:
            tipo = "cuenta_encendida" if ahora_es.activo else "cuenta_apagada"
            await self._bitacora.suceso(tipo=tipo, usuario_id=antes.oid)
