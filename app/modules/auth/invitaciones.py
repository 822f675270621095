"""Invitations: how anybody but the first admin comes to have an account."""

from dataclasses import dataclass
from datetime import timedelta

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal, Rol, hash_de_token, token_nuevo
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.exceptions import CuentaExistente, ResidenteInactivo
from app.modules.auth.models import EstadoInvitacion, Invitacion
from app.modules.auth.ports import Padron
from app.modules.auth.repository import InvitacionRepository, UsuarioRepository
from app.modules.auth.schemas import InvitationCreated
from app.shared.exceptions import EntradaInvalida, NoEncontrado, RolInsuficiente, TransicionInvalida
from app.shared.pagination import Page, PageQuery

VIDA = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Invitado:
    """A resident (`residente_id`) or somebody of the staff (`email`)."""

    rol: Rol
    residente_id: PydanticObjectId | None = None
    email: str | None = None


class InvitacionService:
    """`url_publica` is where the links of invitations lead."""

    def __init__(
        self,
        *,
        invitaciones: InvitacionRepository,
        usuarios: UsuarioRepository,
        padron: Padron,
        uow: UnitOfWork,
        url_publica: str,
    ) -> None:
        self._invitaciones = invitaciones
        self._usuarios = usuarios
        self._padron = padron
        self._uow = uow
        self._url_publica = url_publica

    async def invitar(self, invitado: Invitado, *, quien: Principal) -> InvitationCreated:
        """Invite, in place of any invitation that is pending for the same person.

        Raises RolInsuficiente, CuentaExistente, ResidenteInactivo, EntradaInvalida (`no_existe`).
        """
        _exigir_rol(quien, invitado.rol)
        token, cuando = token_nuevo(), ahora()

        async def invitar() -> Invitacion:
            await self._exigir_sin_cuenta(invitado)
            await self._invitaciones.borrar_las_de(residente_id=invitado.residente_id, email=invitado.email)
            nueva = await self._invitaciones.insert(
                Invitacion(
                    rol=invitado.rol,
                    residente_id=invitado.residente_id,
                    email=invitado.email,
                    huella=huella_de_invitacion(token),
                    creada_por=quien.usuario_id,
                    creado_en=cuando,
                    expira_en=cuando + VIDA,
                )
            )
            if invitado.residente_id is not None:
                await self._padron.marcar_cuenta(residente_id=invitado.residente_id, cuenta="invitada")
            return nueva

        return self._mostrar(await self._uow.run(invitar), token)

    async def reenviar(self, invitacion_id: PydanticObjectId, *, quien: Principal) -> InvitationCreated:
        """Another token and another term for a pending invitation, expired or not; the old token is worth nothing.

        Raises NoEncontrado, RolInsuficiente, TransicionInvalida when it was used, and what `invitar` raises.
        """
        token, expira_en = token_nuevo(), ahora() + VIDA

        async def reenviar() -> Invitacion:
            invitacion = await self._pendiente(invitacion_id, quien)
            await self._exigir_sin_cuenta(
                Invitado(rol=invitacion.rol, residente_id=invitacion.residente_id, email=invitacion.email)
            )
            renovada = await self._invitaciones.renovar(
                invitacion_id, huella=huella_de_invitacion(token), expira_en=expira_en
            )
            if renovada is None:
                raise TransicionInvalida
            return renovada

        return self._mostrar(await self._uow.run(reenviar), token)

    async def borrar(self, invitacion_id: PydanticObjectId, *, quien: Principal) -> None:
        """Take it back. Raises NoEncontrado, RolInsuficiente, TransicionInvalida when it was used."""

        async def borrar() -> None:
            invitacion = await self._pendiente(invitacion_id, quien)
            if not await self._invitaciones.borrar_pendiente(invitacion_id):
                raise TransicionInvalida
            if invitacion.residente_id is not None:
                await self._padron.marcar_cuenta(residente_id=invitacion.residente_id, cuenta="sin_invitar")

        await self._uow.run(borrar)

    async def listar(
        self, *, estado: EstadoInvitacion | None, consulta: PageQuery, quien: Principal
    ) -> Page[Invitacion]:
        """An operador sees those of residents, as they can make no others."""
        return await self._invitaciones.listar(
            estado=estado, solo_residentes=quien.rol is Rol.operador, cuando=ahora(), consulta=consulta
        )

    async def _exigir_sin_cuenta(self, invitado: Invitado) -> None:
        if invitado.residente_id is None:
            if invitado.email is not None and await self._usuarios.por_email(invitado.email):
                raise CuentaExistente
            return
        persona = await self._padron.persona(residente_id=invitado.residente_id)
        if persona is None:
            raise EntradaInvalida.en("residente_id", "no_existe")
        if await self._usuarios.por_residentes([invitado.residente_id], limite=1):
            raise CuentaExistente
        if not persona.activo:
            raise ResidenteInactivo

    async def _pendiente(self, invitacion_id: PydanticObjectId, quien: Principal) -> Invitacion:
        invitacion = await self._invitaciones.get(invitacion_id)
        if invitacion is None:
            raise NoEncontrado
        _exigir_rol(quien, invitacion.rol)
        if not invitacion.pendiente:
            raise TransicionInvalida
        return invitacion

    def _mostrar(self, invitacion: Invitacion, token: str) -> InvitationCreated:
        # After the `#`: a browser sends that part to no server, so that it ends up in no log.
        enlace = f"{self._url_publica}/registro#invitacion={token}"
        return InvitationCreated.model_validate(
            {"id": invitacion.id, "token": token, "enlace": enlace, "expira_en": invitacion.expira_en}
        )


def huella_de_invitacion(token: str) -> str:
    """What is stored of an invitation's token. Its purpose is part of it, so no other kind of token passes for one."""
    return hash_de_token(f"invitacion:{token}")


def _exigir_rol(quien: Principal, rol: Rol) -> None:
    if rol is not Rol.residente and quien.rol is not Rol.admin:
        raise RolInsuficiente
