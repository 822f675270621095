"""What goes in and out of deciding about requests."""

from typing import Annotated, Self

from beanie import PydanticObjectId
from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from app.modules.solicitudes.estados import Impedimento, RequestStatus
from app.modules.solicitudes.exceptions import PlazoVencido
from app.modules.solicitudes.schemas import Buscado, PlacaBuscada, TorreBuscada
from app.shared.exceptions import ConflictoDeInteres, NoEncontrado, RolInsuficiente, TransicionInvalida
from app.shared.schemas import (
    Codigo,
    DeLista,
    Id,
    InputSchema,
    Instante,
    Motivo,
    OutputSchema,
    PatchSchema,
    sin_repetidos,
    uno_de,
    uno_de_dos,
)

Estado = Annotated[RequestStatus, DeLista()]


class EstadoUpdate(PatchSchema):
    estado: Estado
    motivo: Motivo | None = None


class Prorroga(InputSchema):
    vence_en: Instante
    motivo: Motivo


class FiltroSolicitudes(InputSchema):
    """What the list may be narrowed by; at least one."""

    sorteo_id: Id | None = None
    estado: Estado | None = None
    unidad_id: Id | None = None
    torre: TorreBuscada | None = None
    tipo: Codigo | None = None
    placa: PlacaBuscada | None = None
    impedimento: Annotated[Impedimento, DeLista()] | None = None
    vence_antes: Instante | None = None
    q: Buscado | None = None

    @model_validator(mode="after")
    def _alguno(self) -> Self:
        if all(valor is None for _, valor in self):
            raise PydanticCustomError("filtro_vacio", "un filtro sin condiciones")
        return self


class EstadoMasivo(InputSchema):
    """`ids` or `filtro`, exactly one."""

    model_config = uno_de_dos("ids", "filtro")

    ids: Annotated[list[Id], Field(min_length=1, max_length=1000), AfterValidator(sin_repetidos)] | None = None
    filtro: FiltroSolicitudes | None = None
    estado: Estado
    motivo: Motivo | None = None

    @model_validator(mode="after")
    def _un_alcance(self) -> Self:
        if (self.ids is None) == (self.filtro is None):
            raise PydanticCustomError("uno_de_dos", "ids o filtro", {"uno": "ids", "otro": "filtro"})
        return self


OMITEN = (NoEncontrado, PlazoVencido, TransicionInvalida, ConflictoDeInteres, RolInsuficiente)
"""What keeps one of many from being moved."""


class Omitida(OutputSchema):
    """`codigo`: that of the refusal which the same move, of it alone, would be answered with."""

    id: PydanticObjectId
    codigo: Annotated[str, uno_de(*(error.codigo for error in OMITEN))]


class ConImpedimentos(OutputSchema):
    id: PydanticObjectId
    impedimentos: list[Impedimento]


class EstadoMasivoOut(OutputSchema):
    """`con_impedimentos`: of those that were approved, which the closing would refuse unless it is mended before."""

    cambiadas: int
    omitidas: list[Omitida]
    con_impedimentos: list[ConImpedimentos]
