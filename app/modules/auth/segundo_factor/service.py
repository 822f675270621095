"""Turning a second factor on and off. `factores.py` says how secrets are made and codes are judged."""

import attrs
import pyotp
from beanie import PydanticObjectId

from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.auth.claves.service import Comprobador
from app.modules.auth.exceptions import MfaActivo, MfaInactivo
from app.modules.auth.models import FinDeSesion, Usuario
from app.modules.auth.ports import Avisos, Bitacora
from app.modules.auth.repository import UsuarioRepository
from app.modules.auth.schemas import MfaCodes, MfaSecret
from app.modules.auth.segundo_factor.factores import Comprobacion, SegundosFactores
from app.modules.auth.sesiones.service import SesionService
from app.shared.exceptions import ConflictoDeInteres, EntradaInvalida, TokenInvalido, hallado


@attrs.define(kw_only=True)
class SegundoFactorService:
    """`emisor`: the name under which an authenticator shows its codes."""

    _factores: SegundosFactores
    _usuarios: UsuarioRepository
    _sesiones: SesionService
    _comprobador: Comprobador
    _avisos: Avisos
    _bitacora: Bitacora
    _uow: UnitOfWork
    _emisor: str

    async def empezar(self, *, quien: Principal) -> MfaSecret:
        """Make a secret, shown this once, that counts for nothing until `confirmar`. An earlier secret that was not
        confirmed is replaced. Raises MfaActivo."""

        async def empezar() -> str:
            return hallado(await self._factores.empezar(quien.usuario_id), si_no=MfaActivo)

        usuario, secreto = await self._propia(quien), await self._uow.run(empezar)
        uri = pyotp.TOTP(secreto).provisioning_uri(name=usuario.email or str(usuario.oid), issuer_name=self._emisor)
        return MfaSecret(secreto=secreto, uri=uri)

    async def confirmar(self, codigo: str, *, quien: Principal) -> MfaCodes:
        """Turn the second factor on; signing in asks for a code from now on. The other sessions end, because they began
        without a code. The recovery codes are shown this once.

        Raises MfaActivo, MfaInactivo, EntradaInvalida (`otp_invalido`), DemasiadasPeticiones.
        """
        if (await self._propia(quien)).mfa:
            raise MfaActivo
        if not await self._factores.pendiente(quien.usuario_id):
            raise MfaInactivo
        prueba = await self._exigir(codigo, quien)

        async def confirmar() -> list[str]:
            codigos = hallado(await self._factores.activar(prueba), si_no=MfaInactivo)
            await self._usuarios.poner_mfa(quien.usuario_id, mfa=True)
            await self._sesiones.terminar_todas(quien.usuario_id, motivo=FinDeSesion.mfa, excepto=quien.sesion_id)
            await self._contar(quien.usuario_id, aviso="mfa_activado", suceso="mfa_puesto")
            return codigos

        return MfaCodes(codigos=await self._uow.run(confirmar))

    async def desactivar(self, *, clave: str, codigo: str, quien: Principal) -> None:
        """Raises MfaInactivo, EntradaInvalida (`clave_incorrecta`, `otp_invalido`), DemasiadasPeticiones."""
        usuario = await self._propia(quien)
        if not usuario.mfa:
            raise MfaInactivo
        await self._comprobador.exigir(clave, usuario=usuario, campo="password")
        prueba = await self._exigir(codigo, quien)

        async def desactivar() -> None:
            if not await self._factores.gastar(prueba):
                raise _otp_invalido()
            await self._quitar(quien.usuario_id, aviso="mfa_desactivado")

        await self._uow.run(desactivar)

    @una_transaccion
    async def retirar(self, usuario_id: PydanticObjectId, *, quien: Principal) -> None:
        """Remove the second factor of another account, whose holder lost it. Nothing happens where there is none.

        Raises NoEncontrado. Raises ConflictoDeInteres for the account of the caller: admins too need their password and
        a code.
        """
        if usuario_id == quien.usuario_id:
            raise ConflictoDeInteres
        usuario = hallado(await self._usuarios.get(usuario_id))
        if usuario.mfa:
            await self._quitar(usuario_id, aviso="mfa_retirado_por_admin")

    async def _propia(self, quien: Principal) -> Usuario:
        return hallado(await self._usuarios.get(quien.usuario_id), si_no=TokenInvalido)

    async def _exigir(self, codigo: str, quien: Principal) -> Comprobacion:
        prueba = await self._factores.comprobar(quien.usuario_id, codigo)
        if prueba is None:
            await self._bitacora.suceso(tipo="mfa_fallido", usuario_id=quien.usuario_id, hecho=False)
            raise _otp_invalido()
        return prueba

    async def _quitar(self, usuario_id: PydanticObjectId, *, aviso: str) -> None:
        await self._factores.borrar(usuario_id)
        await self._usuarios.poner_mfa(usuario_id, mfa=False)
        self._sesiones.olvidar(usuario_id)
        await self._contar(usuario_id, aviso=aviso, suceso="mfa_quitado")

    async def _contar(self, usuario_id: PydanticObjectId, *, aviso: str, suceso: str) -> None:
        await self._avisos.avisar(tipo=aviso, datos={}, usuario_id=usuario_id)
        await self._bitacora.suceso(tipo=suceso, usuario_id=usuario_id)


def _otp_invalido() -> EntradaInvalida:
    return EntradaInvalida.en("codigo", "otp_invalido")
