"""What the module asks of those that have the rows, and of whoever keeps the copy."""

from collections.abc import Collection, Sequence
from typing import Protocol

from beanie import PydanticObjectId

from app.modules.analitica.tablas import Tabla
from app.shared.repository import Fila


class SinAlmacen(Exception):
    """The copy cannot be reached, or refuses: why, in a few words. What was not done is done the next time."""


class Fuente(Protocol):
    """The rows of one table."""

    async def siguientes(
        self, *, ultimo: PydanticObjectId | None, limite: int
    ) -> tuple[list[Fila], PydanticObjectId | None]:
        """Rows of the next documents by id, and the id of the last; None when there was none left."""

    async def de(self, *, ids: Sequence[PydanticObjectId]) -> list[Fila]:
        """Rows of those documents that there are."""

    async def cuantas(self) -> int:
        """How many documents there are."""


class Almacen(Protocol):
    """Where the copy is kept. Every method raises SinAlmacen, and can be repeated."""

    async def por_preparar(self, *, tablas: Collection[Tabla]) -> Sequence[str]:
        """What `preparar` would make: names of the data set, of tables, of `table.column`."""

    async def preparar(self, *, tablas: Collection[Tabla]) -> None:
        """Make what is missing. Nothing is ever taken away."""

    async def poner(self, *, tabla: Tabla, lote: str, contenido: bytes, marca: int) -> None:
        """Put rows (JSON, a line each) in the place of those with their keys, unless these have a later `marca`.
        `lote`: what names this content; what was loaded under it is not loaded again."""

    async def soltar(self, *, tabla: Tabla, lote: str) -> None:
        """The content of that name is of no use any more."""

    async def barrer(self, *, tabla: Tabla, conjunto: str, antes_de: int, marca: int) -> None:
        """Mark as gone the rows of the complex with a `marca` before that one."""
