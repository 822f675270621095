"""Signing in, and who I am."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import HasherDeClaves, Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.exceptions import CredencialesInvalidas, OtpInvalido, OtpRequerido
from app.modules.auth.models import Usuario
from app.modules.auth.ports import Bitacora, Padron
from app.modules.auth.puerta import Puerta, Toque
from app.modules.auth.repository import UsuarioRepository
from app.modules.auth.schemas import CORREO_MAXIMO, Token
from app.modules.auth.segundo_factor.factores import Comprobacion, SegundosFactores
from app.modules.auth.sesiones.conocidos import Conocidos
from app.modules.auth.sesiones.service import Origen, SesionService
from app.shared.exceptions import TokenInvalido, hallado
from app.shared.repository import Fila
from app.shared.schemas import normalizar

# Several people may share one document number, each with another type of document. There are seven types.
_CANDIDATAS = 8
_FRESCURA = timedelta(minutes=10)


@attrs.define(kw_only=True)
class AuthService:
    _usuarios: UsuarioRepository
    _sesiones: SesionService
    _factores: SegundosFactores
    _puerta: Puerta
    _conocidos: Conocidos
    _padron: Padron
    _bitacora: Bitacora
    _uow: UnitOfWork
    _hasher: HasherDeClaves
    _por_documento: tuple[datetime, int] | None = attrs.field(default=None, init=False)

    async def entrar(
        self, *, nombre: str, clave: str, otp: str | None, origen: Origen, refresco: str | None = None
    ) -> Token:
        """Sign in by e-mail or document number. `refresco`: a refresh token of an earlier session, by which the device
        is known.

        Raises DemasiadasPeticiones after too many tries, whether or not there is an account. Raises OtpRequerido or
        OtpInvalido only when the password is right. Raises CredencialesInvalidas for every other reason, after the same
        work.
        """
        halladas, comprobaciones = await self._halladas(nombre)
        conocido = await self._conocidos.nombre([u.oid for u in halladas], marca=origen.marca, refresco=refresco)
        toque = Toque(nombre=_como_se_cuenta(nombre), direccion=origen.direccion, conocido=conocido)
        await self._puerta.tocar(toque, halladas)
        usuario = await self._la_de(clave, [u for u in halladas if u.puede_entrar], comprobaciones)
        try:
            while usuario is not None:
                token = await self._abrir(usuario, clave=clave, otp=otp, origen=origen)
                if token is not None:
                    await self._puerta.abrir(toque)
                    return token
                # The account changed while its password was checked: perhaps the hash alone.
                usuario = await self._usuarios.get(usuario.oid)
                vigentes = [] if usuario is None or not usuario.puede_entrar else [usuario]
                usuario = await self._la_de(clave, vigentes, comprobaciones=1)
        except OtpInvalido:
            await self._bitacora.suceso(tipo="mfa_fallido", usuario_id=_unica(usuario), hecho=False)
            raise
        await self._contar_fallo(nombre, halladas)
        raise CredencialesInvalidas

    async def yo(self, quien: Principal) -> Fila:
        """What `escribir_cuenta` says. Raises TokenInvalido."""
        return hallado(await self._usuarios.para_ver(quien.usuario_id), si_no=TokenInvalido)

    async def _halladas(self, nombre: str) -> tuple[Sequence[Usuario], int]:
        """The accounts that `nombre` may mean, and the number of passwords to check. The number is the same whether or
        not there are accounts: every document number costs as much as the most shared one."""
        if len(nombre) > CORREO_MAXIMO or any(unicodedata.category(c) == "Cc" for c in nombre):
            return [], 1
        nombre = normalizar(nombre)
        if "@" in nombre:
            de_correo = await self._usuarios.por_email(nombre.lower())
            return [] if de_correo is None else [de_correo], 1
        residentes = await self._padron.por_documento(numero=nombre)
        halladas = await self._usuarios.por_residentes(residentes, limite=_CANDIDATAS)
        return halladas, await self._maximo_por_documento()

    async def _maximo_por_documento(self) -> int:
        cuando = ahora()
        if self._por_documento is None or not timedelta(0) <= cuando - self._por_documento[0] < _FRESCURA:
            self._por_documento = cuando, min(max(await self._padron.maximo_por_documento(), 1), _CANDIDATAS)
        return self._por_documento[1]

    async def _la_de(self, clave: str, candidatas: Sequence[Usuario], comprobaciones: int) -> Usuario | None:
        for usuario in candidatas:
            if await self._hasher.verifica(clave, usuario.clave):
                return usuario
        for _ in range(len(candidatas), comprobaciones):
            await self._hasher.verifica(clave, None)
        return None

    async def _abrir(self, usuario: Usuario, *, clave: str, otp: str | None, origen: Origen) -> Token | None:
        """Open a session in one transaction with the account, so that an account that is being switched off keeps no
        session. None when the account changed since `usuario` was read."""
        prueba = await self._segundo_factor(usuario, otp)
        cambios: dict[str, str] = {} if origen.idioma is None else {"idioma": origen.idioma}
        if await self._hasher.anticuada(clave, usuario.clave):
            cambios["clave"] = await self._hasher.hash(clave)

        async def abrir() -> Token | None:
            if not await self._usuarios.registrar_acceso(usuario, cuando=ahora(), cambios=cambios):
                return None
            if prueba is not None and not await self._factores.gastar(prueba):
                raise OtpInvalido
            token = await self._sesiones.abrir(usuario, origen)
            await self._bitacora.suceso(tipo="entrada", usuario_id=usuario.oid)
            return token

        return await self._uow.run(abrir)

    async def _segundo_factor(self, usuario: Usuario, otp: str | None) -> Comprobacion | None:
        if not usuario.mfa:
            return None
        if not otp:
            raise OtpRequerido
        return hallado(await self._factores.comprobar(usuario.oid, otp), si_no=OtpInvalido)

    async def _contar_fallo(self, nombre: str, halladas: Sequence[Usuario]) -> None:
        if halladas:
            await self._bitacora.suceso(tipo="entrada_fallida", usuario_id=_unica(*halladas), hecho=False)
        else:
            await self._bitacora.suceso(tipo="entrada_fallida", nombre=nombre[:CORREO_MAXIMO], hecho=False)


def _como_se_cuenta(nombre: str) -> str:
    """The one spelling of a name. Of a document number only letters and digits count, because a resident is found
    however the number is spelt: another dot, space or case gives no new tries."""
    nombre = normalizar(nombre)
    return nombre.lower() if "@" in nombre else "".join(c for c in nombre.upper() if c.isalnum())


def _unica(*usuarios: Usuario | None) -> PydanticObjectId | None:
    """The account that an event names; None when several people share the document number."""
    return usuarios[0].oid if len(usuarios) == 1 and usuarios[0] is not None else None
