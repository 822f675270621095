"""Who is calling, and the two things that prove it: signed access tokens and hashed passwords."""

import base64
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol

import anyio
import anyio.to_thread
import bcrypt
import jwt
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.shared.exceptions import TokenInvalido

VIDA_ACCESO = timedelta(minutes=10)
EMISOR = "parknet"
_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)
_RECLAMOS = {"iss", "aud", "exp", "iat", "jti", "sub", "sid", "rol"}
_TOKENS_RECORDADOS = 4096
# Far more than a token of ours has. PyJWT also skips characters that are none of base64url's: not here.
_FORMA_DE_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{1,800}\.[A-Za-z0-9_-]{43}", re.ASCII)


class Rol(StrEnum):
    admin = "admin"
    operador = "operador"
    auditor = "auditor"
    residente = "residente"
    porteria = "porteria"


PERSONAL = frozenset({Rol.admin, Rol.operador})
DE_OFICINA = PERSONAL | {Rol.auditor}
"""Who sees what is not their own."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling. `residente_id` is set for residents and for staff who live in the complex too; `vinculo_id`, also
    for staff who lived in it: they act for no flat, and still decide nothing about it.

    With an API key, `llave_id` says which, there is no `sesion_id`, and `usuario_id` is the admin who made it: what a
    key does is never somebody else's doing.

    `falta_mfa`: this installation asks staff for a second factor and they have none yet."""

    usuario_id: PydanticObjectId
    rol: Rol
    sesion_id: PydanticObjectId | None
    residente_id: PydanticObjectId | None = None
    vinculo_id: PydanticObjectId | None = None
    llave_id: PydanticObjectId | None = None
    falta_mfa: bool = False

    @property
    def interesado_id(self) -> PydanticObjectId | None:
        """The resident about whom, and about whose flats, they do not decide."""
        return self.vinculo_id or self.residente_id

    @property
    def es_personal(self) -> bool:
        """Staff: whoever sees what is not their own (an auditor reads, admin and operador also write)."""
        return self.rol in DE_OFICINA


class Autenticador(Protocol):
    async def autenticar(self, token: str) -> Principal:
        """Who holds `token`. Raises TokenInvalido."""


@dataclass(frozen=True, slots=True)
class Reclamos:
    usuario_id: PydanticObjectId
    sesion_id: PydanticObjectId
    rol: Rol


class FirmadorDeAcceso:
    """Signs and reads access tokens: HS256, `at+jwt`, ten minutes, every claim required.

    `clave` signs; `anteriores` are only accepted, so that a key can be replaced without signing anybody out. `kid` says
    which of them signed: it is looked up among these and never anywhere else.
    """

    def __init__(self, clave: bytes, anteriores: Sequence[bytes] = ()) -> None:
        derivadas = [hmac.digest(c, b"parknet/acceso", "sha256") for c in (clave, *anteriores)]
        self._clave = derivadas[0]
        self._kid = _kid(self._clave)
        self._por_kid = {_kid(derivada): derivada for derivada in derivadas}
        self._verificar = lru_cache(maxsize=_TOKENS_RECORDADOS)(self._reclamos_de)

    def firmar(self, *, usuario_id: PydanticObjectId, sesion_id: PydanticObjectId, rol: Rol) -> str:
        emitido = int(ahora().timestamp())
        reclamos = {
            "iss": EMISOR,
            "aud": EMISOR,
            "iat": emitido,
            "exp": emitido + int(VIDA_ACCESO.total_seconds()),
            "jti": secrets.token_hex(8),
            "sub": str(usuario_id),
            "sid": str(sesion_id),
            "rol": rol.value,
        }
        return jwt.encode(reclamos, self._clave, "HS256", headers={"typ": "at+jwt", "kid": self._kid})

    def leer(self, token: str) -> Reclamos:
        """The claims of `token`. Raises TokenInvalido for anything that this class did not sign, or too old.

        What is remembered is that these very bytes were signed with one of the keys of this object, which never change
        for as long as the object lives: that cannot become wrong. Times are judged anew at each call, and whether the
        session still stands is judged elsewhere."""
        try:
            reclamos, emitido, vence = self._verificar(token)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise TokenInvalido from error
        if not emitido - 5 <= ahora().timestamp() < vence:
            raise TokenInvalido
        return reclamos

    def _reclamos_de(self, token: str) -> tuple[Reclamos, int, int]:
        """What `token` says, from when and until when. Raises ValueError and what PyJWT raises."""
        if not _FORMA_DE_TOKEN.fullmatch(token):
            raise ValueError("no tiene la forma de un token")
        # Times are judged against our own clock and as whole numbers: PyJWT takes 1e308 for a date.
        leido = jwt.decode_complete(
            token,
            self._clave_de(jwt.get_unverified_header(token)),
            algorithms=["HS256"],
            issuer=EMISOR,
            audience=EMISOR,
            options={"require": sorted(_RECLAMOS), "verify_exp": False, "verify_iat": False},
        )
        return self._juzgar(leido["payload"])

    def _clave_de(self, cabecera: dict[str, Any]) -> bytes:
        """The key that the header names. Raises ValueError for a header that is not exactly one of ours."""
        if set(cabecera) != {"alg", "typ", "kid"} or cabecera["typ"] != "at+jwt":
            raise ValueError("cabecera ajena")
        clave = self._por_kid.get(cabecera["kid"])
        if clave is None:
            raise ValueError("clave ajena")
        return clave

    def _juzgar(self, reclamos: dict[str, Any]) -> tuple[Reclamos, int, int]:
        """Raises ValueError for claims that are not exactly, and of the very types, that this class signs."""
        emitido, vence = reclamos["iat"], reclamos["exp"]
        if set(reclamos) != _RECLAMOS or type(emitido) is not int or type(vence) is not int:
            raise ValueError("reclamos ajenos")
        if any(type(reclamos[nombre]) is not str for nombre in _RECLAMOS - {"iat", "exp"}):
            raise ValueError("reclamos de otro tipo")
        if vence - emitido > VIDA_ACCESO.total_seconds():
            raise ValueError("vive demasiado")
        if not _ID.fullmatch(reclamos["sub"]) or not _ID.fullmatch(reclamos["sid"]):
            raise ValueError("identidad ajena")
        identidad = Reclamos(
            usuario_id=PydanticObjectId(reclamos["sub"]),
            sesion_id=PydanticObjectId(reclamos["sid"]),
            rol=Rol(reclamos["rol"]),
        )
        return identidad, emitido, vence


def _kid(clave: bytes) -> str:
    return hashlib.sha256(clave).hexdigest()[:16]


TURNOS_DE_HASHER = max(1, (os.cpu_count() or 1) // 2)


class HasherDeClaves:
    """Passwords as bcrypt over an HMAC under the pepper: a stolen table alone cannot be guessed at,
    and bcrypt's limit of 72 bytes is never met. Work runs in threads, at most on half of the
    processors, so that sign-ins do not starve the rest. `anteriores`: peppers of before, under which passwords still
    hold."""

    def __init__(self, *, pimienta: bytes, costo: int, anteriores: Sequence[bytes] = ()) -> None:
        self._pimientas = (pimienta, *anteriores)
        self._costo = costo
        self._turnos = anyio.CapacityLimiter(TURNOS_DE_HASHER)

    async def hash(self, clave: str) -> str:
        sal = bcrypt.gensalt(self._costo)
        huella = await anyio.to_thread.run_sync(bcrypt.hashpw, self._digeridas(clave)[0], sal, limiter=self._turnos)
        return huella.decode()

    async def verifica(self, clave: str, huella: str | None) -> bool:
        """Whether `clave` made `huella`. With no `huella` (no such account) the same work ends in False, and so does
        what a wrong one takes: a hash of a lower cost than today's is made up for."""
        return await anyio.to_thread.run_sync(self._verifica, self._digeridas(clave), huella, limiter=self._turnos)

    async def anticuada(self, clave: str, huella: str) -> bool:
        """Whether `huella`, which `clave` made, is of another cost than today's, or under another pepper."""
        if _costo_de(huella) != self._costo or len(self._pimientas) == 1:
            return _costo_de(huella) != self._costo
        de_ahora = self._digeridas(clave)[0]
        return not await anyio.to_thread.run_sync(bcrypt.checkpw, de_ahora, huella.encode(), limiter=self._turnos)

    def _verifica(self, digeridas: Sequence[bytes], huella: str | None) -> bool:
        return any(self._es(digerida, huella) for digerida in digeridas)

    def _es(self, digerida: bytes, huella: str | None) -> bool:
        if huella is None:
            bcrypt.hashpw(digerida, bcrypt.gensalt(self._costo))
            return False
        if bcrypt.checkpw(digerida, huella.encode()):
            return True
        # Cost n is 2**n rounds, and 2**a + 2**a + 2**(a + 1) + … + 2**(b - 1) is 2**b.
        for costo in range(_costo_de(huella), self._costo):
            bcrypt.hashpw(digerida, bcrypt.gensalt(costo))
        return False

    def _digeridas(self, clave: str) -> list[bytes]:
        """What bcrypt is given: under the pepper of now, and under each of before."""
        return [base64.b64encode(hmac.digest(p, clave.encode(), "sha256")) for p in self._pimientas]


def _costo_de(huella: str) -> int:
    """Of `$2b$12$…`, 12."""
    return int(huella.split("$")[2])


def hash_de_token(token: str) -> str:
    """What is stored of a random token of 256 bits: its SHA-256. Nobody guesses one, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_nuevo() -> str:
    return secrets.token_urlsafe(32)
