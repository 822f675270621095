"""The public number of a draw: where it comes from, when it can be known, and its only spelling. Pure."""

import re
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from app.modules.sorteo.drand.cadena import escrita, momento_de, ronda_desde


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
    """A round of drand's quicknet chain. `momento`: for which instant it was chosen, where one was named."""

    model_config = ConfigDict(frozen=True)

    tipo: Literal["drand"]
    ronda: int
    momento: datetime | None = None

    @model_validator(mode="before")
    @classmethod
    def _la_de_ese_momento(cls, datos: Any) -> Any:
        """Where only `momento` is named, the round is the first at or after it."""
        if isinstance(datos, dict) and datos.get("ronda") is None and datos.get("momento") is not None:
            return datos | {"ronda": ronda_desde(datos["momento"])}
        return datos

    @property
    def conocible_desde(self) -> datetime:
        return momento_de(self.ronda)

    @property
    def forma(self) -> str:
        return escrita(self.ronda, "<64 hex>")

    @property
    def texto(self) -> str:
        return f"drand quicknet, ronda {self.ronda}; {_instante(self.conocible_desde)}; {self.forma}"


def _instante(instante: datetime) -> str:
    """`instante` by RFC 3339 in UTC, with milliseconds when it has a fraction of a second."""
    precision = "milliseconds" if instante.microsecond else "seconds"
    return instante.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
