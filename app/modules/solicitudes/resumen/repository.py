"""Queries on requests for first screens: counts, and those of one resident that still matter."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from beanie import PydanticObjectId

from app.modules.solicitudes.estados import CON_ESPACIO, RequestStatus
from app.modules.solicitudes.models import CAMPOS_VISTOS, Solicitud, SolicitudVista
from app.modules.solicitudes.repository import Alcance, al_alcance
from app.shared.repository import Filtro, Repository
from app.shared.transaction import current_session


class ConteoRepository(Repository[Solicitud]):
    model = Solicitud

    async def contar(self, *, sorteo_id: PydanticObjectId | None) -> Counter[tuple[RequestStatus, str, bool]]:
        """How many there are of each (estado, clase, viva), in one draw or in all; from the index alone."""
        filtro: dict[str, Any] = {"estado": {"$in": list(RequestStatus)}}
        if sorteo_id is not None:
            filtro["sorteo_id"] = sorteo_id
        grupo = {"estado": "$estado", "clase": "$clase", "viva": "$viva"}
        filas = await self._agrupar(filtro, grupo, {"n": {"$sum": 1}})
        return Counter(
            {(RequestStatus(f["_id"]["estado"]), f["_id"]["clase"], f["_id"]["viva"]): f["n"] for f in filas}
        )

    async def contar_pendientes(self) -> dict[PydanticObjectId, int]:
        """How many are undecided in each draw that has any; from the index alone."""
        filas = await self._agrupar({"estado": RequestStatus.pendiente}, "$sorteo_id", {"n": {"$sum": 1}})
        return {PydanticObjectId(fila["_id"]): fila["n"] for fila in filas}

    async def por_responder(
        self, *, sorteo_id: PydanticObjectId | None, ahora: datetime
    ) -> tuple[int, datetime | None]:
        """How many hold a space and may still answer, and when the first of them lapses."""
        filtro: dict[str, Any] = {"estado": {"$in": sorted(CON_ESPACIO)}, "vence_en": {"$gt": ahora}}
        if sorteo_id is not None:
            filtro["sorteo_id"] = sorteo_id
        filas = await self._agrupar(filtro, None, {"n": {"$sum": 1}, "primera": {"$min": "$vence_en"}})
        return (filas[0]["n"], filas[0]["primera"]) if filas else (0, None)

    async def vigentes(
        self, alcance: Alcance | None, *, sorteos: Sequence[PydanticObjectId], limite: int
    ) -> list[SolicitudVista]:
        """Those within reach that are live, or of one of these draws; the latest first."""
        cuales = {"$or": [{"viva": True}, {"sorteo_id": {"$in": list(sorteos)}}]}
        orden = [("creado_en", -1), ("_id", -1)]
        filtro = {"$and": [al_alcance(alcance), cuales]}
        filas = await self.rows(filtro, CAMPOS_VISTOS, orden=orden, limite=limite)
        return [SolicitudVista.de_fila(fila) for fila in filas]

    async def _agrupar(self, filtro: Filtro, por: object, cuentas: Filtro) -> list[dict[str, Any]]:
        cursor = self._coleccion.aggregate(
            [{"$match": filtro}, {"$group": {"_id": por, **cuentas}}], session=current_session()
        )
        return [fila async for fila in cursor]
