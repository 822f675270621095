"""What other modules need to know of accounts, or have done to them."""

from datetime import datetime

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.models import FinDeSesion
from app.modules.auth.repository import SesionRepository, UsuarioRepository


class CuentasService:
    def __init__(self, *, usuarios: UsuarioRepository, sesiones: SesionRepository, uow: UnitOfWork) -> None:
        self._usuarios = usuarios
        self._sesiones = sesiones
        self._uow = uow

    async def desactivar(self, *, residente_id: PydanticObjectId) -> None:
        """The resident left: their account cannot sign in and its sessions end. An account of the staff keeps working,
        and no longer speaks for them. Nothing happens where there is no account."""

        async def desactivar() -> None:
            usuario = await self._usuarios.cambiar_residencia(residente_id=residente_id, activa=False)
            if usuario is not None and usuario.rol is Rol.residente:
                await self._sesiones.terminar_todas(usuario.oid, motivo=FinDeSesion.cuenta_inactiva, cuando=ahora())

        await self._uow.run(desactivar)

    async def reactivar(self, *, residente_id: PydanticObjectId) -> None:
        """The resident is back: everything as before, but for the sessions. An account that an admin switched off
        stays off."""
        await self._usuarios.cambiar_residencia(residente_id=residente_id, activa=True)

    async def otro_confirmador(self, *, excepto: PydanticObjectId, desde: datetime) -> bool:
        """Whether somebody else could confirm: see `puede_confirmar`."""
        return await self._usuarios.hay_confirmador(quien={"$ne": excepto}, desde=desde)

    async def puede_confirmar(self, *, usuario_id: PydanticObjectId, desde: datetime) -> bool:
        """Whether it is an active admin or auditor whose account was made, recovered or given its role before
        `desde`."""
        return await self._usuarios.hay_confirmador(quien={"$eq": usuario_id}, desde=desde)
