"""What spaces ask of others, and rules of priority too."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from beanie import PydanticObjectId

from app.modules.sorteo.espacios.models import Espacio


class Condiciones(Protocol):
    """The conditions of people that the complex knows."""

    async def sin_condicion(self, *, codigos: Collection[str]) -> frozenset[str]:
        """Those of them that there are not. The others stay while the transaction in course lasts, in which something
        is to name them."""

    async def nombres_de_condiciones(self, *, codigos: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """What people call those of them that there are, by code and language."""

    async def crear_condiciones(self, *, condiciones: Sequence[tuple[str, Mapping[str, str], bool]]) -> None:
        """Of those codes, names in each language and whether they end, the ones that there are not yet. In the
        transaction in course."""


class EspacioCopiado(Protocol):
    """A space as the draw copied it."""

    @property
    def codigo(self) -> str: ...
    @property
    def tipo(self) -> str | None: ...
    @property
    def reserva(self) -> str | None: ...


class Reclamos(Protocol):
    async def exigir_sin_nadie(self, espacio: Espacio, *, desde: date, hasta: date | None) -> None:
        """No assignment, no request for which it is kept and no draw has a space on one of those days (no end: for
        ever), on which no claim stands. In the transaction in course. Raises BasesAlteradas."""


class Ofertas(Protocol):
    async def espacio_disponible(self, *, codigo: str) -> None:
        """A space is in use again: a draw that had it and is `publicado` offers it to the next in line. In the
        transaction in course."""

    async def cambiaron(self, *, unidades: Collection[PydanticObjectId]) -> None:
        """What those flats have by right is not what it was: a request may be approved now. In the transaction in
        course."""
