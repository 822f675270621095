"""The chain "quicknet" of drand (https://drand.love), which publishes a number every three seconds. Pure.

Source of the constants: https://api.drand.sh/52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971/info."""

import hashlib
from datetime import UTC, datetime, timedelta

CADENA = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
"""Its hash: SHA-256 of period, start, key, group and name."""
LLAVE = bytes.fromhex(
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
    "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)
"""Its public key: a point of G2, compressed."""
INICIO = datetime.fromtimestamp(1_692_803_367, UTC)
PERIODO = timedelta(seconds=3)
LARGO_DE_FIRMA = 48
"""Bytes of a signature: a point of G1, compressed."""
LARGO_DE_OTRAS = 96
"""Other chains of drand sign on G2."""
AJENA, INVALIDA = "firma_ajena", "firma_invalida"
"""What can be wrong with a signature: it is of another round or chain; it is no signature at all."""


def momento_de(ronda: int) -> datetime:
    """When the number of that round comes out, which nobody knows before."""
    return INICIO + (ronda - 1) * PERIODO


def ronda_desde(momento: datetime) -> int:
    """The first round at or after `momento`."""
    return max(0, -((INICIO - momento) // PERIODO)) + 1


def aleatoriedad_de(firma: bytes) -> str:
    """The number of the round with that signature, as 64 hex digits."""
    return hashlib.sha256(firma).hexdigest()


def escrita(ronda: int, aleatoriedad: str) -> str:
    """The only spelling of the number of a round."""
    return f"drand {CADENA} {ronda} {aleatoriedad}"
