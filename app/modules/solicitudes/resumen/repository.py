"""Queries on requests for first screens: counts, and those of one resident that still matter."""

from collections.abc import Sequence
from datetime import datetime

from beanie import PydanticObjectId

from app.core.figures.models import Filas
from app.core.figures.repository import Pasos, grupos, junto
from app.modules.solicitudes.estados import CON_ESPACIO, RequestStatus
from app.modules.solicitudes.models import CAMPOS_VISTOS, Solicitud, SolicitudVista
from app.modules.solicitudes.repository import Alcance, al_alcance
from app.shared.repository import Repository


class ConteoRepository(Repository[Solicitud]):
    model = Solicitud

    async def contar(self, *, ahora: datetime) -> Filas:
        """In one command. `estados`: requests by `sorteo_id`, `estado`, `clase` and `viva`, from the index alone.
        `por_responder`: those that hold a space and may still answer, by `sorteo_id`, and the `primera` to lapse."""
        por = ("sorteo_id", "estado", "clase", "viva")
        estados = grupos("estados", {"estado": {"$in": list(RequestStatus)}}, {campo: f"${campo}" for campo in por})
        en_plazo: Pasos = [
            {"$match": {"estado": {"$in": sorted(CON_ESPACIO)}, "vence_en": {"$gt": ahora}}},
            {"$group": {"_id": "$sorteo_id", "n": {"$sum": 1}, "primera": {"$min": "$vence_en"}}},
            {"$project": {"_id": 0, "sorteo_id": "$_id", "n": 1, "primera": 1, "parte": "por_responder"}},
        ]
        return await self.aggregate(junto(estados, (Solicitud.Settings.name, en_plazo)))

    async def vigentes(
        self, alcance: Alcance | None, *, sorteos: Sequence[PydanticObjectId], limite: int
    ) -> list[SolicitudVista]:
        """Those within reach that are live, or of one of these draws; the latest first."""
        cuales = {"$or": [{"viva": True}, {"sorteo_id": {"$in": list(sorteos)}}]}
        orden = [("creado_en", -1), ("_id", -1)]
        filtro = {"$and": [al_alcance(alcance), cuales]}
        filas = await self.rows(filtro, CAMPOS_VISTOS, orden=orden, limite=limite)
        return [SolicitudVista.de_fila(fila) for fila in filas]
