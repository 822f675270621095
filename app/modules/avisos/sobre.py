"""What must not be stored in clear: e-mails with links shown once, the addresses they go to, the tokens of devices.
AES-256-GCM, bound to the document that holds it, so that what is moved to another does not open."""

import hmac
import os

from beanie import PydanticObjectId
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Sobre:
    def __init__(self, clave: bytes) -> None:
        self._cifra = AESGCM(hmac.digest(clave, b"parknet/avisos", "sha256"))

    def sellar(self, contenido: str, de: PydanticObjectId) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cifra.encrypt(nonce, contenido.encode(), de.binary)

    def abrir(self, sellado: bytes, de: PydanticObjectId) -> str | None:
        """The content; None when it was not sealed here, for that document, under this key."""
        try:
            return self._cifra.decrypt(sellado[:_NONCE], sellado[_NONCE:], de.binary).decode()
        except (InvalidTag, ValueError):  # ValueError: not even a nonce
            return None
