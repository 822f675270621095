"""What the marks of requests ask of the audit."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from beanie import PydanticObjectId

Dicho = Mapping[str, str]


class Bitacora(Protocol):
    async def aparte(self, *, tipo: str, datos: Dicho, objeto: PydanticObjectId, hecho: bool = True) -> None:
        """A row of the audit, in the transaction in course, beside the row of the act. `datos`: codes and ids."""

    async def dichos_de_todos(self, *, tipos: Collection[str]) -> Mapping[str, Mapping[str, Sequence[Dicho]]]:
        """Of every event of those kinds, by kind and by the id of what it is about."""

    async def sin_huecos(self, *, objeto: PydanticObjectId, desde: str) -> bool:
        """Whether none is missing since that act, for who looked for one in vain in the transaction in course."""

    async def dichos(self, *, objeto: PydanticObjectId, tipos: Collection[str]) -> Sequence[Dicho]:
        """The `datos` of every event of those kinds about `objeto`, as far as they are ours."""
