"""Passwords: which may be chosen, and changing one's own."""

from typing import Protocol

import attrs
from beanie import PydanticObjectId

from app.core.quotas.contract import Cuotas, Tasa
from app.core.security import HasherDeClaves, Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.claves.comunes import motivo, palabras
from app.modules.auth.models import FinDeSesion, Usuario
from app.modules.auth.ports import Avisos, Bitacora, Padron
from app.modules.auth.repository import UsuarioRepository
from app.modules.auth.sesiones.service import SesionService
from app.shared.exceptions import EntradaInvalida, TokenInvalido, hallado

INTENTOS = Tasa("clave_propia", veces=10, segundos=900)
"""How often a caller may give a wrong password, so that nobody guesses the password with a stolen session."""


class Titular(Protocol):
    """The owner of a password: an account, or an invitation to one."""

    email: str | None
    residente_id: PydanticObjectId | None


@attrs.define(kw_only=True)
class PoliticaDeClaves:
    """`conjunto`: the name of the complex, if the settings say one."""

    _padron: Padron
    _conjunto: str | None

    async def exigir(self, clave: str, *, usuario: Titular, campo: str) -> None:
        """Raises EntradaInvalida (`clave_comun`, `clave_personal` at `campo`)."""
        textos = [texto for texto in ("ParkNet", self._conjunto, usuario.email) if texto is not None]
        if usuario.residente_id is not None:
            textos += await self._padron.textos(residente_id=usuario.residente_id)
        falla = motivo(clave, palabras(textos))
        if falla is not None:
            raise EntradaInvalida.en(campo, falla)


@attrs.define(kw_only=True)
class Comprobador:
    """Checks the password of a caller who is signed in already."""

    _hasher: HasherDeClaves
    _cuotas: Cuotas
    _bitacora: Bitacora

    async def exigir(self, clave: str, *, usuario: Usuario, campo: str) -> None:
        """Raises EntradaInvalida (`clave_incorrecta` at `campo`), DemasiadasPeticiones."""
        quien = str(usuario.oid)
        await self._cuotas.gastar(INTENTOS, quien)
        if not await self._hasher.verifica(clave, usuario.clave):
            await self._bitacora.suceso(tipo="clave_fallida", usuario_id=usuario.oid, hecho=False)
            raise EntradaInvalida.en(campo, "clave_incorrecta")
        await self._cuotas.olvidar(INTENTOS, quien)


@attrs.define(kw_only=True)
class ClaveService:
    _usuarios: UsuarioRepository
    _sesiones: SesionService
    _politica: PoliticaDeClaves
    _comprobador: Comprobador
    _avisos: Avisos
    _bitacora: Bitacora
    _uow: UnitOfWork
    _hasher: HasherDeClaves

    async def cambiar(self, *, actual: str, nueva: str, quien: Principal) -> None:
        """Set another password. The session of the caller goes on, and all other sessions end.

        Raises EntradaInvalida (`clave_incorrecta`, `clave_comun`, `clave_personal`) and DemasiadasPeticiones. Raises
        TokenInvalido when the account changed meanwhile.
        """
        usuario = hallado(await self._usuarios.get(quien.usuario_id), si_no=TokenInvalido)
        await self._comprobador.exigir(actual, usuario=usuario, campo="actual")
        await self._politica.exigir(nueva, usuario=usuario, campo="nueva")
        clave = await self._hasher.hash(nueva)

        async def cambiar() -> None:
            if not await self._usuarios.cambiar_clave(usuario, clave):
                raise TokenInvalido
            await self._sesiones.terminar_todas(quien.usuario_id, motivo=FinDeSesion.clave, excepto=quien.sesion_id)
            await self._avisos.avisar(tipo="clave_cambiada", datos={}, usuario_id=quien.usuario_id)
            await self._bitacora.suceso(tipo="clave_cambiada", usuario_id=quien.usuario_id)

        await self._uow.run(cambiar)
