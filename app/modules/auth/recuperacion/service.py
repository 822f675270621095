"""Recovering an account whose password is lost: with a link by e-mail, or with a link that an admin hands over."""

from datetime import timedelta
from functools import partial

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import HasherDeClaves, Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.claves.service import PoliticaDeClaves
from app.modules.auth.confirmadores import Confirmadores
from app.modules.auth.exceptions import CuentaInactiva, EnlaceInvalido, RecuperacionPropia
from app.modules.auth.models import FinDeSesion, PedidoDeRecuperacion, Proposito, Usuario, Vale
from app.modules.auth.ports import Avisos, Bitacora
from app.modules.auth.recuperacion.schemas import RecoveryCreated
from app.modules.auth.repository import CONFIRMADORES, UsuarioRepository
from app.modules.auth.sesiones.service import Origen, SesionService
from app.modules.auth.vales.repository import PedidoRepository
from app.modules.auth.vales.service import ValeService, ligadura_de
from app.shared.exceptions import hallado

VIDA = timedelta(minutes=30)
# The link of an admin has to be carried to somebody.
VIDA_POR_ADMIN = timedelta(hours=24)
# At most so many links of one account work at once, so that nobody fills a mailbox.
MAXIMO_DE_VIVOS = 3
_DE_UNA_VEZ = 100


@attrs.define(kw_only=True)
class RecuperacionService:
    """`url_enlaces` is where links lead."""

    _pedidos: PedidoRepository
    _usuarios: UsuarioRepository
    _confirmadores: Confirmadores
    _vales: ValeService
    _sesiones: SesionService
    _avisos: Avisos
    _bitacora: Bitacora
    _politica: PoliticaDeClaves
    _hasher: HasherDeClaves
    _uow: UnitOfWork
    _url_enlaces: str

    async def pedir(self, email: str) -> None:
        """Store the address, with the same single write whatever the address is. `atender` looks up later whether an
        account has the address, so that the time of this answer tells nothing."""
        await self._pedidos.pedir(email, cuando=ahora())

    async def atender(self) -> None:
        """Send links to the stored addresses whose account works. The beat calls this."""
        for pedido in await self._pedidos.find({}, limite=_DE_UNA_VEZ):
            await self._uow.run(partial(self._atender, pedido))

    async def por_admin(self, usuario_id: PydanticObjectId, *, quien: Principal) -> RecoveryCreated:
        """Make a link that an admin hands to the holder of an account. The holder is told, and an earlier link stops
        working.

        Raises NoEncontrado and CuentaInactiva. Raises RecuperacionPropia: whoever took over the session of an admin
        must not be able to change the password of that admin without knowing the password.
        """
        if usuario_id == quien.usuario_id:
            raise RecuperacionPropia

        async def emitir() -> str:
            usuario = hallado(await self._usuarios.get(usuario_id))
            if not usuario.puede_entrar:
                raise CuentaInactiva
            await self._vales.retirar(Proposito.recuperacion, sujeto_id=usuario_id)
            await self._avisos.avisar(tipo="recuperacion_por_admin", datos={}, usuario_id=usuario_id)
            return await self._vales.emitir(
                Proposito.recuperacion,
                sujeto_id=usuario_id,
                vida=VIDA_POR_ADMIN,
                ligadura=ligadura_de(usuario),
                creado_por=quien.usuario_id,
            )

        vence, token = ahora() + VIDA_POR_ADMIN, await self._uow.run(emitir)
        return RecoveryCreated(token=token, enlace=self._enlace(token), expira_en=vence)

    async def confirmar(self, token: str, *, nueva: str, origen: Origen) -> None:
        """Set another password and end every session. The second factor stays as it is.

        Raises EnlaceInvalido. Raises what the rules of passwords raise; the link can then be used again.
        """
        vale = await self._vales.vivo(Proposito.recuperacion, token)
        usuario = await self._cuenta(vale)
        await self._politica.exigir(nueva, usuario=usuario, campo="nueva")
        clave = await self._hasher.hash(nueva)

        async def confirmar() -> None:
            vale = await self._vales.vivo(Proposito.recuperacion, token)
            usuario = await self._cuenta(vale)
            if vale is None or not await self._vales.gastar(vale):
                raise EnlaceInvalido
            momento = ahora()
            relevo = await self._usuarios.relevo(usuario, por=vale.creado_por, cuando=momento)
            recuperado = await self._usuarios.recuperar(
                usuario, clave=clave, cuando=momento, desde=origen.direccion, relevo=relevo
            )
            if recuperado is None:
                raise EnlaceInvalido
            if recuperado.rol in CONFIRMADORES:
                await self._confirmadores.decir(recuperado, por=vale.creado_por)
            await self._sesiones.terminar_todas(usuario.oid, motivo=FinDeSesion.clave)
            await self._avisos.avisar(tipo="clave_recuperada", datos={}, usuario_id=usuario.oid)
            await self._bitacora.suceso(tipo="clave_recuperada", usuario_id=usuario.oid)

        await self._uow.run(confirmar)

    async def _atender(self, pedido: PedidoDeRecuperacion) -> None:
        if not await self._pedidos.tomar(pedido) or ahora() - pedido.pedido_en >= VIDA:
            return
        usuario = await self._usuarios.por_email(pedido.email)
        if usuario is None or not usuario.puede_entrar:
            return
        if await self._vales.vivos(Proposito.recuperacion, sujeto_id=usuario.oid) >= MAXIMO_DE_VIVOS:
            return
        token = await self._vales.emitir(
            Proposito.recuperacion,
            sujeto_id=usuario.oid,
            vida=VIDA,
            email=pedido.email,
            ligadura=ligadura_de(usuario),
        )
        await self._avisos.escribir(
            tipo="recuperacion",
            para=pedido.email,
            idioma=usuario.idioma,
            datos={"expira_en": ahora() + VIDA},
            secretos={"enlace": self._enlace(token)},
        )
        await self._bitacora.suceso(tipo="recuperacion_pedida", usuario_id=usuario.oid)

    async def _cuenta(self, vale: Vale | None) -> Usuario:
        """The account of a voucher that still holds. The voucher of an admin holds only while its maker is an active
        admin. Raises EnlaceInvalido."""
        usuario = None if vale is None else await self._usuarios.get(vale.sujeto_id)
        if vale is None or usuario is None or not usuario.puede_entrar or vale.ligadura != ligadura_de(usuario):
            raise EnlaceInvalido
        if vale.creado_por is not None and not await self._usuarios.es_admin(vale.creado_por):
            raise EnlaceInvalido
        return usuario

    def _enlace(self, token: str) -> str:
        return f"{self._url_enlaces}/recuperar#token={token}"
