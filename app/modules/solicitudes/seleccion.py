"""Which requests a query is about: what the caller may see, and what was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from beanie import PydanticObjectId

from app.modules.solicitudes.estados import CON_ESPACIO, RequestStatus
from app.shared.repository import Filtro


@dataclass(frozen=True, slots=True)
class Alcance:
    """What a resident sees: what they asked for themselves, and of the flats they live in now, what residents of now
    asked for and whatever is still live. What former tenants asked for is not theirs to see."""

    residente_id: PydanticObjectId | None
    unidades: Sequence[PydanticObjectId]
    vecinos: Sequence[PydanticObjectId]


@dataclass(frozen=True, slots=True)
class Seleccion:
    """Which requests; None does not ask. `impedidas`: those still to be drawn in which `impedimento` is found now."""

    alcance: Alcance | None = None
    sorteo_id: PydanticObjectId | None = None
    estado: RequestStatus | None = None
    unidad_id: PydanticObjectId | None = None
    unidades: Sequence[PydanticObjectId] | None = None
    residentes: Sequence[PydanticObjectId] | None = None
    tipo: str | None = None
    placa: str | None = None
    impedimento: str | None = None
    impedidas: Sequence[PydanticObjectId] = ()
    vence_antes: datetime | None = None


def al_alcance(alcance: Alcance | None) -> dict[str, Any]:
    if alcance is None:
        return {}
    de_ahora = [{"residente_id": {"$in": list(alcance.vecinos)}}, {"viva": True, "salida": False}]
    de_su_unidad = {"unidad_id": {"$in": list(alcance.unidades)}, "$or": de_ahora}
    return {"$or": [{"residente_id": alcance.residente_id}, de_su_unidad]}


def filtro_de(seleccion: Seleccion) -> Filtro:
    iguales = {
        "sorteo_id": seleccion.sorteo_id,
        "estado": seleccion.estado,
        "unidad_id": seleccion.unidad_id,
        "vehiculo.placa": seleccion.placa,
    }
    condiciones: list[dict[str, Any]] = [al_alcance(seleccion.alcance)]
    condiciones += [{campo: valor} for campo, valor in iguales.items() if valor is not None]
    if seleccion.unidades is not None:
        condiciones.append({"unidad_id": {"$in": list(seleccion.unidades)}})
    if seleccion.residentes is not None:
        condiciones.append({"residente_id": {"$in": list(seleccion.residentes)}})
    if seleccion.tipo is not None:
        condiciones.append({"$or": [{"vehiculo.tipo": seleccion.tipo}, {"clase": seleccion.tipo}]})
    if seleccion.impedimento is not None:
        juzgadas = {"_id": {"$in": list(seleccion.impedidas)}}
        condiciones.append({"$or": [{"impedimentos": seleccion.impedimento}, juzgadas]})
    if seleccion.vence_antes is not None:
        # Only these have a deadline; said here, the index of deadlines serves.
        condiciones.append({"estado": {"$in": sorted(CON_ESPACIO)}, "vence_en": {"$lt": seleccion.vence_antes}})
    return {"$and": condiciones}
