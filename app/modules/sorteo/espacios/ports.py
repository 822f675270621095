"""What spaces ask of others."""

from typing import Protocol

from beanie import PydanticObjectId


class Unidades(Protocol):
    async def existe(self, *, unidad_id: PydanticObjectId) -> bool:
        """Whether there is such a flat."""
