"""What assignments tell requests of."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from beanie import PydanticObjectId

from app.modules.sorteo.espacios.ports import EspacioCopiado


class Aceptada(Protocol):
    """A request that was accepted, with its space."""

    @property
    def solicitud_id(self) -> PydanticObjectId: ...
    @property
    def unidad_id(self) -> PydanticObjectId: ...
    @property
    def vehiculo(self) -> Mapping[str, object]: ...
    @property
    def clase(self) -> str: ...
    @property
    def codigo(self) -> str: ...
    @property
    def prestado(self) -> bool: ...


class Aceptadas(Protocol):
    """What requests are told of the assignments that came of them. Every call joins the transaction of its caller."""

    async def asignacion_terminada(
        self, *, solicitud_id: PydanticObjectId, espacio: str | None, revocada: str | None = None
    ) -> None:
        """The request's assignment ended. `espacio`: the space, when it is free before the end of its term. `revocada`:
        why it was taken away."""

    async def reclamada(self, *, solicitud_id: PydanticObjectId, motivo: str | None) -> None:
        """What was lent to the request is claimed back: where its draw has a waiting list, it goes first in line."""

    async def sin_espera(self, *, solicitud_id: PydanticObjectId, motivo: str | None) -> None:
        """The request, if it waits, waits no more."""

    def vigilar(self) -> AbstractAsyncContextManager[None]:
        """Around a transaction in which requests are asked: what of them is not as the rules left it is told."""

    async def permutables(self, *, cambios: Mapping[PydanticObjectId, EspacioCopiado]) -> bool:
        """Whether each of those accepted requests of one draw could have that space by a right of its own. Raises
        Conflicto where requests or spaces are not what was published."""

    async def permutar(self, *, cambios: Mapping[PydanticObjectId, EspacioCopiado], motivo: str) -> bool:
        """Each of those requests has that space from now on. False, and nothing is written, unless `permutables`."""
