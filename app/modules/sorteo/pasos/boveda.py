"""The secrets of draws: made, sealed, and opened again when they are published."""

import secrets

from app.core.sealing import Sello


class Boveda(Sello):
    """Under `CLAVE_SORTEO`, each secret bound to its draw, so that a sealed one moved to another draw does not open."""

    def __init__(self, clave: bytes) -> None:
        super().__init__(clave, "secreto-de-sorteo")

    @staticmethod
    def nuevo() -> str:
        """32 bytes from the system's CSPRNG, as 64 hex digits."""
        return secrets.token_hex(32)
