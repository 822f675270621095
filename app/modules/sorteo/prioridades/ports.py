"""What judging requests asks of those that were drawn before."""

from collections.abc import Sequence
from typing import Protocol

from beanie import PydanticObjectId


class SuerteDeUnidad(Protocol):
    """How a request fared in its draw. `entera`: so it is marked; None where nobody asked."""

    @property
    def id(self) -> PydanticObjectId: ...
    @property
    def unidad_id(self) -> PydanticObjectId: ...
    @property
    def clase(self) -> str: ...
    @property
    def sorteo_id(self) -> PydanticObjectId: ...
    @property
    def ofrecida(self) -> bool: ...
    @property
    def tuvo(self) -> bool: ...
    @property
    def entera(self) -> bool | None: ...


class Suertes(Protocol):
    async def suerte(
        self, *, unidades: Sequence[PydanticObjectId], con_marcas: bool = False
    ) -> Sequence[SuerteDeUnidad]: ...

    async def ofrecidas(self) -> frozenset[str]:
        """The ids of those to which a space was offered after their draw was published, as the audit was told."""

    async def suertes_de(self, *, ids: Sequence[PydanticObjectId]) -> Sequence[SuerteDeUnidad]:
        """Of those requests, as they are marked; one that was not drawn is not in it."""
