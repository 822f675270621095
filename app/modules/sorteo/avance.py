"""How far a step is, for whoever follows it."""

from typing import Protocol


class Avance(Protocol):
    async def __call__(self, *, hecho: int, total: int | None = None) -> None:
        """Rows done, of how many. It may raise: then the step is to stop here."""


async def sin_avance(*, hecho: int, total: int | None = None) -> None:
    """Nobody follows it."""
    del hecho, total
