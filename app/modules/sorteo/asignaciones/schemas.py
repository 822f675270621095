"""What goes in and out of `/sorteo/asignaciones`."""

from datetime import date
from typing import Literal

from beanie import PydanticObjectId

from app.modules.sorteo.asignaciones.models import EstadoAsignacion
from app.shared.schemas import Fecha, Id, InputSchema, InstanteOut, Motivo, OutputSchema


class Revocacion(InputSchema):
    motivo: Motivo


class Reclamacion(InputSchema):
    """`hasta`: the last day of who was lent the space; null: in eight days. `unidad_id`: the flat that has the right,
    where no draw knows of it."""

    motivo: Motivo | None = None
    hasta: Fecha | None = None
    unidad_id: Id | None = None


class VehiculoAsignadoOut(OutputSchema):
    id: PydanticObjectId
    tipo: Literal["carro", "moto", "bicicleta"]
    electrico: bool
    placa: str | None


class AsignacionOut(OutputSchema):
    """`prestado`: a reserved space lent, until somebody who has its right claims it; `reclamada_en`: when somebody did,
    and from then on `hasta` is the day until which it is lent."""

    id: PydanticObjectId
    espacio: str
    unidad_id: PydanticObjectId
    vehiculo: VehiculoAsignadoOut
    sorteo_id: PydanticObjectId
    solicitud_id: PydanticObjectId
    desde: date
    hasta: date
    estado: EstadoAsignacion
    motivo: str | None
    prestado: bool
    reclamada_en: InstanteOut | None
    creado_en: InstanteOut
    terminado_en: InstanteOut | None
