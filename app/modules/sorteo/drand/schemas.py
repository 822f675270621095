"""A round of drand, as a relay gives it."""

from typing import Annotated

from pydantic import Field

from app.shared.schemas import Entre, InputSchema

MAX_RONDA = 2**36
"""It is drawn in the year 8559: later ones have no date."""

Ronda = Annotated[int, Entre(1, MAX_RONDA)]
Aleatoriedad = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Firma = Annotated[str, Field(pattern="^([0-9a-f]{2}){1,96}$")]


class RondaDrandIn(InputSchema):
    """`previous_signature`: other chains of drand have it, and their rounds are refused as such."""

    round: Ronda
    randomness: Aleatoriedad
    signature: Firma
    previous_signature: Firma | None = None
