"""Queries on requests for first screens: counts, and those of one resident that still matter."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from beanie import PydanticObjectId

from app.core.figures.models import Filas
from app.core.figures.repository import Pasos, grupos, junto
from app.modules.solicitudes.estados import Fase, RequestStatus
from app.modules.solicitudes.models import (
    A_PLAZO,
    CAMPOS_VISTOS,
    Solicitud,
    SolicitudVista,
    Ventanilla,
    VentanillaVista,
)
from app.modules.solicitudes.repository import Alcance, al_alcance
from app.shared.reading import Fila, Ids, Lectura, al_lado
from app.shared.repository import Repository

_EN_LISTA: Mapping[str, Any] = {"$gt": ["$espera", None]}
_RECLAMADA: Mapping[str, Any] = {"$and": [{"$gt": ["$lugar", None]}, {"$lt": ["$lugar", 0]}]}


def _directa(estado: RequestStatus) -> Mapping[str, Any]:
    """Of those that the draw gave a space, which they still have, or had until they answered like that."""
    return {"$and": [{"$not": _EN_LISTA}, {"$not": _RECLAMADA}, {"$eq": ["$estado", estado]}]}


_DESENLACES: Mapping[str, Mapping[str, Any]] = {
    "aceptadas": {"$and": [{"$not": _EN_LISTA}, {"$or": [_RECLAMADA, {"$eq": ["$estado", RequestStatus.aceptada]}]}]},
    "declinadas": _directa(RequestStatus.declinada),
    "vencidas": _directa(RequestStatus.vencida),
    "sin_responder": _directa(RequestStatus.asignada),
    "recibieron": {"$and": [_EN_LISTA, "$ofrecida"]},
    "siguen": {"$and": [_EN_LISTA, {"$eq": ["$estado", RequestStatus.en_espera]}]},
}
Vigentes = tuple[list[SolicitudVista], dict[PydanticObjectId, VentanillaVista]]
_SIN_TERMINAR = (Fase.abierto, Fase.cerrado, Fase.publicado)


class ConteoRepository(Repository[Solicitud]):
    model = Solicitud

    async def desenlaces(self, sorteos: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, dict[str, int]]:
        """By draw: how many `solicitudes` there were; of those that the result gave a space, how many `aceptadas` (also
        where the space was claimed back afterwards), `declinadas`, `vencidas`, `sin_responder`; of those that it put on
        the waiting list, how many `recibieron` an offer and how many `siguen` waiting."""
        cuenta = {nombre: {"$sum": {"$cond": [condicion, 1, 0]}} for nombre, condicion in _DESENLACES.items()}
        grupo = {"_id": "$sorteo_id", "solicitudes": {"$sum": 1}} | cuenta
        filas = await self.aggregate([{"$match": {"sorteo_id": {"$in": list(sorteos)}}}, {"$group": grupo}])
        nada = dict.fromkeys(("solicitudes", *_DESENLACES), 0)
        return dict.fromkeys(sorteos, nada) | {fila.pop("_id"): fila for fila in filas}

    async def contar(self, *, ahora: datetime) -> Filas:
        """In one command. `estados`: requests by `sorteo_id`, `estado`, `clase` and `viva`, from the index alone.
        `por_responder`: those that hold a space and may still answer, by `sorteo_id`, and the `primera` to lapse."""
        por = ("sorteo_id", "estado", "clase", "viva")
        estados = grupos("estados", {"estado": {"$in": list(RequestStatus)}}, {campo: f"${campo}" for campo in por})
        en_plazo: Pasos = [
            {"$match": {**A_PLAZO, "vence_en": {"$gt": ahora}}},
            {"$group": {"_id": "$sorteo_id", "n": {"$sum": 1}, "primera": {"$min": "$vence_en"}}},
            {"$project": {"_id": 0, "sorteo_id": "$_id", "n": 1, "primera": 1, "parte": "por_responder"}},
        ]
        return await self.aggregate(junto(estados, (Solicitud.Settings.name, en_plazo)))

    def vigentes(self, unidades: Ids, *, limite: int) -> Lectura[Vigentes]:
        """Those of these flats, whoever made them, that are live, or of a draw that is not over, the latest first; and
        the windows of their draws."""
        return self.reading(_de_las_vigentes(limite), _vigentes, por=("unidad_id", unidades))

    async def al_alcance(self, alcance: Alcance, *, limite: int) -> Vigentes:
        """The same, of what is within reach."""
        return await self.reading([{"$match": al_alcance(alcance)}, *_de_las_vigentes(limite)], _vigentes)


def _de_las_vigentes(limite: int) -> Pasos:
    return [
        # Whole: for so few rows the database takes longer to understand which fields are asked for than to give all.
        al_lado(Ventanilla, "ventanilla", local="sorteo_id"),
        {"$match": {"$or": [{"viva": True}, {"ventanilla.fase": {"$in": list(_SIN_TERMINAR)}}]}},
        {"$sort": {"creado_en": -1, "_id": -1}},
        {"$limit": limite},
    ]


def _vigentes(filas: Sequence[Fila]) -> Vigentes:
    ventanillas = {v["_id"]: VentanillaVista.de_fila(v) for fila in filas for v in fila["ventanilla"]}
    vistas = [{campo: fila[campo] for campo in ("_id", *CAMPOS_VISTOS)} for fila in filas]
    return [SolicitudVista.de_fila(vista) for vista in vistas], ventanillas
