"""Who is calling, and the two things that prove it: signed access tokens and hashed passwords."""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
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


class Rol(StrEnum):
    admin = "admin"
    operador = "operador"
    auditor = "auditor"
    residente = "residente"


PERSONAL = frozenset({Rol.admin, Rol.operador})


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling. `residente_id` is set for residents and for staff who live in the complex too; `vinculo_id`, also
    for staff who lived in it: they act for no flat, and still decide nothing about it."""

    usuario_id: PydanticObjectId
    rol: Rol
    sesion_id: PydanticObjectId
    residente_id: PydanticObjectId | None = None
    vinculo_id: PydanticObjectId | None = None

    @property
    def interesado_id(self) -> PydanticObjectId | None:
        """The resident about whom, and about whose flats, they do not decide."""
        return self.vinculo_id or self.residente_id

    @property
    def es_personal(self) -> bool:
        """Staff: whoever sees what is not their own (an auditor reads, admin and operador also write)."""
        return self.rol is not Rol.residente


class Autenticador(Protocol):
    async def autenticar(self, token: str) -> Principal:
        """Who holds `token`. Raises TokenInvalido."""


@dataclass(frozen=True, slots=True)
class Reclamos:
    usuario_id: PydanticObjectId
    sesion_id: PydanticObjectId
    rol: Rol


class FirmadorDeAcceso:
    """Signs and reads access tokens: HS256, `at+jwt`, ten minutes, every claim required."""

    def __init__(self, clave: bytes) -> None:
        self._clave = hmac.digest(clave, b"parknet/acceso", "sha256")
        self._kid = hashlib.sha256(self._clave).hexdigest()[:16]

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
        """The claims of `token`. Raises TokenInvalido for anything that this class did not sign, or too old."""
        try:
            # Times are judged below, against our own clock and as whole numbers: PyJWT takes 1e308 for a date.
            leido = jwt.decode_complete(
                token,
                self._clave,
                algorithms=["HS256"],
                issuer=EMISOR,
                audience=EMISOR,
                options={"require": sorted(_RECLAMOS), "verify_exp": False, "verify_iat": False},
            )
            return self._juzgar(leido["header"], leido["payload"])
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise TokenInvalido from error

    def _juzgar(self, cabecera: dict[str, Any], reclamos: dict[str, Any]) -> Reclamos:
        if set(cabecera) != {"alg", "typ", "kid"} or cabecera["typ"] != "at+jwt" or cabecera["kid"] != self._kid:
            raise ValueError("cabecera ajena")
        emitido, vence = reclamos["iat"], reclamos["exp"]
        if set(reclamos) != _RECLAMOS or type(emitido) is not int or type(vence) is not int:
            raise ValueError("reclamos ajenos")
        if vence - emitido > VIDA_ACCESO.total_seconds() or not emitido - 5 <= ahora().timestamp() < vence:
            raise ValueError("fuera de plazo")
        if not _ID.fullmatch(reclamos["sub"]) or not _ID.fullmatch(reclamos["sid"]):
            raise ValueError("identidad ajena")
        return Reclamos(
            usuario_id=PydanticObjectId(reclamos["sub"]),
            sesion_id=PydanticObjectId(reclamos["sid"]),
            rol=Rol(reclamos["rol"]),
        )


class HasherDeClaves:
    """Passwords as bcrypt over an HMAC under the pepper: a stolen table alone cannot be guessed at,
    and bcrypt's limit of 72 bytes is never met. Work runs in threads, at most two at once, so that
    sign-ins do not starve the rest."""

    def __init__(self, *, pimienta: bytes, costo: int) -> None:
        self._pimienta = pimienta
        self._costo = costo
        self._turnos = anyio.CapacityLimiter(2)
        self._senuelo = bcrypt.hashpw(self._digerir(secrets.token_hex(16)), bcrypt.gensalt(costo))

    async def hash(self, clave: str) -> str:
        sal = bcrypt.gensalt(self._costo)
        huella = await anyio.to_thread.run_sync(bcrypt.hashpw, self._digerir(clave), sal, limiter=self._turnos)
        return huella.decode()

    async def verifica(self, clave: str, huella: str | None) -> bool:
        """Whether `clave` made `huella`. With no `huella` (no such account) the same work ends in False."""
        contra = self._senuelo if huella is None else huella.encode()
        igual = await anyio.to_thread.run_sync(bcrypt.checkpw, self._digerir(clave), contra, limiter=self._turnos)
        return igual and huella is not None

    def _digerir(self, clave: str) -> bytes:
        return base64.b64encode(hmac.digest(self._pimienta, clave.encode(), "sha256"))


def hash_de_token(token: str) -> str:
    """What is stored of a random token of 256 bits: its SHA-256. Nobody guesses one, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_nuevo() -> str:
    return secrets.token_urlsafe(32)
