"""What an opening asks of requests: those for which spaces are kept, and those of the draw that it repeats. Each call
joins the transaction of its caller."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from beanie import PydanticObjectId


class Guardada(Protocol):
    """A request for which a space is kept."""

    @property
    def id(self) -> PydanticObjectId: ...
    @property
    def sorteo_id(self) -> PydanticObjectId: ...
    @property
    def espacio(self) -> str: ...


class Guardadas(Protocol):
    async def guardadas(self, *, sorteos: Sequence[PydanticObjectId], espacios: Sequence[str]) -> Sequence[Guardada]:
        """The requests of those draws for which one of those spaces is kept, as far as the rules left them so."""


class CotejoDeCopias(Protocol):
    @property
    def terminos(self) -> Mapping[str, object]:
        """By what the window of the draw judged them, as JSON."""

    @property
    def completo(self) -> bool:
        """No row of the audit was missing that may tell of one more."""

    async def alterada(self) -> tuple[str, str] | None:
        """What somebody wrote on its requests, or let in against `terminos` (`donde`) and of what; None where all are
        as they were."""


class Copias(Protocol):
    async def cuantas(self, *, sorteo_id: PydanticObjectId) -> int:
        """How many requests were ever handed in, which is the last folio."""

    async def cotejo(self, *, sorteo_id: PydanticObjectId) -> CotejoDeCopias:
        """Of a draw that was annulled."""

    async def vehiculo_alterado(
        self, *, de: PydanticObjectId, a: PydanticObjectId, limite: int
    ) -> PydanticObjectId | None:
        """Of the next `limite` that `copiar` would copy, a vehicle of which somebody wrote on the database what it is,
        or whose."""

    async def copiar(self, *, de: PydanticObjectId, a: PydanticObjectId, limite: int) -> int:
        """Copy the next `limite` of those that the annulment of `de` ended into `a`, which has not opened; how many: 0
        where all are there."""

    async def descartar_copias(self, *, sorteo_id: PydanticObjectId, limite: int) -> bool:
        """Take away up to `limite` copies of a draw that has not opened, the last ones; whether there was any."""
