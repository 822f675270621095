"""What goes out of `/solicitudes/resumen`."""

from typing import Annotated, get_args

from app.shared.schemas import InstanteOut, OutputSchema, uno_de
from app.shared.utils import ClaseDeVehiculo


class RequestCounts(OutputSchema):
    """How many requests are in each state."""

    pendiente: int
    aprobada: int
    rechazada: int
    cancelada: int
    asignada: int
    en_espera: int
    ofrecida: int
    aceptada: int
    declinada: int
    vencida: int
    retirada: int


class ClaseCounts(OutputSchema):
    """Of one kind of vehicle. `vivas`: still to be drawn, waiting, or holding a space."""

    clase: Annotated[str, uno_de(*get_args(ClaseDeVehiculo))]
    total: int
    vivas: int


class RequestSummary(OutputSchema):
    """`por_responder`: assigned or offered, and still in time; `proximo_vencimiento`, when the first of them lapses.
    `contado_en`: the instant at which all was as it says; null, now."""

    contado_en: InstanteOut | None
    total: int
    por_estado: RequestCounts
    por_clase: list[ClaseCounts]
    por_responder: int
    proximo_vencimiento: InstanteOut | None
