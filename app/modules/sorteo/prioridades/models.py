"""Priority rules: as the administration keeps them, and as a draw copies them when it opens."""

from datetime import datetime
from typing import ClassVar, Literal, get_args

from beanie import PydanticObjectId
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from pymongo import IndexModel

from app.shared.documents import Documento

CampoNumerico = Literal["antiguedad_meses", "sorteos_perdidos", "sanciones_vigentes"]
Campo = Literal[
    "condicion",
    "tenencia",
    "torre",
    "antiguedad_meses",
    "sorteos_perdidos",
    "sanciones_vigentes",
    "tuvo_espacio_anterior",
    "al_dia",
    "tipo_vehiculo",
    "electrico",
]
Operador = Literal["igual", "distinto", "mayor_igual", "menor_igual"]
CAMPOS_NUMERICOS: frozenset[Campo] = frozenset(get_args(CampoNumerico))


class Condicion(BaseModel):
    """`valor` is of the kind of its `campo`: see `evaluacion.Hechos`."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    campo: Campo
    operador: Operador
    valor: StrictBool | StrictInt | StrictStr


class Efecto(BaseModel):
    """What a rule does when it holds. A field that is None has no effect. `por_unidad`: the fact that multiplies the
    balls."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    nivel: int | None = None
    no_mejor_que: int | None = None
    boletas: int | None = None
    por_unidad: CampoNumerico | None = None


class Regla(BaseModel):
    """A rule as `abrir` copies it into a draw, where it never changes. A rule holds when all its conditions hold."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    codigo: str
    descripcion: str
    condiciones: tuple[Condicion, ...]
    efecto: Efecto


class ConfigPrioridad(Documento):
    """A rule as it stands now. An open draw has a copy of its own."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    codigo: str
    descripcion: str
    condiciones: list[Condicion]
    efecto: Efecto
    activa: bool = True
    creado_en: datetime
    actualizado_en: datetime

    def regla(self) -> Regla:
        return Regla.model_validate(self)

    class Settings(Documento.Settings):
        name = "prioridades"
        indexes: ClassVar[list[IndexModel]] = [IndexModel([("codigo", 1)], name="prioridad_codigo", unique=True)]
