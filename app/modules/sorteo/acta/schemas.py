"""What goes in and out of `/sorteo/{id}/acta`."""

from enum import StrEnum
from typing import Annotated

from beanie import PydanticObjectId
from pydantic import Field

from app.shared.schemas import InputSchema, InstanteOut, OutputSchema, Texto
from app.shared.utils import PARRAFO

MAX_PERSONAS = 50

Nombre = Annotated[str, Texto(1, 120)]


class Formato(StrEnum):
    pdf = "pdf"
    csv = "csv"
    xlsx = "xlsx"


class FirmanteIn(InputSchema):
    nombre: Nombre
    cargo: Nombre


class ActaIn(InputSchema):
    asistentes: Annotated[list[Nombre], Field(max_length=MAX_PERSONAS)]
    quorum: Annotated[str, Texto(1, 400)] | None = None
    incidencias: Annotated[str, Texto(1, 4000, alfabeto=PARRAFO)] | None
    firmantes: Annotated[list[FirmanteIn], Field(max_length=MAX_PERSONAS)]


class FirmanteOut(OutputSchema):
    nombre: str
    cargo: str


class ActaOut(OutputSchema):
    sorteo_id: PydanticObjectId
    asistentes: list[str]
    quorum: str | None
    incidencias: str | None
    firmantes: list[FirmanteOut]
    escrita_en: InstanteOut
