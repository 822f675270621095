"""How accounts are made: by an invitation, or by the settings for the first admin."""

import logging
import re

import attrs

from app.core.clock import ahora
from app.core.config import ConfigError
from app.core.security import HasherDeClaves, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.claves.service import PoliticaDeClaves
from app.modules.auth.confirmadores import Confirmadores
from app.modules.auth.exceptions import CuentaExistente, InvitacionInvalida
from app.modules.auth.invitaciones.repository import InvitacionRepository
from app.modules.auth.models import Invitacion, Proposito, Usuario, Vale
from app.modules.auth.ports import Avisos, Bitacora, Padron
from app.modules.auth.repository import CONFIRMADORES, UsuarioRepository
from app.modules.auth.schemas import CLAVE_MAXIMA, CLAVE_MINIMA, CORREO_MAXIMO
from app.modules.auth.vales.service import ValeService
from app.shared.exceptions import EntradaInvalida, hallado
from app.shared.messages import Idioma
from app.shared.schemas import normalizar

log = logging.getLogger(__name__)
_CORREO = re.compile(r"[^@\s]+@[^@\s]+")


@attrs.define(kw_only=True)
class RegistroService:
    _usuarios: UsuarioRepository
    _confirmadores: Confirmadores
    _invitaciones: InvitacionRepository
    _vales: ValeService
    _padron: Padron
    _avisos: Avisos
    _bitacora: Bitacora
    _politica: PoliticaDeClaves
    _uow: UnitOfWork
    _hasher: HasherDeClaves

    async def registrar(self, *, invitacion: str, clave: str, idioma: Idioma = "es") -> Usuario:
        """Make the account that `invitacion` is for, and use the invitation up.

        Raises InvitacionInvalida and CuentaExistente. Raises EntradaInvalida for a password that may not be chosen.
        """
        # Hashing a password is expensive, and is not done for a caller without an invitation.
        vale = await self._vales.vivo(Proposito.invitacion, invitacion)
        invitado = None if vale is None else await self._invitaciones.get(vale.sujeto_id)
        if invitado is None:
            raise InvitacionInvalida
        await self._politica.exigir(clave, usuario=invitado, campo="password")
        clave_hash = await self._hasher.hash(clave)

        async def registrar() -> Usuario:
            vale = await self._vales.vivo(Proposito.invitacion, invitacion)
            if vale is None or not await self._vales.gastar(vale):
                raise InvitacionInvalida
            usada = hallado(await self._invitaciones.usar(vale.sujeto_id, cuando=ahora()), si_no=InvitacionInvalida)
            usuario = await self._usuarios.insert(await self._cuenta(usada, vale, clave_hash, idioma))
            if usada.residente_id is not None:
                await self._padron.marcar_cuenta(residente_id=usada.residente_id, cuenta="activa")
            await self._avisos.avisar(tipo="cuenta_creada", datos={}, usuario_id=usuario.oid)
            await self._bitacora.suceso(tipo="invitacion_usada", usuario_id=usuario.oid)
            if usuario.rol in CONFIRMADORES:
                await self._confirmadores.decir(usuario)
            return usuario

        return await self._uow.run(registrar)

    async def asegurar_primer_admin(self, *, email: str | None, clave: str | None) -> None:
        """Make the first admin when there is none. When several processes start at once, the unique index on e-mails
        lets one make the admin. Raises ConfigError, which names the setting."""
        await self._uow.run(self._confirmadores.decir_los_de_antes)
        if email is None and clave is None:
            if not await self._usuarios.hay_admin():
                log.warning("no hay ningún admin: indique PARKNET_ADMIN_EMAIL y PARKNET_ADMIN_PASSWORD")
            return
        email, clave = _revisar(email, clave)
        if await self._usuarios.hay_admin():
            return
        cuando = ahora()
        admin = Usuario(email=email, rol=Rol.admin, residente_id=None, clave="", creado_en=cuando, rol_desde=cuando)
        try:
            await self._politica.exigir(clave, usuario=admin, campo="admin_password")
            admin.clave = await self._hasher.hash(clave)
            await self._uow.run(lambda: self._poner(admin))
        except EntradaInvalida as error:
            raise ConfigError("PARKNET_ADMIN_PASSWORD: es muy común, o está hecha del correo o del conjunto") from error
        except CuentaExistente as error:
            if not await self._usuarios.hay_admin():
                raise ConfigError("PARKNET_ADMIN_EMAIL: es de una cuenta que no es de un admin activo") from error

    async def _poner(self, admin: Usuario) -> None:
        await self._confirmadores.decir(await self._usuarios.insert(admin))

    async def _cuenta(self, invitacion: Invitacion, vale: Vale, clave_hash: str, idioma: Idioma) -> Usuario:
        cuando = ahora()
        return Usuario(
            email=await self._correo(invitacion, vale),
            rol=invitacion.rol,
            residente_id=invitacion.residente_id,
            clave=clave_hash,
            idioma=idioma,
            creado_en=cuando,
            rol_desde=cuando,
            politica_aceptada_en=cuando,
        )

    async def _correo(self, invitacion: Invitacion, vale: Vale) -> str | None:
        """The address with which the account signs in and is recovered. That is the address that the invitation was
        sent to, which proves its owner, and no other. None for a letter, and for an address that another account has.

        Raises InvitacionInvalida for a resident who left or whose address was corrected since. Raises it for staff when
        the inviter is no admin any more.
        """
        if invitacion.residente_id is None:
            if not await self._usuarios.es_admin(vale.creado_por):
                raise InvitacionInvalida
            return vale.email
        persona = await self._padron.persona(residente_id=invitacion.residente_id)
        if persona is None or not persona.activo:
            raise InvitacionInvalida
        if vale.email is None:
            return None
        if persona.email is None or persona.email.lower() != vale.email:
            raise InvitacionInvalida
        return None if await self._usuarios.por_email(vale.email) else vale.email


def _revisar(email: str | None, clave: str | None) -> tuple[str, str]:
    """Looser than for an e-mail in a request: whoever deploys may use a name of their own network (`@casa.local`)."""
    correo = normalizar(email or "").lower()
    if len(correo) > CORREO_MAXIMO or not _CORREO.fullmatch(correo):
        raise ConfigError("PARKNET_ADMIN_EMAIL: no es un correo")
    if clave is None or not CLAVE_MINIMA <= len(clave) <= CLAVE_MAXIMA:
        raise ConfigError(f"PARKNET_ADMIN_PASSWORD: necesita de {CLAVE_MINIMA} a {CLAVE_MAXIMA} caracteres")
    return correo, clave
