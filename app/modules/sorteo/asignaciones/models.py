"""Who holds which space, from when to when."""

from datetime import date, datetime
from enum import StrEnum

import attrs
from beanie import PydanticObjectId
from pydantic import BaseModel
from pymongo import IndexModel

from app.shared.documents import Documento


class EstadoAsignacion(StrEnum):
    vigente = "vigente"
    terminada = "terminada"
    devuelta = "devuelta"
    revocada = "revocada"


class VehiculoAsignado(BaseModel):
    id: PydanticObjectId
    tipo: str
    electrico: bool
    placa: str | None


@attrs.frozen
class Tenencia:
    """As much of an assignment as is shown with the request that it came of."""

    id: PydanticObjectId
    estado: EstadoAsignacion
    desde: date
    hasta: date


class Asignacion(Documento):
    """`prestado`: a reserved space, lent until somebody with the right to it claims it. `reclamada_en`: when that was;
    `hasta` is then the day until which it is lent. `hasta`: the last day; of an assignment that ended early, the day of
    that end. `tenida_hasta`: the last day that counts as held, so that each day is of one holder: of an assignment that
    ended early, the day before. `avisada`: the holder was told that the assignment ends. `precinto`: the mark of the
    act that left it as it is (see `marcas.py`)."""

    espacio: str
    unidad_id: PydanticObjectId
    vehiculo: VehiculoAsignado
    clase: str
    sorteo_id: PydanticObjectId
    solicitud_id: PydanticObjectId
    desde: date
    hasta: date
    tenida_hasta: date
    estado: EstadoAsignacion
    motivo: str | None = None
    prestado: bool
    creado_en: datetime
    terminado_en: datetime | None = None
    reclamada_en: datetime | None = None
    avisada: bool = False
    precinto: str | None = None

    @property
    def vehiculo_id(self) -> PydanticObjectId:
        return self.vehiculo.id

    class Settings(Documento.Settings):
        name = "asignaciones"
        indexes = [
            IndexModel(
                [("solicitud_id", 1)],
                name="asignacion_vigente",
                unique=True,
                partialFilterExpression={"estado": "vigente"},
            ),
            # The id makes it another index than the first: of two indexes on the same fields Beanie makes one.
            IndexModel([("solicitud_id", 1), ("_id", 1)], name="asignacion_de_solicitud"),
            IndexModel([("unidad_id", 1), ("hasta", 1)], name="asignacion_unidad"),
            IndexModel([("espacio", 1), ("_id", 1)], name="asignacion_espacio"),
            # As spaces are listed: A-2 before A-10.
            IndexModel([("posicion", 1), ("_id", 1)], name="asignacion_posicion"),
            IndexModel([("vehiculo.placa", 1)], name="asignacion_placa"),
            IndexModel([("sorteo_id", 1), ("unidad_id", 1)], name="asignacion_sorteo"),
            IndexModel([("sorteo_id", 1), ("creado_en", -1), ("_id", -1)], name="asignacion_sorteo_recientes"),
            IndexModel([("clase", 1), ("sorteo_id", 1), ("unidad_id", 1)], name="asignacion_clase"),
            IndexModel([("estado", 1), ("hasta", 1)], name="asignacion_fin"),
            IndexModel([("creado_en", -1), ("_id", -1)], name="asignacion_recientes"),
            IndexModel(
                [("hasta", 1)],
                name="asignacion_por_avisar",
                partialFilterExpression={"estado": "vigente", "avisada": False},
            ),
        ]
