"""What comes out of `/sorteo/figuras`. No flat is named: pseudonyms are keyed."""

from datetime import date
from typing import Annotated

from beanie import PydanticObjectId
from pydantic import Field

from app.shared.schemas import Entre, Fecha, InputSchema, InstanteOut, OutputSchema


class DemandaOut(OutputSchema):
    """Requests that were drawn, by the kind of space that they asked for first and by tower."""

    tipo: str
    torre: str | None
    solicitudes: int
    con_espacio: int


class NombreDeReservaOut(OutputSchema):
    """What people call a condition, in each language."""

    es: str
    en: str


class EspaciosDeTipoOut(OutputSchema):
    """`reserva`: the condition that they are kept for, with its name. Of them, `con_derecho` and `prestados` were
    given."""

    tipo: str
    reserva: str | None
    reserva_nombre: NombreDeReservaOut | None
    espacios: int
    con_derecho: int
    prestados: int


class NivelOut(OutputSchema):
    nivel: int
    participantes: int
    con_espacio: int


class AceptacionOut(OutputSchema):
    """What became of the spaces that the draw gave. `horas`: from publishing to accepting, the median."""

    aceptadas: int
    declinadas: int
    vencidas: int
    sin_responder: int
    horas: float | None


class EsperaOut(OutputSchema):
    """`recibieron`: a space was offered to them later."""

    al_publicar: int
    recibieron: int
    siguen: int


class OrdenOut(OutputSchema):
    """The chi-square of the order against the weights: a small `p`, say under 0.01, would be strange."""

    participantes: int
    clases: int
    chi2: float
    grados: int
    p: float


class FigurasDeSorteoOut(OutputSchema):
    sorteo_id: PydanticObjectId
    nombre: str
    publicado_en: InstanteOut
    solicitudes: int
    rechazadas: int
    participantes: int
    espacios: int
    demanda: list[DemandaOut]
    por_tipo: list[EspaciosDeTipoOut]
    niveles: list[NivelOut]
    aceptacion: AceptacionOut
    espera: EsperaOut
    orden: OrdenOut | None


class RachaOut(OutputSchema):
    """A flat that lost `seguidas` draws in a row for that kind of space, by pseudonym."""

    seudonimo: str
    tipo: str
    seguidas: int


class ConteoDeRachasOut(OutputSchema):
    seguidas: int
    unidades: int


class RotacionOut(OutputSchema):
    """`nuevas`: of the flats that got a space of that kind, those that got none in the draw before for it."""

    sorteo_id: PydanticObjectId
    tipo: str
    ganadoras: int
    nuevas: int


class FigurasOut(OutputSchema):
    desde: date | None
    hasta: date | None
    sorteos: list[FigurasDeSorteoOut]
    rachas: list[ConteoDeRachasOut]
    mas_seguidas: list[RachaOut]
    rotacion: list[RotacionOut]


class EnlaceDeFiguras(InputSchema):
    desde: Fecha | None = None
    hasta: Fecha | None = None
    dias: Annotated[int, Entre(1, 90), Field(description="Cuántos días sirve.")] = 30


class EnlaceDeFigurasOut(OutputSchema):
    """`url` is nothing that is shown once: it opens figures alone, and who wants another makes it."""

    url: str
    expira_en: InstanteOut
