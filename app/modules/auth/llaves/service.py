"""API keys: how a program calls for somebody, without a password.

A key is `pnk_`, 256 random bits as 43 digits of base 62, and the CRC-32 of all that as six more digits. The checksum
tells a key that was cut or mistyped without asking the database, and lets a scanner tell keys from other text with
certainty, as GitHub explains for its own tokens
(https://github.blog/engineering/behind-githubs-new-authentication-token-formats/). The database stores SHA-256 of the
key.

A key is good for its role while its maker is an active admin.
"""

import re
import secrets
import string
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Autenticador, Principal, Rol, hash_de_token
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.auth.llaves.repository import LlaveRepository
from app.modules.auth.models import EstadoLlave, Llave
from app.modules.auth.ports import Avisos
from app.modules.auth.repository import UsuarioRepository
from app.modules.auth.sesiones.cache import CacheDeSesiones
from app.shared.exceptions import EntradaInvalida, TokenInvalido, hallado
from app.shared.pagination import Page, PageQuery
from app.shared.transaction import al_confirmar

PREFIJO = "pnk_"
# The part of a key that stays visible, by which people know the key: 48 of its bits.
_A_LA_VISTA = len(PREFIJO) + 8
_DIGITOS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BITS, _LARGO, _LARGO_CRC = 256, 43, 6
_FORMA = re.compile(rf"{PREFIJO}[0-9A-Za-z]{{{_LARGO + _LARGO_CRC}}}", re.ASCII)
ENTRE_ANOTACIONES = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LlaveNueva:
    """A key with the only copy of its secret."""

    llave: Llave
    secreto: str


@attrs.define(kw_only=True)
class LlaveService:
    """`cache`: the cache of sessions. An account that is forgotten there is forgotten with its keys."""

    _llaves: LlaveRepository
    _usuarios: UsuarioRepository
    _cache: CacheDeSesiones
    _avisos: Avisos
    _uow: UnitOfWork
    # By the hash of a key: its id, and when the key ends. Only good keys are here, so there are never many.
    _conocidas: dict[str, tuple[PydanticObjectId, datetime | None]] = attrs.field(factory=dict, init=False)
    _usos: dict[PydanticObjectId, datetime] = attrs.field(factory=dict, init=False)
    _anotados: dict[PydanticObjectId, datetime] = attrs.field(factory=dict, init=False)

    async def crear(self, *, nombre: str, rol: Rol, expira_en: datetime | None, quien: Principal) -> LlaveNueva:
        """Raises EntradaInvalida for an `expira_en` that has passed."""
        cuando, secreto = ahora(), llave_nueva()
        if expira_en is not None and expira_en <= cuando:
            raise EntradaInvalida.en("expira_en", "fuera_de_rango")

        async def crear() -> Llave:
            await self._avisos.avisar(tipo="llave_creada", datos={"nombre": nombre}, usuario_id=quien.usuario_id)
            return await self._llaves.insert(
                Llave(
                    nombre=nombre,
                    rol=rol,
                    prefijo=secreto[:_A_LA_VISTA],
                    huella=hash_de_token(secreto),
                    creada_por=quien.usuario_id,
                    creado_en=cuando,
                    expira_en=expira_en,
                )
            )

        return LlaveNueva(await self._uow.run(crear), secreto)

    async def listar(self, *, estados: Collection[EstadoLlave] | None, consulta: PageQuery) -> Page[Llave]:
        return await self._llaves.listar(estados=estados, cuando=ahora(), consulta=consulta)

    async def ver(self, llave_id: PydanticObjectId) -> Llave:
        """Raises NoEncontrado."""
        return hallado(await self._llaves.get(llave_id))

    @una_transaccion
    async def terminar(self, llave_id: PydanticObjectId) -> None:
        """End a key: the key is worth nothing from now on. A key that has ended stays ended, and stays in the list,
        because the audit still names it. Raises NoEncontrado."""
        await self.ver(llave_id)
        await self._llaves.terminar(llave_id, cuando=ahora())
        al_confirmar(lambda: self._cache.olvidar(llave_id))

    async def autenticar(self, token: str) -> Principal:
        """The caller of a key, as the database had the key and its maker at most five seconds ago. Raises
        TokenInvalido."""
        if not bien_escrita(token):
            raise TokenInvalido
        huella, cuando = hash_de_token(token), ahora()
        llave_id, vence = self._conocidas.get(huella, (None, None))
        quien = None
        if llave_id is not None and (vence is None or cuando < vence):
            quien = self._cache.leer(llave_id, cuando=cuando)
        if quien is None:
            quien = await self._buscar(huella, cuando)
        if quien.llave_id is not None:
            self._usos[quien.llave_id] = cuando
        return quien

    async def anotar_usos(self) -> None:
        """Write down when keys were last used, each key at most once a minute. The beat calls this; no call waits."""
        for llave_id, usada_en in list(self._usos.items()):
            anotado = self._anotados.get(llave_id)
            if anotado is not None and usada_en - anotado < ENTRE_ANOTACIONES:
                continue
            await self._llaves.anotar_uso(llave_id, cuando=usada_en)
            self._anotados[llave_id] = usada_en

    async def _buscar(self, huella: str, cuando: datetime) -> Principal:
        marca = self._cache.marca
        self._conocidas.pop(huella, None)
        llave = await self._llaves.por_huella(huella)
        if llave is None or llave.estado(cuando) is not EstadoLlave.activa:
            raise TokenInvalido
        autor = await self._usuarios.get(llave.creada_por)
        if autor is None or not autor.activo or autor.rol is not Rol.admin:
            raise TokenInvalido
        quien = Principal(
            usuario_id=autor.oid,
            rol=llave.rol,
            sesion_id=None,
            vinculo_id=autor.residente_id,
            llave_id=llave.oid,
        )
        self._conocidas[huella] = (llave.oid, llave.expira_en)
        self._cache.guardar(llave.oid, quien, leido_en=cuando, marca=marca)
        return quien


@attrs.define(kw_only=True)
class Porteria:
    """The application's `Autenticador`: a token with the prefix of keys is a key, any other token is of a session."""

    _sesiones: Autenticador
    _llaves: Autenticador

    async def autenticar(self, token: str) -> Principal:
        """Raises TokenInvalido."""
        return await (self._llaves if token.startswith(PREFIJO) else self._sesiones).autenticar(token)


@attrs.define(kw_only=True)
class Vigencias:
    """Whether who asked for something would still be taken for the same caller, as the database has it now."""

    _usuarios: UsuarioRepository
    _llaves: LlaveRepository

    async def sigue(self, quien: Principal) -> bool:
        usuario = await self._usuarios.get(quien.usuario_id)
        if usuario is None or not usuario.puede_entrar:
            return False
        if quien.llave_id is None:
            return usuario.rol is quien.rol
        llave = await self._llaves.get(quien.llave_id)
        return usuario.rol is Rol.admin and llave is not None and llave.estado(ahora()) is EstadoLlave.activa


def llave_nueva() -> str:
    cuerpo = PREFIJO + _en_base_62(secrets.randbits(_BITS), _LARGO)
    return cuerpo + _suma(cuerpo)


def bien_escrita(texto: str) -> bool:
    """Whether `texto` has the form of a key, with a right checksum."""
    return bool(_FORMA.fullmatch(texto)) and _suma(texto[:-_LARGO_CRC]) == texto[-_LARGO_CRC:]


def _suma(cuerpo: str) -> str:
    return _en_base_62(zlib.crc32(cuerpo.encode()), _LARGO_CRC)


def _en_base_62(numero: int, largo: int) -> str:
    digitos = []
    for _ in range(largo):
        numero, resto = divmod(numero, 62)
        digitos.append(_DIGITOS[resto])
    return "".join(reversed(digitos))
