"""Queries on the witnesses of draws. They stand in their draw, so what they do and its steps exclude one another."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from beanie import PydanticObjectId

from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.garantes.models import Garante
from app.modules.sorteo.historial.models import Suceso, hecho
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.repository import de_nadie
from app.shared.repository import Repository


class GaranteRepository(Repository[Sorteo]):
    model = Sorteo

    async def nombrar(
        self, id: PydanticObjectId, garantes: Sequence[Garante], *, turno: timedelta, ahora: datetime
    ) -> Sorteo | None:
        """Put these in the place of those there are; None once anybody has committed, or the closing has begun.
        `turno`: how long a turn lasts."""
        filtro = {
            **_antes_del_cierre(id, [EstadoSorteo.borrador, EstadoSorteo.abierto], turno, ahora),
            "garantes": {"$not": {"$elemMatch": {"compromiso": {"$ne": None}}}},
        }
        cambio = {
            "$set": {"garantes": [g.model_dump() for g in garantes], "turno": None},
            "$push": {"historia": hecho(Suceso.nombrar_garantes).model_dump()},
        }
        return await self.update_one(filtro, cambio)

    async def comprometer(
        self, id: PydanticObjectId, *, sello: str, compromiso: str, turno: timedelta, ahora: datetime
    ) -> Sorteo | None:
        """Note a commitment; None when its witness has one, another witness has the same, or the closing has begun."""
        filtro = {
            **_antes_del_cierre(id, [EstadoSorteo.abierto], turno, ahora),
            "garantes": {"$elemMatch": {"sello": sello, "compromiso": None}},
            "$nor": [{"garantes.compromiso": compromiso}],
        }
        suyo = {"garantes.$.compromiso": compromiso, "garantes.$.comprometido_en": ahora}
        return await self.update_one(filtro, {"$set": suyo | {"turno": None}})

    async def revelar(self, id: PydanticObjectId, *, sello: str, frase: str, ahora: datetime) -> Sorteo | None:
        """Note a phrase; None when one is there already, or the draw is not closed, or has its number."""
        filtro = {
            "_id": id,
            "estado": EstadoSorteo.cerrado,
            "entropia": None,
            "garantes": {"$elemMatch": {"sello": sello, "frase": None}},
        }
        return await self.update_one(filtro, {"$set": {"garantes.$.frase": frase, "garantes.$.revelada_en": ahora}})


def _antes_del_cierre(
    id: PydanticObjectId, estados: Sequence[EstadoSorteo], turno: timedelta, ahora: datetime
) -> dict[str, Any]:
    """The draw stands at one of `estados`, its closing time has not come, and nobody is closing it: what is written
    under this condition is there when the closing reads, or is not written."""
    a_tiempo = {"$or": [{"cierre": None}, {"cierre": {"$gt": ahora}}]}
    return {"_id": id, "estado": {"$in": list(estados)}, "$and": [a_tiempo, de_nadie(turno)]}
