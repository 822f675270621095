"""Flats and the people who live in them, as plain rows of what others are shown or judge by."""

from collections.abc import Collection
from datetime import date
from typing import Any

from beanie import PydanticObjectId

from app.modules.residentes.models import EstadoResidente, Residente, Sancion, Unidad, Vehiculo
from app.modules.residentes.sanciones.repository import vigente
from app.shared.documents import UN_TEXTO
from app.shared.reading import Ids, Lectura, Pasos, al_lado
from app.shared.repository import Fila, Filtro, Repository

_DE_UN_PISO = ("torre", "apartamento", "al_dia", "cupo")
_SOLO = {"$project": dict.fromkeys(_DE_UN_PISO, 1)}
_CON_SU_MARCA = {"$project": dict.fromkeys((*_DE_UN_PISO, "marcas.al_dia", "marcas.cupo"), 1)}
_DE_QUIEN = ("nombres", "apellidos", "unidades", "condiciones", "estado", "creado_en", "fecha_ingreso")
_SOLO_PARA_JUZGAR = {"$project": dict.fromkeys(("unidades.unidad_id", "condiciones", "estado"), 1)}
_ACTIVOS = {"estado": EstadoResidente.activo.value}


def residentes_de(local: str) -> dict[str, Any]:
    """The step that puts who is active in those flats beside a row."""
    activos: Pasos = [{"$match": _ACTIVOS}, {"$project": dict.fromkeys(_DE_QUIEN, 1)}]
    return al_lado(Residente, "residentes", local=local, suyo="unidades.unidad_id", pasos=activos)


def sanciones_de(local: str, *, el: date) -> dict[str, Any]:
    """The same of the sanctions in force that day that exclude one of those flats."""
    return al_lado(Sancion, "sanciones", local=local, suyo="unidad_id", pasos=_excluyentes(el))


def _excluyentes(el: date) -> list[dict[str, Any]]:
    return [{"$match": {"excluye": True, **vigente(el)}}, {"$project": {"unidad_id": 1}}]


class PisoRepository(Repository[Unidad]):
    model = Unidad

    async def por_claves(self, claves: Collection[str]) -> dict[str, PydanticObjectId]:
        filas = await self.rows({"clave": {"$in": list(claves)}}, ("clave",))
        return {fila["clave"]: PydanticObjectId(fila["_id"]) for fila in filas}

    def por_ids(self, ids: Ids) -> Lectura[list[Fila]]:
        return self.reading([_SOLO], list, por=("_id", ids))

    def peticion(self, unidad_id: PydanticObjectId, *, vehiculo: Filtro, el: date) -> Lectura[Fila | None]:
        """One flat with its active residents, its `sanciones` that exclude it that day, and the `vehiculos` that match,
        of whatever flat; None when there is no such flat."""
        vehiculos = al_lado(Vehiculo, "vehiculos", pasos=[{"$match": vehiculo}])
        suyos = residentes_de("_id"), sanciones_de("_id", el=el)
        pasos: Pasos = [{"$match": {"_id": unidad_id}}, _CON_SU_MARCA, *suyos, vehiculos]
        return self.reading(pasos, lambda filas: filas[0] if filas else None, unica=True)


class PersonaRepository(Repository[Residente]):
    model = Residente

    def con_condicion(self, unidades: Ids) -> Lectura[list[Fila]]:
        """Who is active in one of those flats and has a condition of whatever kind."""
        con_alguna = {"$match": {"condiciones.codigo": UN_TEXTO, **_ACTIVOS}}
        return self.reading([con_alguna, _SOLO_PARA_JUZGAR], list, por=("unidades.unidad_id", unidades))

    def nombres(self, residentes: Ids) -> Lectura[list[Fila]]:
        """Of these residents, active or not."""
        return self.reading([{"$project": {"nombres": 1, "apellidos": 1}}], list, por=("_id", residentes))


class ExclusionRepository(Repository[Sancion]):
    model = Sancion

    def de(self, unidades: Ids, *, el: date) -> Lectura[frozenset[PydanticObjectId]]:
        """Those of the flats that a sanction in force that day excludes."""
        return self.reading(
            _excluyentes(el), lambda filas: frozenset(fila["unidad_id"] for fila in filas), por=("unidad_id", unidades)
        )
