"""How often: what may be done so many times in so long, and by whom it is counted."""

import ipaddress
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tasa:
    """`veces` in any `segundos`. `nombre` tells one tally from another, and clients read it in `RateLimit-Policy`."""

    nombre: str
    veces: int
    segundos: int


@dataclass(frozen=True, slots=True)
class Saldo:
    """What is left of a `tasa` to whoever was counted; in `repone_en` seconds there is more again."""

    tasa: Tasa
    queda: int
    repone_en: int


class Cuotas(Protocol):
    async def gastar(self, tasa: Tasa, *quien: str) -> Saldo:
        """Count one more for `quien` (an account, an address, a typed name: only a keyed hash of it is stored).
        Raises DemasiadasPeticiones, and then counts nothing."""

    async def olvidar(self, tasa: Tasa, *quien: str) -> None:
        """What was counted for `quien` is forgiven."""


class SinCuotas:
    """Cuotas that never say no: for trials and rehearsals on one's own machine."""

    async def gastar(self, tasa: Tasa, *quien: str) -> Saldo:  # noqa: ARG002 - the Protocol's shape
        return Saldo(tasa=tasa, queda=tasa.veces, repone_en=tasa.segundos)

    async def olvidar(self, tasa: Tasa, *quien: str) -> None:
        pass


def agrupar(direccion: str) -> str:
    """Whom an address stands for: itself, or of IPv6 its network of 64 bits, which is one customer's."""
    try:
        leida = ipaddress.ip_address(direccion)
    except ValueError:
        return direccion
    if isinstance(leida, ipaddress.IPv4Address):
        return str(leida)
    if leida.ipv4_mapped is not None:
        return str(leida.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(leida) >> 64 << 64, 64)).network_address) + "/64"
