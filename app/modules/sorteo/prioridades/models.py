"""Priority rules: as the administration keeps them, and as a draw copies them when it opens."""

from datetime import datetime
from typing import Any, ClassVar, Literal, get_args

from beanie import PydanticObjectId
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, model_validator
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


def _de_si_o_no(crudo: Any) -> Any:
    """What is stored from when `por_unidad` was yes or no: yes meant the one numeric field of the conditions."""
    efecto = crudo.get("efecto") if isinstance(crudo, dict) else None
    if not isinstance(efecto, dict) or not isinstance(efecto.get("por_unidad"), bool):
        return crudo
    campos = [c["campo"] for c in crudo["condiciones"] if c["campo"] in CAMPOS_NUMERICOS]
    return crudo | {"efecto": efecto | {"por_unidad": campos[0] if efecto["por_unidad"] else None}}


class Regla(BaseModel):
    """A rule as `abrir` copies it into a draw, where it never changes. A rule holds when all its conditions hold."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    codigo: str
    descripcion: str
    condiciones: tuple[Condicion, ...]
    efecto: Efecto

    _de_antes = model_validator(mode="before")(_de_si_o_no)


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

    _de_antes = model_validator(mode="before")(_de_si_o_no)

    def regla(self) -> Regla:
        return Regla.model_validate(self)

    class Settings(Documento.Settings):
        name = "prioridades"
        indexes: ClassVar[list[IndexModel]] = [IndexModel([("codigo", 1)], name="prioridad_codigo", unique=True)]
