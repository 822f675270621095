"""Queries on what simulations found."""

from collections.abc import Sequence
from typing import Any

from beanie import PydanticObjectId

from app.modules.sorteo.simulacion.models import Ensayada, Simulacion
from app.shared.repository import Filtro, Repository

_BORRADAS = 10_000


class SimulacionRepository(Repository[Simulacion]):
    model = Simulacion

    async def poner(self, simulacion: Simulacion) -> bool:
        """Make `simulacion` the last one of its draw. False when a simulation that was asked for later has ended
        already."""
        es_posterior = {"$gt": ["$trabajo_id", simulacion.trabajo_id]}
        cambio = {"$replaceWith": {"$cond": [es_posterior, "$$ROOT", {"$literal": self._escribir(simulacion)}]}}
        await self.upsert_one({"_id": simulacion.oid}, [cambio])
        ultima = await self.get(simulacion.oid)
        return ultima is not None and ultima.trabajo_id == simulacion.trabajo_id


class EnsayadaRepository(Repository[Ensayada]):
    model = Ensayada

    async def de_solicitudes(self, simulacion: Simulacion, ids: Sequence[PydanticObjectId]) -> list[Ensayada]:
        """By folio."""
        filtro = {"trabajo_id": simulacion.trabajo_id, "solicitud_id": {"$in": list(ids)}}
        return await self.find(filtro, orden=[("folio", 1)])

    async def borrar(self, sorteo_id: PydanticObjectId, *, trabajo: Any) -> None:
        """Delete the rows whose `trabajo_id` meets the condition `trabajo`, in several short commands."""
        filtro: Filtro = {"sorteo_id": sorteo_id, "trabajo_id": trabajo}
        while filas := await self.rows(filtro, ["_id"], orden=(), limite=_BORRADAS):
            await self.delete_many({"_id": {"$in": [fila["_id"] for fila in filas]}})
