"""Queries for figures: published draws, and what their figures are counted from."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from beanie import PydanticObjectId

from app.modules.sorteo.estados import PUBLICADOS
from app.modules.sorteo.models import EspacioEnJuego, Sorteo
from app.modules.sorteo.resultados.models import ParticipanteSorteo, ResultadoSorteo
from app.shared.repository import Fila, Repository
from app.shared.transaction import current_session

MAXIMO = 40
"""A bound on the draws that are counted at once: the latest."""
_LOTE = 2_000
_LINEA = (
    "sorteo_id",
    "solicitud_id",
    "unidad_id",
    "numero",
    "nivel",
    "boletas",
    "tipos",
    "espacio_tipo",
    "espacio_reserva",
    "prestado",
)


class FiguraRepository(Repository[Sorteo]):
    model = Sorteo

    async def publicados(self, *, desde: datetime | None, hasta: datetime | None) -> list[Sorteo]:
        """Draws published from `desde` and before `hasta`, the first first; the latest `MAXIMO`."""
        cuando: dict[str, Any] = {"$ne": None}
        cuando |= {} if desde is None else {"$gte": desde}
        cuando |= {} if hasta is None else {"$lt": hasta}
        filtro = {"estado": {"$in": sorted(PUBLICADOS)}, "ensayo": False, "publicado_en": cuando}
        return (await self.find(filtro, orden=[("publicado_en", -1), ("_id", -1)], limite=MAXIMO))[::-1]


class LineaRepository(Repository[ResultadoSorteo]):
    model = ResultadoSorteo

    async def por_lotes(self, sorteos: Sequence[Sorteo]) -> AsyncIterator[list[Fila]]:
        """As much of each line of the results as figures are counted from, in no order, some at a time."""
        cursor = self._coleccion.find(_de_cada_uno(sorteos, "corrida"), _LINEA, session=current_session())
        while filas := await cursor.to_list(_LOTE):
            yield filas


class RechazoRepository(Repository[ParticipanteSorteo]):
    model = ParticipanteSorteo

    async def contar(self, sorteos: Sequence[Sorteo]) -> dict[PydanticObjectId, int]:
        """How many requests an impediment kept out of each draw that has any such."""
        filtro = {"$and": [_de_cada_uno(sorteos, "intento"), {"impedimentos.0": {"$exists": True}}]}
        filas = await self.aggregate([{"$match": filtro}, {"$group": {"_id": "$sorteo_id", "n": {"$sum": 1}}}])
        return {fila["_id"]: fila["n"] for fila in filas}


def _de_cada_uno(sorteos: Sequence[Sorteo], ficha: str) -> dict[str, Any]:
    """What counts: written under the token that each draw has in the field `ficha`. No token is of two draws."""
    ids, fichas = [sorteo.oid for sorteo in sorteos], [getattr(sorteo, ficha) for sorteo in sorteos]
    return {"sorteo_id": {"$in": ids}, ficha: {"$in": fichas}}


class ClaseRepository(Repository[EspacioEnJuego]):
    model = EspacioEnJuego

    async def contar(self, sorteos: Sequence[PydanticObjectId]) -> dict[tuple[PydanticObjectId, str, str | None], int]:
        """How many spaces of each (sorteo, tipo, reserva) there were in those draws."""
        grupo = {"sorteo_id": "$sorteo_id", "tipo": "$tipo", "reserva": "$reserva"}
        filas = await self.aggregate(
            [
                {"$match": {"sorteo_id": {"$in": list(sorteos)}, "excluido": None}},
                {"$group": {"_id": grupo, "n": {"$sum": 1}}},
            ]
        )
        return {(f["_id"]["sorteo_id"], f["_id"]["tipo"], f["_id"].get("reserva")): f["n"] for f in filas}
