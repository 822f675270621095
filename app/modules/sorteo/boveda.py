"""The secrets of draws: made, sealed, and opened again when they are published. AES-256-GCM under `CLAVE_SORTEO`, bound
to the draw, so that a sealed secret moved to another draw does not open."""

import hmac
import os
import secrets

from beanie import PydanticObjectId
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Boveda:
    def __init__(self, clave: bytes) -> None:
        self._cifra = AESGCM(hmac.digest(clave, b"parknet/secreto-de-sorteo", "sha256"))

    @staticmethod
    def nuevo() -> str:
        """32 bytes from the system's CSPRNG, as 64 hex digits."""
        return secrets.token_hex(32)

    def sellar(self, secreto: str, sorteo_id: PydanticObjectId) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cifra.encrypt(nonce, secreto.encode(), sorteo_id.binary)

    def abrir(self, sellado: bytes, sorteo_id: PydanticObjectId) -> str | None:
        """The secret; None when it was not sealed here, for this draw, under this key."""
        try:
            return self._cifra.decrypt(sellado[:_NONCE], sellado[_NONCE:], sorteo_id.binary).decode()
        except (InvalidTag, ValueError):  # ValueError: not even a nonce
            return None
