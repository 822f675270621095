"""What a closing and a run of a draw wrote: its participants, and the lines of its result."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from beanie import PydanticObjectId
from pydantic import BaseModel
from pymongo import IndexModel

from app.modules.sorteo.motor import Participante
from app.shared.documents import Documento

NIVELES = 10
"""From 0 to 9."""


class HechoCambiado(BaseModel):
    """A fact of the request that staff changed while the draw was open."""

    campo: str
    cuando: datetime


RECHAZADA = "rechazada"
"""The impediment of who was refused by staff, before the closing."""


class ParticipanteSorteo(Documento):
    """What a closing found of one request: what goes into the bases or, with `impedimentos`, why it does not. It counts
    when its `intento` is the draw's."""

    sorteo_id: PydanticObjectId
    intento: str
    folio: int
    solicitud_id: PydanticObjectId
    unidad_id: PydanticObjectId
    vehiculo_id: PydanticObjectId | None = None
    nivel: int
    boletas: int
    reglas: list[str]
    impedimentos: list[str]
    tipos: list[str]
    condiciones: list[str]
    preferencias: list[str]
    cambios: list[HechoCambiado] = []
    habitantes: list[PydanticObjectId] = []

    class Settings(Documento.Settings):
        name = "sorteos_participantes"
        indexes = [
            IndexModel([("sorteo_id", 1), ("intento", 1), ("folio", 1)], name="participante_folio", unique=True),
            # It does not begin with the draw, lest a page by folio be taken from it and sorted.
            IndexModel([("solicitud_id", 1), ("intento", 1)], name="participante_solicitud"),
        ]


def en_bases(participante: Mapping[str, Any]) -> Participante:
    """The line of the bases of a `ParticipanteSorteo` as it is stored."""
    tipos, condiciones, preferencias = (tuple(participante[c]) for c in ("tipos", "condiciones", "preferencias"))
    id, nivel, boletas = str(participante["folio"]), participante["nivel"], participante["boletas"]
    return Participante(id, nivel, boletas, tipos, condiciones, preferencias)


class ResultadoSorteo(Documento):
    """What the draw says of one participant. It counts when its `corrida` is the draw's."""

    sorteo_id: PydanticObjectId
    corrida: str
    folio: int
    solicitud_id: PydanticObjectId
    unidad_id: PydanticObjectId
    posicion: int
    espera: int | None
    espacio: str | None
    espacio_tipo: str | None
    espacio_reserva: str | None
    numero: str
    nivel: int
    boletas: int
    reglas: list[str]
    tipos: list[str]
    condiciones: list[str]
    prestado: bool

    class Settings(Documento.Settings):
        name = "sorteos_resultados"
        indexes = [
            IndexModel([("sorteo_id", 1), ("corrida", 1), ("posicion", 1)], name="resultado_puesto", unique=True),
            # These do not begin with the draw, lest a page by position be taken from them and sorted.
            IndexModel([("solicitud_id", 1)], name="resultado_solicitud"),
            IndexModel([("espacio_tipo", 1), ("sorteo_id", 1), ("posicion", -1)], name="resultado_por_tipo"),
        ]
