"""What goes in and out of `/sorteo/{id}/simular` and `/sorteo/{id}/probabilidad`."""

from typing import Annotated, Literal

from app.core.jobs.contract import ResultadoOut
from app.shared.schemas import Codigo, Entre, InputSchema, InstanteOut, OutputSchema

TOPE = 10_000_000
"""Draws times participants."""


class SimulacionIn(InputSchema):
    """`sin_regla`, `con_regla`: what one rule of the draw less, or one more, would change. A rule is more by its code,
    active or not; of one that the draw has, it counts as it stands now."""

    repeticiones: Annotated[int, Entre(1, TOPE)]
    sin_regla: Codigo | None = None
    con_regla: Codigo | None = None


class ProbabilidadOut(OutputSchema):
    """The share of the draws, and the bounds that hold it in 95 of 100 simulations."""

    probabilidad: float
    minimo: float
    maximo: float


class GrupoOut(ProbabilidadOut):
    """`clave`: the level, the condition, the kind of vehicle. The chance is that of one of its `solicitudes`."""

    clave: str
    solicitudes: int


class LadoOut(ProbabilidadOut):
    """With one set of rules: all requests, and by level, by condition that reserves spaces, by kind of vehicle."""

    por_nivel: list[GrupoOut]
    por_condicion: list[GrupoOut]
    por_clase: list[GrupoOut]


class EnsayadaOut(OutputSchema):
    """Of one request; `otra` is null where no other rules were asked about."""

    folio: int
    nivel: int
    boletas: int
    actual: ProbabilidadOut
    otra: ProbabilidadOut | None


class SimulacionOut(ResultadoOut):
    """The `resultado` of the job. `solicitudes`: null above a thousand; all are in the file of the job. `semilla`:
    draw n of the simulation had the seed SHA-256 of `semilla:n`."""

    tipo: Literal["sorteo_simular"]
    sorteo_id: str
    repeticiones: int
    participantes: int
    semilla: str
    actual: LadoOut
    otra: LadoOut | None
    solicitudes: list[EnsayadaOut] | None


class MiProbabilidadOut(ProbabilidadOut):
    """Of a request of the caller's flats, by the last simulation."""

    folio: int
    repeticiones: int
    simulado_en: InstanteOut
    explicacion: str
