"""Invitations: how every account but the first admin begins."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.quotas.contract import Cuotas, Tasa
from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.auth.exceptions import CuentaExistente, ResidenteInactivo
from app.modules.auth.invitaciones.repository import InvitacionRepository
from app.modules.auth.invitaciones.schemas import InvitationCreated
from app.modules.auth.models import EstadoInvitacion, Invitacion, Proposito
from app.modules.auth.ports import Avisos, Padron, Persona
from app.modules.auth.repository import UsuarioRepository
from app.modules.auth.vales.service import ValeService
from app.shared.exceptions import EntradaInvalida, NoEncontrado, RolInsuficiente, TransicionInvalida
from app.shared.messages import Idioma
from app.shared.pagination import Page, PageQuery

VIDA = timedelta(days=14)
# How often one address is written to, whoever of the staff invites.
TASA = Tasa("invitacion", 5, 86_400)
# The language of a person without an account is not known.
IDIOMA: Idioma = "es"


@dataclass(frozen=True, slots=True)
class Invitado:
    """A resident (`residente_id`) or a member of the staff (`email`)."""

    rol: Rol
    residente_id: PydanticObjectId | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Emitida:
    """An invitation with the only copy of its token, and the address that the e-mail goes to, if there is one."""

    invitacion: Invitacion
    token: str
    email: str | None


@attrs.define(kw_only=True)
class InvitacionService:
    """`url_enlaces`: where the links of invitations lead."""

    _invitaciones: InvitacionRepository
    _usuarios: UsuarioRepository
    _vales: ValeService
    _padron: Padron
    _avisos: Avisos
    _cuotas: Cuotas
    _uow: UnitOfWork
    _url_enlaces: str

    async def invitar(self, invitado: Invitado, *, quien: Principal) -> InvitationCreated:
        """Invite, or invite again: a pending invitation of the person is renewed, and its old token dies. An e-mail is
        sent wherever there is an address.

        Raises RolInsuficiente, CuentaExistente, ResidenteInactivo, EntradaInvalida (`no_existe`), DemasiadasPeticiones.
        """
        _exigir_rol(quien, invitado.rol)
        await self._contar(invitado)
        return self._mostrar(await self._uow.run(lambda: self.emitir(invitado, quien=quien.usuario_id)))

    async def reenviar(self, invitacion_id: PydanticObjectId, *, quien: Principal) -> InvitationCreated:
        """Give a pending invitation, expired or not, another token and another term; the old token is worth nothing.

        Raises NoEncontrado. Raises TransicionInvalida for an invitation that was used, and what `invitar` raises.
        """
        invitado = _invitado(await self._pendiente(invitacion_id, quien))
        await self._contar(invitado)

        async def reenviar() -> Emitida:
            await self._pendiente(invitacion_id, quien)
            return await self.emitir(invitado, quien=quien.usuario_id)

        return self._mostrar(await self._uow.run(reenviar))

    async def emitir(
        self,
        invitado: Invitado,
        *,
        quien: PydanticObjectId,
        vida: timedelta = VIDA,
        lote: PydanticObjectId | None = None,
        token: str | None = None,
        escribir: bool = True,
    ) -> Emitida:
        """In the transaction in course, give the person an invitation with a new voucher, and send the e-mail that
        carries the voucher unless `escribir` is False. Raises as `exigir_invitable`."""
        persona = await self.exigir_invitable(invitado)
        cuando = ahora()
        cambios: dict[str, Any] = {"rol": invitado.rol, "lote": lote, "creada_por": quien, "expira_en": cuando + vida}
        previa = await self._invitaciones.pendiente_de(residente_id=invitado.residente_id, email=invitado.email)
        invitacion = None if previa is None else await self._invitaciones.renovar(previa.oid, cambios)
        if invitacion is None:
            invitacion = await self._invitaciones.insert(
                Invitacion(residente_id=invitado.residente_id, email=invitado.email, creado_en=cuando, **cambios)
            )
        await self._vales.retirar(Proposito.invitacion, sujeto_id=invitacion.oid)
        email = _direccion(invitado, persona)
        token = await self._vales.emitir(
            Proposito.invitacion,
            sujeto_id=invitacion.oid,
            vida=vida,
            email=email,
            creado_por=quien,
            token=token,
        )
        if invitado.residente_id is not None:
            await self._padron.marcar_cuenta(residente_id=invitado.residente_id, cuenta="invitada")
        if email is not None and escribir:
            await self._avisos.escribir(
                tipo="invitacion",
                para=email,
                idioma=IDIOMA,
                datos={"nombre": None if persona is None else persona.nombre, "expira_en": cuando + vida},
                secretos={"enlace": self.enlace(token)},
            )
        return Emitida(invitacion, token, email)

    async def del_lote(
        self, lote: PydanticObjectId, *, residentes: Sequence[PydanticObjectId]
    ) -> set[PydanticObjectId | None]:
        """The residents to whom that job wrote, and whom nobody has invited otherwise since."""
        return {i.residente_id for i in await self._invitaciones.del_lote(lote, residentes=residentes)}

    async def ver(self, invitacion_id: PydanticObjectId, *, quien: Principal) -> Invitacion:
        """Raises NoEncontrado, also to an operador who asks for an invitation of staff."""
        invitacion = await self._invitaciones.get(invitacion_id)
        if invitacion is None or (invitacion.rol is not Rol.residente and quien.rol is Rol.operador):
            raise NoEncontrado
        return invitacion

    @una_transaccion
    async def borrar(self, invitacion_id: PydanticObjectId, *, quien: Principal) -> None:
        """Take the invitation back. Raises NoEncontrado. Raises TransicionInvalida for an invitation that was used."""
        invitacion = await self._pendiente(invitacion_id, quien)
        if not await self._invitaciones.borrar_pendiente(invitacion_id):
            raise TransicionInvalida
        await self._vales.retirar(Proposito.invitacion, sujeto_id=invitacion_id)
        if invitacion.residente_id is not None:
            await self._padron.marcar_cuenta(residente_id=invitacion.residente_id, cuenta="sin_invitar")

    async def listar(
        self, *, estados: Collection[EstadoInvitacion] | None, consulta: PageQuery, quien: Principal
    ) -> Page[Invitacion]:
        """An operador sees the invitations of residents, because an operador can make no others."""
        return await self._invitaciones.listar(
            estados=estados, solo_residentes=quien.rol is Rol.operador, cuando=ahora(), consulta=consulta
        )

    async def exigir_invitable(self, invitado: Invitado) -> Persona | None:
        """The person, for a resident. Raises CuentaExistente, ResidenteInactivo, EntradaInvalida (`no_existe`)."""
        if invitado.residente_id is None:
            if invitado.email is not None and await self._usuarios.por_email(invitado.email):
                raise CuentaExistente
            return None
        persona = await self._padron.persona(residente_id=invitado.residente_id)
        if persona is None:
            raise EntradaInvalida.en("residente_id", "no_existe")
        if await self._usuarios.por_residentes([invitado.residente_id], limite=1):
            raise CuentaExistente
        if not persona.activo:
            raise ResidenteInactivo
        return persona

    async def _contar(self, invitado: Invitado) -> None:
        """Count an e-mail, before any transaction. Raises DemasiadasPeticiones, and as `exigir_invitable`."""
        persona = await self.exigir_invitable(invitado)
        email = _direccion(invitado, persona)
        if email is not None:
            await self._cuotas.gastar(TASA, email)

    def enlace(self, token: str) -> str:
        # The token stands after the `#`: a browser sends that part to no server, so the token ends up in no log.
        return f"{self._url_enlaces}/registro#invitacion={token}"

    async def _pendiente(self, invitacion_id: PydanticObjectId, quien: Principal) -> Invitacion:
        invitacion = await self.ver(invitacion_id, quien=quien)
        if not invitacion.pendiente:
            raise TransicionInvalida
        return invitacion

    def _mostrar(self, emitida: Emitida) -> InvitationCreated:
        return InvitationCreated.model_validate(
            {
                "id": emitida.invitacion.id,
                "token": emitida.token,
                "enlace": self.enlace(emitida.token),
                "expira_en": emitida.invitacion.expira_en,
            }
        )


def _invitado(invitacion: Invitacion) -> Invitado:
    return Invitado(rol=invitacion.rol, residente_id=invitacion.residente_id, email=invitacion.email)


def _direccion(invitado: Invitado, persona: Persona | None) -> str | None:
    email = invitado.email if persona is None else persona.email
    return None if email is None else email.lower()


def _exigir_rol(quien: Principal, rol: Rol) -> None:
    if rol is not Rol.residente and quien.rol is not Rol.admin:
        raise RolInsuficiente
