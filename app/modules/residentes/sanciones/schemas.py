"""What goes in and out of `/residentes/unidades/{id}/sanciones`."""

from datetime import date
from typing import Self

from beanie import PydanticObjectId
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from app.shared.schemas import Fecha, InputSchema, InstanteOut, Motivo, OutputSchema


class SancionCreate(InputSchema):
    """`desde` and `hasta` are both in force. `excluye`: meanwhile the flat is drawn nothing."""

    motivo: Motivo
    desde: Fecha
    hasta: Fecha
    excluye: bool

    @model_validator(mode="after")
    def _en_orden(self) -> Self:
        if self.hasta < self.desde:
            raise PydanticCustomError("fechas_al_reves", "desde <= hasta")
        return self


class SancionOut(OutputSchema):
    id: PydanticObjectId
    unidad_id: PydanticObjectId
    motivo: str
    desde: date
    hasta: date
    excluye: bool
    creado_en: InstanteOut
