"""What flats object to in a draw, with the answers. Nothing of it is ever deleted, nor changed after the answer."""

from datetime import datetime
from enum import StrEnum

from beanie import PydanticObjectId
from pymongo import IndexModel

from app.shared.documents import Documento


class EstadoReclamo(StrEnum):
    presentado = "presentado"
    aceptado = "aceptado"
    negado = "negado"


class Reclamo(Documento):
    """`folio`: its number in its draw, from 1. `unidades`: the flats of who handed it in, and `presentes`, who lived
    there then: they alone see it, beside staff. Until it is answered, `respuesta` and `respondido_en` are None."""

    sorteo_id: PydanticObjectId
    folio: int
    unidades: list[PydanticObjectId]
    presentes: list[PydanticObjectId]
    texto: str
    estado: EstadoReclamo = EstadoReclamo.presentado
    respuesta: str | None = None
    creado_en: datetime
    respondido_en: datetime | None = None

    class Settings(Documento.Settings):
        name = "sorteos_reclamos"
        indexes = [IndexModel([("sorteo_id", 1), ("folio", 1)], name="reclamo_folio", unique=True)]
