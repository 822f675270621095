"""What files of requests ask of those there are."""

from collections.abc import Sequence
from typing import NamedTuple

from beanie import PydanticObjectId

from app.modules.solicitudes.models import Solicitud
from app.shared.repository import Repository


class Entregada(NamedTuple):
    """A request that was handed in: of which flat, for the vehicle of which plate."""

    unidad_id: PydanticObjectId
    placa: str | None


class EntregadaRepository(Repository[Solicitud]):
    model = Solicitud

    async def por_folios(self, sorteo_id: PydanticObjectId, folios: Sequence[int]) -> dict[int, Entregada]:
        """Those of that draw, in whatever state."""
        if not folios:
            return {}
        suyas = {"sorteo_id": sorteo_id, "folio": {"$in": list(folios)}}
        filas = await self.rows(suyas, ("folio", "unidad_id", "vehiculo.placa"), orden=())
        return {fila["folio"]: Entregada(fila["unidad_id"], fila["vehiculo"]["placa"]) for fila in filas}
