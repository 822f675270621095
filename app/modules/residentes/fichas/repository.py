"""Flats and the people who live in them, as plain rows of what others are shown or judge by."""

from collections.abc import Collection
from datetime import date
from typing import Any

from beanie import PydanticObjectId

from app.modules.residentes.models import EstadoResidente, Residente, Sancion, Unidad, Vehiculo
from app.modules.residentes.sanciones.repository import vigente
from app.shared.repository import Fila, Filtro, Repository

_DE_UN_PISO = ("torre", "apartamento", "al_dia", "cupo")
_DE_QUIEN = ("nombres", "apellidos", "unidades", "condiciones", "creado_en")


def _con_residentes(el: date) -> tuple[dict[str, Any], ...]:
    """Of a flat, with its active residents, and those of its sanctions in force that day that exclude it."""
    return (*_CON_RESIDENTES, {"$lookup": _excluyentes(el)})


def _excluyentes(el: date) -> dict[str, Any]:
    return {
        "from": Sancion.Settings.name,
        "localField": "_id",
        "foreignField": "unidad_id",
        "pipeline": [{"$match": {"excluye": True, **vigente(el)}}, {"$project": {"_id": 1}}],
        "as": "sanciones",
    }


_CON_RESIDENTES: tuple[dict[str, Any], ...] = (
    {"$project": dict.fromkeys(_DE_UN_PISO, 1)},
    {
        "$lookup": {
            "from": Residente.Settings.name,
            "localField": "_id",
            "foreignField": "unidades.unidad_id",
            "pipeline": [
                {"$match": {"estado": EstadoResidente.activo.value}},
                {"$project": dict.fromkeys(_DE_QUIEN, 1)},
            ],
            "as": "residentes",
        }
    },
)


class PisoRepository(Repository[Unidad]):
    model = Unidad

    async def por_claves(self, claves: Collection[str]) -> dict[str, PydanticObjectId]:
        filas = await self.rows({"clave": {"$in": list(claves)}}, ("clave",))
        return {fila["clave"]: fila["_id"] for fila in filas}

    async def con_residentes(self, ids: Collection[PydanticObjectId], *, el: date) -> list[Fila]:
        return await self.aggregate([{"$match": {"_id": {"$in": list(ids)}}}, *_con_residentes(el)]) if ids else []

    async def peticion(self, unidad_id: PydanticObjectId, *, vehiculo: Filtro, el: date) -> Fila | None:
        """One flat, with the `vehiculos` that match, of whatever flat; None when there is no such flat."""
        vehiculos = {"from": Vehiculo.Settings.name, "pipeline": [{"$match": vehiculo}], "as": "vehiculos"}
        filas = await self.aggregate([{"$match": {"_id": unidad_id}}, *_con_residentes(el), {"$lookup": vehiculos}])
        return filas[0] if filas else None


class PersonaRepository(Repository[Residente]):
    model = Residente

    async def por_ids(self, ids: Collection[PydanticObjectId]) -> list[Fila]:
        return await self.rows({"_id": {"$in": list(ids)}}, ("nombres", "apellidos"), orden=()) if ids else []
