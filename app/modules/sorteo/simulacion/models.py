"""What the last simulation of each draw found, for each request."""

from datetime import datetime

from beanie import PydanticObjectId
from pymongo import IndexModel

from app.shared.documents import Documento


class Simulacion(Documento):
    """The last that came to its end, under the id of its draw. `trabajo_id`: the job that made it, whose rows count."""

    trabajo_id: PydanticObjectId
    repeticiones: int
    hecha_en: datetime

    class Settings(Documento.Settings):
        name = "sorteos_simulaciones"


class Ensayada(Documento):
    """In how many of the draws of a simulation one request got a space. It counts when `trabajo_id` is that of the
    last simulation."""

    sorteo_id: PydanticObjectId
    trabajo_id: PydanticObjectId
    solicitud_id: PydanticObjectId
    folio: int
    ganadas: int

    class Settings(Documento.Settings):
        name = "sorteos_ensayadas"
        indexes = [
            IndexModel([("sorteo_id", 1), ("trabajo_id", 1), ("folio", 1)], name="ensayada_folio", unique=True),
            IndexModel([("solicitud_id", 1), ("trabajo_id", 1)], name="ensayada_solicitud"),
        ]
