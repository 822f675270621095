"""A parking space and every claim on it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Literal

import attrs
from beanie import PydanticObjectId
from pydantic import BaseModel, ConfigDict, Field
from pymongo import IndexModel

from app.shared.documents import UN_TEXTO, Documento

Uso = Literal["residentes", "visitantes", "servicio"]
TipoOcupacion = Literal["sorteo", "solicitud", "asignacion"]
MotivoDeExclusion = Literal["inactivo", "uso", "titular", "asignado", "otro_sorteo", "no_elegido"]


class Titular(BaseModel):
    """A right to the space outside the draws, both days included; without `hasta` it does not end."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    unidad_id: PydanticObjectId
    motivo: str
    desde: date
    hasta: date | None

    def rige_entre(self, desde: date, hasta: date) -> bool:
        return self.desde <= hasta and (self.hasta is None or self.hasta >= desde)


class Ocupacion(BaseModel):
    """A claim on the space for some days, both included: a draw has it, a request was given or offered it, an
    assignment holds it. All stand in one list, so that one conditional update guards against any overlap."""

    model_config = ConfigDict(frozen=True)

    tipo: TipoOcupacion
    ref: PydanticObjectId
    desde: date
    hasta: date

    def rige_entre(self, desde: date, hasta: date) -> bool:
        return self.desde <= hasta and self.hasta >= desde


@attrs.frozen(kw_only=True)
class Ocupado:
    """A space that a flat holds on some days, both included: for a vehicle of that `tipo`, which is `vehiculo_id`; or
    by right, and then for any vehicle that `tipo_espacio` takes. `solicitud_id`: by which request, or none."""

    unidad_id: PydanticObjectId
    tipo: str | None
    vehiculo_id: PydanticObjectId | None
    tipo_espacio: str | None
    solicitud_id: PydanticObjectId | None
    desde: date
    hasta: date

    @classmethod
    def por_asignacion(cls, fila: Mapping[str, Any]) -> "Ocupado":
        """By an assignment."""
        return cls(
            unidad_id=fila["unidad_id"],
            tipo=fila["vehiculo"]["tipo"],
            vehiculo_id=fila["vehiculo"]["id"],
            tipo_espacio=None,
            solicitud_id=fila["solicitud_id"],
            desde=date.fromisoformat(fila["desde"]),
            hasta=date.fromisoformat(fila["hasta"]),
        )

    @classmethod
    def por_derecho(cls, fila: Mapping[str, Any]) -> "Ocupado":
        """By the right of its holder to a space."""
        titular = fila["titular"]
        return cls(
            unidad_id=titular["unidad_id"],
            tipo=None,
            vehiculo_id=None,
            tipo_espacio=fila["tipo"],
            solicitud_id=None,
            desde=date.fromisoformat(titular["desde"]),
            hasta=date.fromisoformat(titular["hasta"] or date.max.isoformat()),
        )


class Espacio(Documento):
    """`tipo` is what fits in it (a code such as `carro`); `reserva`, the condition it is kept for. `sorteado` stays
    true for ever once a draw has run with the space."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    codigo: str
    tipo: str
    reserva: str | None = None
    zona: str | None = None
    uso: Uso = "residentes"
    activo: bool = True
    titular: Titular | None = None
    ocupaciones: list[Ocupacion] = []
    sorteado: bool = False
    creado_en: datetime
    actualizado_en: datetime

    class Settings(Documento.Settings):
        name = "espacios"
        indexes: ClassVar[list[IndexModel]] = [
            IndexModel([("codigo", 1)], name="espacio_codigo", unique=True),
            # The code without case: people do not tell `a-07` from `A-07`.
            IndexModel([("clave", 1)], name="espacio_clave", unique=True, partialFilterExpression={"clave": UN_TEXTO}),
            # The same with its figures widened: P-2 comes before P-10.
            IndexModel([("posicion", 1), ("_id", 1)], name="espacio_posicion"),
            IndexModel([("ocupaciones.ref", 1)], name="espacio_ocupacion_ref"),
            IndexModel([("tipo", 1), ("activo", 1), ("uso", 1), ("reserva", 1)], name="espacio_inventario"),
            IndexModel([("reserva", 1)], name="espacio_reserva", partialFilterExpression={"reserva": UN_TEXTO}),
            IndexModel(
                [("titular.unidad_id", 1)],
                name="espacio_titular",
                partialFilterExpression={"titular.unidad_id": {"$exists": True}},
            ),
        ]


def motivo_de(espacio: Espacio, desde: date, hasta: date, elegidos: frozenset[str] | None) -> MotivoDeExclusion:
    """Why a draw of that term, for which those were asked for, has not claimed it: the first reason that holds. A space
    that was not asked for is left out for that, whatever else is true of the space. The last reason covers a space that
    is free now and was not when the draw claimed."""
    if elegidos is not None and espacio.codigo not in elegidos:
        return "no_elegido"
    if not espacio.activo:
        return "inactivo"
    if espacio.uso != "residentes":
        return "uso"
    if espacio.titular is not None and espacio.titular.rige_entre(desde, hasta):
        return "titular"
    tomado = {o.tipo for o in espacio.ocupaciones if o.rige_entre(desde, hasta)}
    if tomado & {"solicitud", "asignacion"}:
        return "asignado"
    return "otro_sorteo" if tomado else "no_elegido"
