"""What spaces ask of others."""

from typing import Protocol


class Ofertas(Protocol):
    async def espacio_disponible(self, *, codigo: str) -> None:
        """A space is in use again: a draw that had it and is `publicado` offers it to the next in line. In the
        transaction in course."""
