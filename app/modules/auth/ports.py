"""What this module asks of others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from beanie import PydanticObjectId

CuentaDeResidente = Literal["sin_invitar", "invitada", "activa"]


@dataclass(frozen=True, slots=True)
class Persona:
    residente_id: PydanticObjectId
    email: str | None
    nombre: str
    activo: bool


class Padron(Protocol):
    async def persona(self, *, residente_id: PydanticObjectId) -> Persona | None: ...

    async def por_documento(self, *, numero: str) -> Sequence[PydanticObjectId]:
        """Active residents with that number: documents of several types may share one."""

    async def marcar_cuenta(self, *, residente_id: PydanticObjectId, cuenta: CuentaDeResidente) -> None:
        """Keep on the resident how far their account is, in the transaction in course."""
