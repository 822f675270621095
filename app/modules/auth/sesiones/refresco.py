"""Refresh tokens: their parts, how a token is told from garbage, and how a successor is kept for its holder.

A token is 60 bytes in base64url: the id of the session (12), a secret (32) and a mark (16). The session keeps SHA-256
of the whole token, never the token. The mark is an HMAC of the secret under a random seal of the session. The mark
proves that the session gave the token out, without a list of all tokens. So a used token that comes back is recognised,
and a stranger who guesses the id of a session cannot end the session with rubbish.
"""

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Self

from beanie import PydanticObjectId

from app.core.security import hash_de_token

_ID, _SECRETO, _MARCA = 12, 32, 16
_FORMA = re.compile(r"[A-Za-z0-9_-]{80}", re.ASCII)


def sello_nuevo() -> str:
    return secrets.token_hex(32)


@dataclass(frozen=True, slots=True, repr=False)
class Refresco:
    sesion_id: PydanticObjectId
    secreto: bytes
    marca: bytes

    @classmethod
    def nuevo(cls, *, sesion_id: PydanticObjectId, sello: str) -> Self:
        return cls._con(sesion_id, secrets.token_bytes(_SECRETO), sello)

    @classmethod
    def leer(cls, texto: str) -> Self | None:
        """None for a text that does not have the form of a token."""
        if not _FORMA.fullmatch(texto):
            return None
        crudo = base64.urlsafe_b64decode(texto)
        return cls(PydanticObjectId(crudo[:_ID]), crudo[_ID : _ID + _SECRETO], crudo[-_MARCA:])

    @classmethod
    def _con(cls, sesion_id: PydanticObjectId, secreto: bytes, sello: str) -> Self:
        return cls(sesion_id, secreto, _marca(secreto, sello))

    @property
    def texto(self) -> str:
        return base64.urlsafe_b64encode(self.sesion_id.binary + self.secreto + self.marca).decode()

    @property
    def huella(self) -> str:
        return hash_de_token(self.texto)

    def es_de(self, sello: str) -> bool:
        """Whether the session with that seal gave this token out, now or before."""
        return hmac.compare_digest(self.marca, _marca(self.secreto, sello))

    def sellar(self, sucesor: Self) -> str:
        """The secret of the successor, sealed so that only the holder of this token can read it.

        A client whose answer got lost, or that asked several times at once, must be given the same successor, and the
        database must not hold the secret in the clear. The secret is XORed with an HMAC under the secret of this token:
        32 bytes against 32, with a key that serves for one successor and is stored nowhere.
        """
        return _xor(sucesor.secreto, self._clave_del_sucesor()).hex()

    def abrir(self, sellado: str, *, sello: str) -> Self:
        """The successor that `sellar` sealed."""
        return self._con(self.sesion_id, _xor(bytes.fromhex(sellado), self._clave_del_sucesor()), sello)

    def _clave_del_sucesor(self) -> bytes:
        return hmac.digest(self.secreto, b"parknet/sucesor", "sha256")


def _marca(secreto: bytes, sello: str) -> bytes:
    return hmac.digest(bytes.fromhex(sello), secreto, "sha256")[:_MARCA]


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))
