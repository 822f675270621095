"""Flats and the people who live in them, as plain rows of what others are shown or judge by."""

from collections.abc import Collection
from datetime import date
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.modules.residentes.models import EstadoResidente, Residente, Sancion, Unidad, Vehiculo
from app.modules.residentes.sanciones.repository import vigente
from app.shared.pagination import juntas
from app.shared.repository import Fila, Filtro, Repository

_DE_UN_PISO = ("torre", "apartamento", "al_dia", "cupo")
_DE_QUIEN = ("nombres", "apellidos", "unidades", "condiciones", "creado_en")


_RESIDENTES: dict[str, Any] = {
    "from": Residente.Settings.name,
    "foreignField": "unidades.unidad_id",
    "pipeline": [{"$match": {"estado": EstadoResidente.activo.value}}, {"$project": dict.fromkeys(_DE_QUIEN, 1)}],
    "as": "residentes",
}


def _excluyentes(el: date) -> dict[str, Any]:
    """Sanctions in force that day that exclude a flat."""
    return {
        "from": Sancion.Settings.name,
        "foreignField": "unidad_id",
        "pipeline": [{"$match": {"excluye": True, **vigente(el)}}, {"$project": {"unidad_id": 1}}],
        "as": "sanciones",
    }


@attrs.frozen(kw_only=True)
class Pisos:
    """Flats, the active residents of any of them, and those that a sanction in force excludes."""

    pisos: list[Fila]
    residentes: list[Fila]
    sancionados: frozenset[PydanticObjectId]


class PisoRepository(Repository[Unidad]):
    model = Unidad

    async def por_claves(self, claves: Collection[str]) -> dict[str, PydanticObjectId]:
        filas = await self.rows({"clave": {"$in": list(claves)}}, ("clave",))
        return {fila["clave"]: fila["_id"] for fila in filas}

    async def con_residentes(self, ids: Collection[PydanticObjectId], *, el: date) -> Pisos:
        """In one command, as many as they are: flats are put into one document, so that who lives in them and what was
        imposed on them is looked up once, and not once for each."""
        pasos: list[dict[str, Any]] = [
            {"$match": {"_id": {"$in": list(ids)}}},
            juntas("pisos", _DE_UN_PISO),
            *({"$lookup": {**de, "localField": "pisos._id"}} for de in (_RESIDENTES, _excluyentes(el))),
        ]
        filas = await self.aggregate(pasos) if ids else []
        if not filas:
            return Pisos(pisos=[], residentes=[], sancionados=frozenset())
        (junto,) = filas
        sancionados = frozenset(sancion["unidad_id"] for sancion in junto["sanciones"])
        return Pisos(pisos=junto["pisos"], residentes=junto["residentes"], sancionados=sancionados)

    async def peticion(self, unidad_id: PydanticObjectId, *, vehiculo: Filtro, el: date) -> Fila | None:
        """One flat with its active residents, its `sanciones` that exclude it that day, and the `vehiculos` that match,
        of whatever flat; None when there is no such flat."""
        vehiculos = {"from": Vehiculo.Settings.name, "pipeline": [{"$match": vehiculo}], "as": "vehiculos"}
        suyos = ({"$lookup": {**de, "localField": "_id"}} for de in (_RESIDENTES, _excluyentes(el)))
        solo = {"$project": dict.fromkeys(_DE_UN_PISO, 1)}
        filas = await self.aggregate([{"$match": {"_id": unidad_id}}, solo, *suyos, {"$lookup": vehiculos}])
        return filas[0] if filas else None


class PersonaRepository(Repository[Residente]):
    model = Residente

    async def por_ids(self, ids: Collection[PydanticObjectId]) -> list[Fila]:
        return await self.rows({"_id": {"$in": list(ids)}}, ("nombres", "apellidos"), orden=()) if ids else []
