"""What this module asks of others."""

from collections.abc import Sequence
from typing import Protocol


class CabezaPublicada(Protocol):
    @property
    def n(self) -> int: ...
    @property
    def mac(self) -> str: ...


class Publicadas(Protocol):
    async def cabezas(self) -> Sequence[CabezaPublicada]:
        """Heads of the chain that were published with what they stood beside, the steps of draws: the chain as it is
        must still hold them."""
