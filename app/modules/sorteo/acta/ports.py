"""What minutes ask about the complex."""

from typing import Protocol


class DatosDelConjunto(Protocol):
    @property
    def nombre(self) -> str | None: ...
    @property
    def nit(self) -> str | None: ...
    @property
    def ciudad(self) -> str | None: ...
    @property
    def direccion(self) -> str | None: ...
    @property
    def telefono(self) -> str | None: ...
    @property
    def fundamento(self) -> str | None: ...
    @property
    def papel(self) -> str: ...
    @property
    def acta_por(self) -> str:
        """`folio` or `unidad`."""


class Conjunto(Protocol):
    async def ver(self) -> DatosDelConjunto:
        """What heads the minutes."""
