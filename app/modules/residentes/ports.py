"""What this module needs others to know or to do."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from beanie import PydanticObjectId

from app.core.security import Principal


class Cuentas(Protocol):
    async def desactivar(self, *, residente_id: PydanticObjectId) -> None:
        """Turn off the account of a resident, if they have one: sessions end, signing in is refused."""

    async def reactivar(self, *, residente_id: PydanticObjectId) -> None:
        """Turn on again the account that `desactivar` turned off."""


class Solicitudes(Protocol):
    async def alguno_en_solicitud(self, *, vehiculos: Sequence[PydanticObjectId]) -> bool:
        """Whether a live request is for any of those vehicles."""

    async def con_solicitud(self, *, vehiculos: Sequence[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        """Those of them that a live request is for."""

    async def que_pidieron(
        self, *, residentes: Sequence[PydanticObjectId], unidades: Sequence[PydanticObjectId]
    ) -> frozenset[PydanticObjectId]:
        """Those of them who ever handed in a request, or lived in one of those flats when somebody did."""

    async def unidades_con_vivas(self, *, unidades: Sequence[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        """Those of them with a live request."""

    async def unidades_con_historia(self, *, unidades: Sequence[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        """Those of them that ever asked for, or held, a space."""

    async def corregir_placa(self, *, vehiculo_id: PydanticObjectId, placa: str | None) -> bool:
        """Write that plate into the live requests for that vehicle. False, and nothing is written, when one of them is
        in a draw that takes no more changes."""

    async def unidad_con_historia(self, *, unidad_id: PydanticObjectId) -> bool:
        """Whether that flat ever asked for, or held, a space."""

    async def cambiaron(self, *, unidades: Collection[PydanticObjectId]) -> None:
        """Arrears of those flats changed, in the transaction in course: requests may be approved by it."""

    async def desocupadas(self, *, unidades: Sequence[PydanticObjectId], usuario_id: PydanticObjectId) -> None:
        """By what that account did, no active resident lives in `unidades` any more: their requests and assignments
        end."""

    async def sorteos_en_curso(self) -> Sequence[PydanticObjectId]:
        """The draws that are open, closed or published."""


class Reservas(Protocol):
    async def nombran_condicion(self, *, codigo: str) -> bool:
        """Whether a space or a rule names that condition, or a draw that was ever opened. In the transaction in
        course."""

    async def unidades_con_derecho(self, *, unidades: Collection[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        """Those of them that have, had or will have a right to a space. Whoever gives one writes on the flat."""


class Custodio(Protocol):
    """Who keeps data of residents elsewhere. Both calls join the transaction of their caller."""

    async def datos_de(self, *, residente_id: PydanticObjectId) -> Sequence[Mapping[str, Any]]:
        """All of it, for the resident."""

    async def suprimir_de(self, *, residente_id: PydanticObjectId, desocupadas: Sequence[PydanticObjectId]) -> None:
        """Erase what says who they are. `desocupadas`: flats in which nobody lives since they left."""


class Lecturas(Protocol):
    def leidas(self, *, lector: Principal, residentes: Sequence[PydanticObjectId]) -> None:
        """Staff saw the conditions of these residents. Noted outside of the call: it neither waits nor fails."""
