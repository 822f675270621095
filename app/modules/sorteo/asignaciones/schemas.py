"""What goes in and out of `/sorteo/asignaciones`."""

from datetime import date
from typing import Literal

from beanie import PydanticObjectId

from app.modules.sorteo.asignaciones.models import EstadoAsignacion
from app.shared.schemas import InputSchema, InstanteOut, Motivo, OutputSchema


class Revocacion(InputSchema):
    motivo: Motivo


class VehiculoAsignadoOut(OutputSchema):
    id: PydanticObjectId
    tipo: Literal["carro", "moto", "bicicleta"]
    electrico: bool
    placa: str | None


class AsignacionOut(OutputSchema):
    """`prestado`: a reserved space lent, until somebody who has its right claims it."""

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
    creado_en: InstanteOut
    terminado_en: InstanteOut | None
