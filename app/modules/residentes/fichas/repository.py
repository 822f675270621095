"""Flats and the people who live in them, as plain rows of what others are shown or judge by."""

from collections.abc import Collection
from typing import Any

from beanie import PydanticObjectId

from app.modules.residentes.models import EstadoResidente, Residente, Unidad, Vehiculo
from app.shared.repository import Fila, Filtro, Repository
from app.shared.transaction import current_session

_DE_UN_PISO = ("torre", "apartamento", "al_dia", "cupo")
_DE_QUIEN = ("nombres", "apellidos", "estado", "unidades", "condiciones", "creado_en")


class PisoRepository(Repository[Unidad]):
    model = Unidad

    async def por_ids(self, ids: Collection[PydanticObjectId]) -> list[Fila]:
        return await self.rows({"_id": {"$in": list(ids)}}, _DE_UN_PISO, orden=()) if ids else []

    async def peticion(self, unidad_id: PydanticObjectId, *, vehiculo: Filtro) -> Fila | None:
        """A flat with its active `residentes`, and the `vehiculos` that match, of whatever flat; None when there is no
        such flat."""
        quienes = [{"$match": {"estado": EstadoResidente.activo.value}}, {"$project": dict.fromkeys(_DE_QUIEN, 1)}]
        pasos: list[dict[str, Any]] = [
            {"$match": {"_id": unidad_id}},
            {"$project": dict.fromkeys(_DE_UN_PISO, 1)},
            {
                "$lookup": {
                    "from": Residente.Settings.name,
                    "localField": "_id",
                    "foreignField": "unidades.unidad_id",
                    "pipeline": quienes,
                    "as": "residentes",
                }
            },
            {"$lookup": {"from": Vehiculo.Settings.name, "pipeline": [{"$match": vehiculo}], "as": "vehiculos"}},
        ]
        filas: list[Fila] = await self._coleccion.aggregate(pasos, session=current_session()).to_list(1)
        return filas[0] if filas else None


class PersonaRepository(Repository[Residente]):
    model = Residente

    async def de(self, unidades: Collection[PydanticObjectId], *, y_ids: Collection[PydanticObjectId]) -> list[Fila]:
        """Active residents of these flats, and residents with these ids whatever their state."""
        de_ellas = {"unidades.unidad_id": {"$in": list(unidades)}, "estado": EstadoResidente.activo.value}
        con_otros = {"$or": [de_ellas, {"_id": {"$in": list(y_ids)}}]}
        return await self.rows(con_otros if y_ids else de_ellas, _DE_QUIEN, orden=())
