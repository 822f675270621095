"""What comes out of `/sorteo/{id}/…`: evaluations, results, exclusions, how to check it all."""

from typing import Annotated, get_args

from beanie import PydanticObjectId
from typing_extensions import TypeAliasType

from app.modules.sorteo.espacios.models import MotivoDeExclusion
from app.modules.sorteo.estados import EstadoSorteo, Paso
from app.modules.sorteo.garantes.schemas import GaranteOut
from app.modules.sorteo.motor import FORMATO
from app.modules.sorteo.resultados.models import RECHAZADA
from app.modules.sorteo.schemas import HuellaAnteriorOut
from app.shared.schemas import InstanteOut, OutputSchema, uno_de

RECHAZOS = ("no_al_dia", "sancionada", "ya_tiene_espacio", "sin_espacio_compatible", RECHAZADA)
MotivoDeRechazo = TypeAliasType("MotivoDeRechazo", Annotated[str, uno_de(*RECHAZOS)])
"""What keeps a request out of a draw: an impediment that requests have, or that staff refused it before."""


class LineaDePadronOut(OutputSchema):
    """A line of the roll, opened: `linea` is the SHA-256 of `sal:folio:solicitud_id:unidad_id:vehiculo_id`."""

    sal: str
    solicitud_id: PydanticObjectId
    unidad_id: PydanticObjectId
    vehiculo_id: PydanticObjectId
    linea: str


class EvaluacionOut(OutputSchema):
    """`padron`: null before the closing, and but for the flat itself."""

    folio: int
    nivel: int
    boletas: int
    reglas: list[str]
    impedimentos: list[MotivoDeRechazo]
    padron: LineaDePadronOut | None


class UnidadDeResultadoOut(OutputSchema):
    id: PydanticObjectId
    torre: str | None
    apartamento: str


class ResultadoOut(OutputSchema):
    """`unidad`: null but for staff."""

    folio: int
    posicion: int
    espera: int | None
    espacio: str | None
    numero: str
    prestado: bool
    unidad: UnidadDeResultadoOut | None


class UltimoGanador(OutputSchema):
    """The worst placed of those who got a space that this request could have used too."""

    posicion: int
    nivel: int
    numero: str


class MiResultadoOut(OutputSchema):
    """`espera`: the place in the waiting list as it was drawn; `espera_actual`: among those who still wait, once it is
    published."""

    folio: int
    posicion: int
    posicion_en_nivel: int
    total_en_nivel: int
    espera: int | None
    espera_actual: int | None
    espacio: str | None
    prestado: bool
    numero: str
    nivel: int
    boletas: int
    reglas: list[str]
    ultimo_ganador: UltimoGanador | None
    padron: LineaDePadronOut | None
    explicacion: str


class EspacioExcluido(OutputSchema):
    codigo: str
    motivo: Annotated[str, uno_de(*get_args(MotivoDeExclusion))]


class SolicitudExcluida(OutputSchema):
    folio: int
    motivo: MotivoDeRechazo


class CambioOut(OutputSchema):
    folio: int
    campo: str
    cuando: InstanteOut


class ExclusionesOut(OutputSchema):
    espacios: list[EspacioExcluido]
    solicitudes: list[SolicitudExcluida]
    cambios: list[CambioOut]


class CabezaOut(OutputSchema):
    n: int
    mac: str


class CabezaDePasoOut(CabezaOut):
    paso: Paso
    cuando: InstanteOut


class RondaDrandOut(OutputSchema):
    """The round of drand that the number was taken from, as a relay gives it."""

    round: int
    randomness: str
    signature: str


class VerificacionOut(OutputSchema):
    """Null is what has not been published yet. `drand`: null also where the number is from elsewhere. `garantes`:
    whose phrases follow the number, in their order, and last those who committed to none. `comandos` check all that has
    been, with a shell and `sha256sum`. `auditoria`: how far the audit's chain goes now (null while it is
    empty), and `cabezas`, how far it went at the steps of this draw."""

    sorteo_id: PydanticObjectId
    estado: EstadoSorteo
    formato: Annotated[str, uno_de(FORMATO)]
    fuente: str
    compromiso: str
    huella_reglas: str
    huella: str | None
    huella_padron: str | None
    huellas_anteriores: list[HuellaAnteriorOut]
    secreto: str | None
    entropia: str | None
    drand: RondaDrandOut | None
    garantes: list[GaranteOut]
    semilla: str | None
    huella_resultado: str | None
    auditoria: CabezaOut | None
    cabezas: list[CabezaDePasoOut]
    comandos: list[str]
