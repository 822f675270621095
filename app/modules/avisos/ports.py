"""What this module asks of others: who there is to tell, and where their e-mail goes."""

from collections.abc import Sequence
from typing import Protocol

from beanie import PydanticObjectId

from app.modules.avisos.redaccion import Oficina
from app.shared.messages import Idioma


class Conjunto(Protocol):
    async def ver(self) -> Oficina: ...


class Contacto(Protocol):
    """Where to write to somebody now. `email` is None for who has none, or is nobody to write to any more.
    `con_cuenta`: whether they can see notices in the application."""

    @property
    def email(self) -> str | None: ...
    @property
    def idioma(self) -> Idioma: ...
    @property
    def con_cuenta(self) -> bool: ...


class Directorio(Protocol):
    async def contacto(self, *, destinatario: PydanticObjectId) -> Contacto | None:
        """Of a resident or of an account, whichever has that id."""

    async def residentes(self, *, despues_de: PydanticObjectId | None, limite: int) -> Sequence[PydanticObjectId]:
        """Active residents by ascending id."""

    async def cuentas(self, *, despues_de: PydanticObjectId | None, limite: int) -> Sequence[PydanticObjectId]:
        """Active accounts of who is no active resident, by ascending id."""
