"""Signing in, and who I am."""

import unicodedata

from app.core.clock import ahora
from app.core.security import HasherDeClaves, Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.exceptions import CredencialesInvalidas
from app.modules.auth.models import FinDeSesion, Usuario
from app.modules.auth.ports import Padron
from app.modules.auth.repository import UsuarioRepository
from app.modules.auth.schemas import CORREO_MAXIMO, Token
from app.modules.auth.sesiones import Origen, SesionService
from app.shared.exceptions import TokenInvalido
from app.shared.schemas import normalizar

# One document number may be of several people, of other types of document. There are seven types.
_CANDIDATAS = 8


class AuthService:
    def __init__(
        self,
        *,
        usuarios: UsuarioRepository,
        sesiones: SesionService,
        padron: Padron,
        uow: UnitOfWork,
        hasher: HasherDeClaves,
    ) -> None:
        self._usuarios = usuarios
        self._sesiones = sesiones
        self._padron = padron
        self._uow = uow
        self._hasher = hasher

    async def entrar(self, *, nombre: str, clave: str, origen: Origen) -> Token:
        """Sign in by e-mail or document number. Raises CredencialesInvalidas, for whatever reason, after the work of
        checking one password."""
        candidatas = await self._candidatas(nombre)
        if not candidatas:
            await self._hasher.verifica(clave, None)
        for usuario in candidatas:
            if await self._hasher.verifica(clave, usuario.clave):
                return await self._abrir(usuario, origen)
        raise CredencialesInvalidas

    async def yo(self, quien: Principal) -> Usuario:
        usuario = await self._usuarios.get(quien.usuario_id)
        if usuario is None:
            raise TokenInvalido
        return usuario

    async def salir(self, quien: Principal) -> None:
        await self._sesiones.terminar(quien.sesion_id, motivo=FinDeSesion.salida)

    async def _candidatas(self, nombre: str) -> list[Usuario]:
        """The accounts that `nombre` may mean and that may sign in at all."""
        if len(nombre) > CORREO_MAXIMO or any(unicodedata.category(c) == "Cc" for c in nombre):
            return []
        nombre = normalizar(nombre)
        if "@" in nombre:
            de_correo = await self._usuarios.por_email(nombre.lower())
            halladas = [] if de_correo is None else [de_correo]
        else:
            residentes = await self._padron.por_documento(numero=nombre)
            halladas = await self._usuarios.por_residentes(residentes, limite=_CANDIDATAS)
        return [usuario for usuario in halladas if usuario.puede_entrar]

    async def _abrir(self, usuario: Usuario, origen: Origen) -> Token:
        """In one transaction with the account, so that one being switched off leaves no session behind."""

        async def abrir() -> Token:
            if not await self._usuarios.registrar_acceso(usuario, cuando=ahora()):
                raise CredencialesInvalidas
            return await self._sesiones.abrir(usuario, origen)

        return await self._uow.run(abrir)
