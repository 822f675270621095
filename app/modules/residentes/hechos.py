"""What a draw reads of flats and of who asks for them, made of rows as they are stored."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from beanie import PydanticObjectId

from app.modules.residentes.models import EstadoResidente, codigos_que_cuentan
from app.shared.repository import Fila


@dataclass(frozen=True, slots=True)
class HechosResumen:
    """What a draw reads of one flat and of who asks for it. `condiciones`: codes that count that day, of active
    residents of the flat, who are `habitantes`. `tenencia`: the asker's in that flat, None once they do not live
    there."""

    unidad_id: PydanticObjectId
    residente_id: PydanticObjectId
    al_dia: bool
    torre: str | None
    perdidos_previos: Mapping[str, int]
    condiciones: frozenset[str]
    tenencia: str | None
    fecha_ingreso: date | None
    sanciones_vigentes: int
    habitantes: Sequence[PydanticObjectId]


def condiciones_de(
    ids: Collection[PydanticObjectId], el: date, residentes: Iterable[Fila]
) -> dict[PydanticObjectId, set[str]]:
    """By flat, the codes that count on that day."""
    condiciones: dict[PydanticObjectId, set[str]] = {unidad_id: set() for unidad_id in ids}
    for residente in residentes:
        codigos = codigos_que_cuentan(residente["condiciones"], el)
        if not codigos or residente["estado"] != EstadoResidente.activo:
            continue
        for ocupacion in residente["unidades"]:
            if ocupacion["unidad_id"] in condiciones:
                condiciones[ocupacion["unidad_id"]] |= codigos
    return condiciones


def habitantes_de(
    ids: Collection[PydanticObjectId], residentes: Iterable[Fila]
) -> dict[PydanticObjectId, list[PydanticObjectId]]:
    """By flat, its active residents."""
    viven: dict[PydanticObjectId, list[PydanticObjectId]] = {unidad_id: [] for unidad_id in ids}
    for residente in residentes:
        if residente["estado"] == EstadoResidente.activo:
            for ocupacion in residente["unidades"]:
                viven.get(ocupacion["unidad_id"], []).append(residente["_id"])
    return viven


def hechos_de(
    unidad: Fila,
    residente_id: PydanticObjectId,
    quien: Fila | None,
    condiciones: frozenset[str],
    sanciones_vigentes: int,
    habitantes: Sequence[PydanticObjectId],
) -> HechosResumen:
    activo = quien is not None and quien["estado"] == EstadoResidente.activo
    suyas = quien["unidades"] if quien is not None and activo else []
    ingreso = None if quien is None else quien["fecha_ingreso"]
    return HechosResumen(
        unidad_id=unidad["_id"],
        residente_id=residente_id,
        al_dia=unidad["al_dia"],
        torre=unidad["torre"],
        perdidos_previos=unidad["perdidos_previos"],
        condiciones=condiciones,
        tenencia=next((o["tenencia"] for o in suyas if o["unidad_id"] == unidad["_id"]), None),
        fecha_ingreso=None if ingreso is None else date.fromisoformat(ingreso),
        sanciones_vigentes=sanciones_vigentes,
        habitantes=habitantes,
    )
