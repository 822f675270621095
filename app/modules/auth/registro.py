"""How accounts come to be: by an invitation, or the first admin by the settings."""

import logging
import re

from app.core.clock import ahora
from app.core.config import ConfigError
from app.core.security import HasherDeClaves, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.exceptions import CuentaExistente, InvitacionInvalida
from app.modules.auth.invitaciones import huella_de_invitacion
from app.modules.auth.models import Invitacion, Usuario
from app.modules.auth.ports import Padron
from app.modules.auth.repository import InvitacionRepository, UsuarioRepository
from app.modules.auth.schemas import CLAVE_MAXIMA, CLAVE_MINIMA, CORREO_MAXIMO
from app.shared.schemas import normalizar

log = logging.getLogger(__name__)
_CORREO = re.compile(r"[^@\s]+@[^@\s]+")


class RegistroService:
    def __init__(
        self,
        *,
        usuarios: UsuarioRepository,
        invitaciones: InvitacionRepository,
        padron: Padron,
        uow: UnitOfWork,
        hasher: HasherDeClaves,
    ) -> None:
        self._usuarios = usuarios
        self._invitaciones = invitaciones
        self._padron = padron
        self._uow = uow
        self._hasher = hasher

    async def registrar(self, *, invitacion: str, clave: str) -> Usuario:
        """Make the account that `invitacion` is for; it is used up. Raises InvitacionInvalida, CuentaExistente."""
        huella = huella_de_invitacion(invitacion)
        # Hashing a password is work, and is not done for whoever has no invitation.
        if await self._invitaciones.viva(huella, cuando=ahora()) is None:
            raise InvitacionInvalida
        clave_hash = await self._hasher.hash(clave)

        async def registrar() -> Usuario:
            usada = await self._invitaciones.usar(huella, cuando=ahora())
            if usada is None:
                raise InvitacionInvalida
            usuario = await self._usuarios.insert(await self._cuenta(usada, clave_hash))
            if usada.residente_id is not None:
                await self._padron.marcar_cuenta(residente_id=usada.residente_id, cuenta="activa")
            return usuario

        return await self._uow.run(registrar)

    async def asegurar_primer_admin(self, *, email: str | None, clave: str | None) -> None:
        """Make the first admin when there is none. Of several processes that start at once, the unique index on
        e-mails lets one. Raises ConfigError, naming the setting."""
        if email is None and clave is None:
            if not await self._usuarios.hay_admin():
                log.warning("no hay ningún admin: indique PARKNET_ADMIN_EMAIL y PARKNET_ADMIN_PASSWORD")
            return
        email, clave = _revisar(email, clave)
        if await self._usuarios.hay_admin():
            return
        cuando = ahora()
        try:
            await self._usuarios.insert(
                Usuario(
                    email=email,
                    rol=Rol.admin,
                    residente_id=None,
                    clave=await self._hasher.hash(clave),
                    creado_en=cuando,
                    rol_desde=cuando,
                )
            )
        except CuentaExistente as error:
            if not await self._usuarios.hay_admin():
                raise ConfigError("PARKNET_ADMIN_EMAIL: es de una cuenta que no es de un admin activo") from error

    async def _cuenta(self, invitacion: Invitacion, clave_hash: str) -> Usuario:
        cuando = ahora()
        email = invitacion.email
        if invitacion.residente_id is not None:
            email = await self._correo_de_residente(invitacion)
        return Usuario(
            email=email,
            rol=invitacion.rol,
            residente_id=invitacion.residente_id,
            clave=clave_hash,
            creado_en=cuando,
            rol_desde=cuando,
            politica_aceptada_en=cuando,
        )

    async def _correo_de_residente(self, invitacion: Invitacion) -> str | None:
        """The e-mail they have now, unless it already signs in to another account. Raises InvitacionInvalida when
        they left."""
        assert invitacion.residente_id is not None  # noqa: S101 - for the type checker
        persona = await self._padron.persona(residente_id=invitacion.residente_id)
        if persona is None or not persona.activo:
            raise InvitacionInvalida
        if persona.email is None or await self._usuarios.por_email(persona.email.lower()):
            return None
        return persona.email.lower()


def _revisar(email: str | None, clave: str | None) -> tuple[str, str]:
    """Looser than for an e-mail in a request: whoever deploys may use a name of their own network (`@casa.local`)."""
    correo = normalizar(email or "").lower()
    if len(correo) > CORREO_MAXIMO or not _CORREO.fullmatch(correo):
        raise ConfigError("PARKNET_ADMIN_EMAIL: no es un correo")
    if clave is None or not CLAVE_MINIMA <= len(clave) <= CLAVE_MAXIMA:
        raise ConfigError(f"PARKNET_ADMIN_PASSWORD: necesita de {CLAVE_MINIMA} a {CLAVE_MAXIMA} caracteres")
    return correo, clave
