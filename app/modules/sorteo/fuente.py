"""The public number of a draw: where it comes from, when it can be known, and its only spelling. Pure."""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

# The chain "quicknet" of drand (https://drand.love), which publishes a number every three seconds.
_DRAND_CADENA = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
_DRAND_INICIO = datetime.fromtimestamp(1_692_803_367, UTC)
_DRAND_PERIODO = timedelta(seconds=3)


class FuentePublica(BaseModel):
    """A number that somebody else draws in public. `forma` spells the number: `#` is a digit, any other character is
    itself."""

    model_config = ConfigDict(frozen=True)

    tipo: Literal["publica"]
    descripcion: str
    disponible_desde: datetime
    forma: str

    @property
    def conocible_desde(self) -> datetime:
        return self.disponible_desde

    @property
    def texto(self) -> str:
        """The `fuente` of the bases: this text alone says which number to look up."""
        return f"{self.descripcion}; {_instante(self.disponible_desde)}; {self.forma}"

    def acepta(self, entropia: str) -> bool:
        patron = "".join("[0-9]" if c == "#" else re.escape(c) for c in self.forma)
        return re.fullmatch(patron, entropia) is not None


class FuenteDrand(BaseModel):
    """A round of drand's quicknet chain, spelt `drand 52db9ba7 <round> <randomness>`, the last as 64 hex digits."""

    model_config = ConfigDict(frozen=True)

    tipo: Literal["drand"]
    ronda: int

    @property
    def conocible_desde(self) -> datetime:
        return _DRAND_INICIO + (self.ronda - 1) * _DRAND_PERIODO

    @property
    def texto(self) -> str:
        forma = f"{self._principio}<64 hex>"
        return f"drand quicknet {_DRAND_CADENA}, ronda {self.ronda}; {_instante(self.conocible_desde)}; {forma}"

    @property
    def _principio(self) -> str:
        return f"drand {_DRAND_CADENA[:8]} {self.ronda} "

    def acepta(self, entropia: str) -> bool:
        return re.fullmatch(re.escape(self._principio) + "[0-9a-f]{64}", entropia) is not None


def _instante(instante: datetime) -> str:
    """`instante` by RFC 3339 in UTC, with milliseconds when it has a fraction of a second."""
    precision = "milliseconds" if instante.microsecond else "seconds"
    return instante.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
