"""Queries on assignments."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId

from app.modules.sorteo.asignaciones.models import Asignacion, EstadoAsignacion
from app.shared.repository import Repository


class AsignacionRepository(Repository[Asignacion]):
    model = Asignacion
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "espacio", "_id")

    async def ocupadas(
        self, *, unidades: Sequence[PydanticObjectId], desde: date, hasta: date
    ) -> frozenset[tuple[PydanticObjectId, str]]:
        """The (unidad, clase) that hold a space on some day of the term."""
        vigentes = await self.find(
            {
                "unidad_id": {"$in": list(unidades)},
                "estado": EstadoAsignacion.vigente,
                "desde": {"$lte": hasta.isoformat()},
                "hasta": {"$gte": desde.isoformat()},
            }
        )
        return frozenset((a.unidad_id, a.clase) for a in vigentes)

    async def con_espacio_en_el_anterior(
        self, *, unidades: Sequence[PydanticObjectId], publicados: Mapping[PydanticObjectId, datetime]
    ) -> frozenset[tuple[PydanticObjectId, str]]:
        """The (unidad, clase) that got a space in the latest published draw that gave any to that kind of vehicle."""
        tuvieron: set[tuple[PydanticObjectId, str]] = set()
        for clase in await self.distinct("clase", {}):
            dieron = [id for id in await self.distinct("sorteo_id", {"clase": clase}) if id in publicados]
            if dieron:
                ultimo = max(dieron, key=lambda id: (publicados[id], id))
                filtro = {"sorteo_id": ultimo, "clase": clase, "unidad_id": {"$in": list(unidades)}}
                tuvieron |= {(a.unidad_id, clase) for a in await self.find(filtro)}
        return frozenset(tuvieron)

    async def terminar(
        self,
        *,
        solicitud_id: PydanticObjectId,
        estado: EstadoAsignacion,
        hasta: date,
        cuando: datetime,
        motivo: str | None = None,
    ) -> Asignacion | None:
        """End the one in force that came of a request; None when there is none."""
        return await self.update_one(
            {"solicitud_id": solicitud_id, "estado": EstadoAsignacion.vigente},
            {"$set": {"estado": estado, "hasta": hasta.isoformat(), "terminado_en": cuando, "motivo": motivo}},
        )

    async def cumplidas(self, *, hoy: date, limite: int) -> list[Asignacion]:
        """In force by their state, though their last day has passed."""
        filtro: dict[str, Any] = {"estado": EstadoAsignacion.vigente, "hasta": {"$lt": hoy.isoformat()}}
        return await self.find(filtro, orden=[("hasta", 1)], limite=limite)
