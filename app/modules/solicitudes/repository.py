"""Queries on requests, their history and the windows of draws."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId
from pymongo import UpdateOne

from app.database.unit_of_work import current_session
from app.modules.solicitudes.estados import CON_ESPACIO, Fase, RequestStatus
from app.modules.solicitudes.exceptions import SolicitudDuplicada
from app.modules.solicitudes.models import Movimiento, Solicitud, Ventanilla
from app.shared.exceptions import Conflicto, ParkNetError
from app.shared.repository import Filtro, Repository


class RanuraOcupada(Conflicto):
    """Another request took the place among the flat's live ones: whoever asked looks again and may find another."""

    codigo = "unidad_con_solicitud"


class SolicitudRepository(Repository[Solicitud]):
    model = Solicitud
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "folio", "_id")
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {
        "solicitud_vehiculo_viva": SolicitudDuplicada,
        "solicitud_unidad_viva": RanuraOcupada,
    }

    async def ranuras(self, *, sorteo_id: PydanticObjectId, unidad_id: PydanticObjectId) -> set[int]:
        """The places that the flat's live requests in the draw take."""
        filtro = {"sorteo_id": sorteo_id, "unidad_id": unidad_id, "viva": True}
        return {s.ranura for s in await self.find(filtro)}

    async def viva_de_vehiculo(self, *, vehiculo_id: PydanticObjectId, sorteo_id: PydanticObjectId | None) -> bool:
        filtro: dict[str, Any] = {"vehiculo.id": vehiculo_id, "viva": True}
        if sorteo_id is not None:
            filtro["sorteo_id"] = sorteo_id
        return await self.find_one(filtro) is not None

    async def mover(
        self, solicitud: Solicitud, a: RequestStatus, *, cambios: Mapping[str, Any], ahora: datetime
    ) -> Solicitud | None:
        """Move it if it still stands, and falls due, as it was read; None when something came before."""
        filtro = {"_id": solicitud.id, "estado": solicitud.estado, "vence_en": solicitud.vence_en}
        return await self.update_one(filtro, {"$set": {"estado": a, "actualizado_en": ahora, **cambios}})

    async def mover_lote(
        self, lote: Sequence[Solicitud], a: RequestStatus, *, cambios: Mapping[str, Any], ahora: datetime
    ) -> None:
        """Move all of `lote`, read in the same transaction."""
        await self.update_many(
            {"_id": {"$in": [s.id for s in lote]}}, {"$set": {"estado": a, "actualizado_en": ahora, **cambios}}
        )

    async def tocar(self, *, sorteo_id: PydanticObjectId) -> None:
        """Write on every undecided request of a draw, so that a change still in course collides with the closing."""
        await self.update_many(
            {"sorteo_id": sorteo_id, "estado": {"$in": [RequestStatus.pendiente, RequestStatus.aprobada]}},
            {"$inc": {"toques": 1}},
        )

    async def primera_en_espera(
        self, *, sorteo_id: PydanticObjectId, tipo: str, reserva: str | None
    ) -> Solicitud | None:
        """The first of the waiting list who may use such a space; with `reserva`, of those who hold its right."""
        filtro: dict[str, Any] = {"sorteo_id": sorteo_id, "estado": RequestStatus.en_espera, "tipos": tipo}
        if reserva is not None:
            filtro["condiciones"] = reserva
        return await self.find_one(filtro, orden=[("espera", 1)])

    async def vencidas(self, *, ahora: datetime, limite: int) -> list[Solicitud]:
        """Spaces kept beyond their time, the oldest first."""
        filtro = {"estado": {"$in": sorted(CON_ESPACIO)}, "vence_en": {"$lte": ahora}}
        return await self.find(filtro, orden=[("vence_en", 1)], limite=limite)

    async def por_folio(
        self,
        *,
        sorteo_id: PydanticObjectId,
        estados: Iterable[RequestStatus] | None,
        despues_de: int,
        limite: int,
        unidades: Sequence[PydanticObjectId] | None = None,
    ) -> list[Solicitud]:
        filtro: dict[str, Any] = {"sorteo_id": sorteo_id, "folio": {"$gt": despues_de}}
        if estados is not None:
            filtro["estado"] = {"$in": sorted(estados)}
        if unidades is not None:
            filtro["unidad_id"] = {"$in": list(unidades)}
        return await self.find(filtro, orden=[("folio", 1)], limite=limite)

    async def mover_varias(self, cambios: Sequence[tuple[Filtro, Mapping[str, Any]]]) -> int:
        """Many conditional updates in one command; how many matched."""
        if not cambios:
            return 0
        ordenes = [UpdateOne(filtro, {"$set": dict(cambio)}) for filtro, cambio in cambios]
        resultado = await self._coleccion.bulk_write(ordenes, ordered=False, session=current_session())
        return int(resultado.matched_count)

    async def historia_de(self, *, unidades: Sequence[PydanticObjectId]) -> list[Solicitud]:
        """The requests of those flats that were drawn, in any draw."""
        return await self.find({"unidad_id": {"$in": list(unidades)}, "sorteada": True})


class MovimientoRepository(Repository[Movimiento]):
    model = Movimiento

    async def de(self, solicitud_id: PydanticObjectId) -> list[Movimiento]:
        return await self.find({"solicitud_id": solicitud_id})


class VentanillaRepository(Repository[Ventanilla]):
    model = Ventanilla

    async def siguiente_folio(self, sorteo_id: PydanticObjectId, *, ahora: datetime) -> int | None:
        """The next folio, while the window is open; None when it is not. Writing here is what makes closing safe."""
        abierta = {
            "_id": sorteo_id,
            "fase": Fase.abierto,
            "$or": [{"cierre": None}, {"cierre": {"$gt": ahora}}],
        }
        ventanilla = await self.update_one(abierta, {"$inc": {"ultimo_folio": 1}})
        return None if ventanilla is None else ventanilla.ultimo_folio
