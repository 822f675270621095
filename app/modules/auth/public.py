"""What other modules may ask of accounts, and the changes to accounts that other modules may order."""

from dataclasses import dataclass
from datetime import datetime

import attrs
from beanie import PydanticObjectId

from app.core.security import Rol
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.auth.confirmadores import Confirmadores
from app.modules.auth.models import FinDeSesion, Usuario
from app.modules.auth.repository import UsuarioRepository
from app.modules.auth.sesiones.service import SesionService
from app.shared.messages import Idioma


@dataclass(frozen=True, slots=True)
class Contacto:
    """Where the holder of an account is written to. `residente_id`: the resident for whom the account speaks."""

    email: str | None
    idioma: Idioma
    residente_id: PydanticObjectId | None


@attrs.define(kw_only=True)
class CuentasService:
    _usuarios: UsuarioRepository
    _confirmadores: Confirmadores
    _sesiones: SesionService
    _uow: UnitOfWork

    @una_transaccion
    async def desactivar(self, *, residente_id: PydanticObjectId) -> None:
        """The resident left. The account of a resident can no longer sign in, and its sessions end. An account of the
        staff keeps working, and no longer speaks for the resident. Without an account nothing happens."""
        usuario = await self._usuarios.cambiar_residencia(residente_id=residente_id, activa=False)
        if usuario is None:
            return
        if usuario.rol is Rol.residente:
            await self._sesiones.terminar_todas(usuario.oid, motivo=FinDeSesion.cuenta_inactiva)
        self._sesiones.olvidar(usuario.oid)

    async def contacto(self, *, usuario_id: PydanticObjectId) -> Contacto | None:
        """Where the holder of that account is written to."""
        usuario = await self._usuarios.get(usuario_id)
        return None if usuario is None else _contacto(usuario)

    async def contacto_de_residente(self, *, residente_id: PydanticObjectId) -> Contacto | None:
        """Where the resident is written to; None for a resident without an account."""
        suyas = await self._usuarios.por_residentes([residente_id], limite=1)
        return _contacto(suyas[0]) if suyas else None

    async def sin_residencia(self, *, despues_de: PydanticObjectId | None, limite: int) -> list[PydanticObjectId]:
        """Active accounts of the staff that speak for no resident, by ascending id."""
        return await self._usuarios.ids_sin_residencia(despues_de=despues_de, limite=limite)

    @una_transaccion
    async def reactivar(self, *, residente_id: PydanticObjectId) -> None:
        """The resident is back, and the account works again. Sessions that ended stay ended. An account that an admin
        switched off stays off."""
        usuario = await self._usuarios.cambiar_residencia(residente_id=residente_id, activa=True)
        if usuario is not None:
            self._sesiones.olvidar(usuario.oid)

    async def otro_confirmador(self, *, excepto: PydanticObjectId, desde: datetime) -> bool:
        """Whether any account other than `excepto` could confirm (see `puede_confirmar`), or could when `desde` was and
        cannot any more because `excepto`, or somebody who came later, saw to it."""
        return await self._confirmadores.hay_otro(excepto=excepto, desde=desde)

    async def puede_confirmar(self, *, usuario_id: PydanticObjectId, desde: datetime) -> bool:
        """Whether the account is an active admin's or auditor's, and was made, recovered or given its role before
        `desde`."""
        return await self._confirmadores.puede(usuario_id, desde=desde)


def _contacto(usuario: Usuario) -> Contacto:
    return Contacto(email=usuario.email, idioma=usuario.idioma, residente_id=usuario.residente_vigente)
