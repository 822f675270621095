"""What custody asks of others, and publishing of requests."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Protocol

from beanie import PydanticObjectId


class TitularDeFolio(Protocol):
    """Whose a request is now."""

    @property
    def id(self) -> PydanticObjectId: ...
    @property
    def folio(self) -> int: ...
    @property
    def unidad_id(self) -> PydanticObjectId: ...
    @property
    def vehiculo_id(self) -> PydanticObjectId: ...


class PuestoPublicado(Protocol):
    """A line of the result, for the request it is about."""

    @property
    def solicitud_id(self) -> PydanticObjectId: ...
    @property
    def espacio(self) -> str | None: ...
    @property
    def espera(self) -> int | None: ...
    @property
    def prestado(self) -> bool: ...
    @property
    def condiciones(self) -> list[str]: ...


class LotePorPublicar(Protocol):
    """Requests, and what publishing makes of them."""

    @property
    def titulares(self) -> Sequence[TitularDeFolio]:
        """Of those that are still to be published."""

    @property
    def terminos(self) -> Mapping[str, object]:
        """Of the window, by which they were made ready: see `Ventanillas`."""

    async def confirmado(self) -> "LotePorPublicar":
        """In the transaction that publishes them: the same, or made anew if any of them changed meanwhile."""

    async def publicar(self, *, aplazar: bool) -> None:
        """In the same transaction. `aplazar`: requests that wait are to be written by `asentar`."""

    async def asentar(self) -> None:
        """After that transaction: write what it left. It can be done again, by whoever and whenever."""

    async def recuperar(self) -> None:
        """The same, of a batch of which nobody knows whether that was done."""


class PorPublicar(Protocol):
    async def por_publicar(self, *, sorteo_id: PydanticObjectId, puestos: Sequence[PuestoPublicado]) -> LotePorPublicar:
        """What the result says of a batch of requests, made ready outside of the transaction that publishes it."""


class Alterado(Protocol):
    """A fact that somebody wrote on the database, and of what."""

    @property
    def hecho(self) -> str: ...
    @property
    def objeto(self) -> PydanticObjectId: ...


class Ventanillas(Protocol):
    """The window of a draw, as far as it bears out what was published."""

    async def terminos(self, *, sorteo_id: PydanticObjectId) -> Mapping[str, object]:
        """By what the window judges requests, as JSON; `clases`: the (tipo, reserva) of the spaces, in order."""


class Relato(Protocol):
    """What the audit was told of one thing: what was done, and what its row says. `sueltos`: rows that name none before
    them, the oldest first. `seguidos`: those that do, in order. `ultimo`: what the next one has to name, as `tras`.
    `completo`: no row is missing, and no two follow the same one."""

    @property
    def sueltos(self) -> Sequence[tuple[str, Mapping[str, str]]]: ...
    @property
    def seguidos(self) -> Sequence[tuple[str, Mapping[str, str]]]: ...
    @property
    def ultimo(self) -> str: ...
    @property
    def completo(self) -> bool: ...


class Bitacora(Protocol):
    async def suceso(
        self, *, tipo: str, hecho: bool = True, datos: Mapping[str, str], objeto: PydanticObjectId | None = None
    ) -> None:
        """A row of the audit, in the transaction in course. `datos`: codes and ids."""

    async def aparte(
        self, *, tipo: str, datos: Mapping[str, str], objeto: PydanticObjectId, hecho: bool = True
    ) -> None:
        """The same, beside the row of the act in which it comes about."""

    async def dichos(self, *, objeto: PydanticObjectId, tipos: Collection[str]) -> Sequence[Mapping[str, str]]:
        """The `datos` of every event of those kinds about `objeto`, as far as they are ours."""

    async def relato(self, *, objeto: PydanticObjectId, tipos: Collection[str], nace: str) -> Relato:
        """The same, and whether that is all. `nace`: as the audit calls the act that made `objeto`."""

    async def sin_huecos(self, *, objeto: PydanticObjectId, desde: str) -> bool:
        """Whether no row is missing since the act `desde` on `objeto`; asked in the transaction in which somebody
        looked for another in vain."""

    async def denunciar_huecos(self) -> None:
        """Rows that are missing in all of the chain are told of, for who looked for one in vain."""

    async def dichos_de_todos(
        self, *, tipos: Collection[str]
    ) -> Mapping[str, Mapping[str, Sequence[Mapping[str, str]]]]:
        """The same of whatever they are about: by kind, and by id."""

    def dichos_por_partes(self, *, tipo: str) -> AsyncIterator[Sequence[Mapping[str, str]]]:
        """The same of one kind, some at a time: for what grows with the years."""
