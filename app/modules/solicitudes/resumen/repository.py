"""Queries on requests for first screens: counts, and those of one resident that still matter."""

from collections.abc import Sequence
from datetime import datetime

from beanie import PydanticObjectId

from app.core.figures.models import Filas
from app.core.figures.repository import Pasos, grupos, junto
from app.modules.solicitudes.estados import CON_ESPACIO, Fase, RequestStatus
from app.modules.solicitudes.models import (
    CAMPOS_DE_VENTANILLA,
    CAMPOS_VISTOS,
    Solicitud,
    SolicitudVista,
    Ventanilla,
    VentanillaVista,
)
from app.modules.solicitudes.repository import Alcance, al_alcance
from app.shared.repository import Repository

_SIN_TERMINAR = (Fase.abierto, Fase.cerrado, Fase.publicado)


class ConteoRepository(Repository[Solicitud]):
    model = Solicitud

    async def por_estado(
        self, sorteos: Sequence[PydanticObjectId]
    ) -> dict[PydanticObjectId, dict[tuple[str, bool], int]]:
        """By draw, how many there are of each (estado, whether the result put it on the waiting list)."""
        grupo = {"sorteo_id": "$sorteo_id", "estado": "$estado", "en_espera": {"$gt": ["$espera", None]}}
        cuentas: dict[PydanticObjectId, dict[tuple[str, bool], int]] = {id: {} for id in sorteos}
        for f in await self.aggregate(
            [{"$match": {"sorteo_id": {"$in": list(sorteos)}}}, {"$group": {"_id": grupo, "n": {"$sum": 1}}}]
        ):
            cuentas[f["_id"]["sorteo_id"]][f["_id"]["estado"], f["_id"]["en_espera"]] = f["n"]
        return cuentas

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
        self, alcance: Alcance, *, limite: int
    ) -> tuple[list[SolicitudVista], dict[PydanticObjectId, VentanillaVista]]:
        """Those within reach that are live, or of a draw that is not over, the latest first; and the windows of their
        draws. In one command."""
        ventanilla = {
            "from": Ventanilla.Settings.name,
            "localField": "sorteo_id",
            "foreignField": "_id",
            "pipeline": [{"$project": dict.fromkeys(CAMPOS_DE_VENTANILLA, 1)}],
            "as": "ventanilla",
        }
        filas = await self.aggregate(
            [
                {"$match": al_alcance(alcance)},
                {"$project": dict.fromkeys(CAMPOS_VISTOS, 1) | {"viva": 1}},
                {"$lookup": ventanilla},
                {"$match": {"$or": [{"viva": True}, {"ventanilla.fase": {"$in": list(_SIN_TERMINAR)}}]}},
                {"$sort": {"creado_en": -1, "_id": -1}},
                {"$limit": limite},
            ]
        )
        ventanillas = {v["_id"]: VentanillaVista.de_fila(v) for fila in filas for v in fila["ventanilla"]}
        vistas = [{campo: fila[campo] for campo in ("_id", *CAMPOS_VISTOS) if campo != "id"} for fila in filas]
        return [SolicitudVista.de_fila(vista) for vista in vistas], ventanillas
