"""Changing the e-mail of an account: the holder asks, and confirms from the new address. There is no other way."""

from datetime import timedelta

import attrs

from app.core.clock import ahora
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.auth.claves.service import Comprobador
from app.modules.auth.exceptions import EnlaceInvalido
from app.modules.auth.models import FinDeSesion, Proposito, Usuario
from app.modules.auth.ports import Avisos
from app.modules.auth.repository import UsuarioRepository
from app.modules.auth.sesiones.service import SesionService
from app.modules.auth.vales.service import ValeService, ligadura_de
from app.shared.exceptions import TokenInvalido, hallado

VIDA = timedelta(hours=24)


@attrs.define(kw_only=True)
class CorreoService:
    """`url_enlaces` is where links lead."""

    _usuarios: UsuarioRepository
    _vales: ValeService
    _sesiones: SesionService
    _avisos: Avisos
    _comprobador: Comprobador
    _uow: UnitOfWork
    _url_enlaces: str

    async def pedir(self, email: str, *, clave: str, quien: Principal) -> None:
        """Send a link to `email`, and tell the present address of the account. An earlier link stops working.

        The answer and the work are the same when `email` is of another account. Then a letter tells the holder of the
        other account that somebody wanted the address, and nobody gets a link.

        Raises EntradaInvalida (`clave_incorrecta`) and DemasiadasPeticiones. Raises TokenInvalido when the account
        changed meanwhile.
        """
        comprobada = await self._propia(quien)
        await self._comprobador.exigir(clave, usuario=comprobada, campo="password")

        async def pedir() -> None:
            usuario = await self._propia(quien)
            if ligadura_de(usuario) != ligadura_de(comprobada):
                raise TokenInvalido
            await self._vales.retirar(Proposito.correo, sujeto_id=usuario.oid)
            token = await self._vales.emitir(
                Proposito.correo,
                sujeto_id=usuario.oid,
                vida=VIDA,
                email=email,
                ligadura=ligadura_de(usuario),
            )
            otro = await self._usuarios.por_email(email)
            if otro is None:
                await self._avisos.escribir(
                    tipo="confirmar_correo",
                    para=email,
                    idioma=usuario.idioma,
                    datos={"expira_en": ahora() + VIDA},
                    secretos={"enlace": f"{self._url_enlaces}/correo#token={token}"},
                )
            else:
                await self._escribir(otro, "correo_ocupado")
            await self._escribir(usuario, "correo_pedido")

        await self._uow.run(pedir)

    @una_transaccion
    async def confirmar(self, token: str, *, quien: Principal) -> None:
        """Set the new e-mail on the account of the caller; the other sessions of the account end.

        Raises EnlaceInvalido, also for a link of another account. Raises CuentaExistente when another account has taken
        the address meanwhile: only a reader of that mailbox can learn so.
        """
        usuario = await self._propia(quien)
        vale = await self._vales.vivo(Proposito.correo, token)
        if vale is None or vale.sujeto_id != usuario.id or vale.ligadura != ligadura_de(usuario):
            raise EnlaceInvalido
        if not await self._vales.gastar(vale) or vale.email is None:
            raise EnlaceInvalido
        if not await self._usuarios.cambiar_correo(usuario, email=vale.email):
            raise EnlaceInvalido
        await self._sesiones.terminar_todas(usuario.oid, motivo=FinDeSesion.correo, excepto=quien.sesion_id)
        await self._escribir(usuario, "correo_cambiado")
        await self._avisos.avisar(tipo="correo_cambiado", datos={}, usuario_id=usuario.oid)

    async def _propia(self, quien: Principal) -> Usuario:
        return hallado(await self._usuarios.get(quien.usuario_id), si_no=TokenInvalido)

    async def _escribir(self, usuario: Usuario, tipo: str) -> None:
        """Write to the address that the account had when `usuario` was read."""
        if usuario.email is not None:
            await self._avisos.escribir(tipo=tipo, para=usuario.email, idioma=usuario.idioma, datos={}, secretos={})
