"""What comes out of `/sorteo/{id}/historial`."""

from app.core.security import Rol
from app.modules.sorteo.historial.models import Suceso
from app.shared.schemas import InstanteOut, OutputSchema


class HechoOut(OutputSchema):
    """`rol`: of who did it; null for the clock. `huellas`: what was published by it. `cierre`: the closing time that
    holds from then on, where it moved."""

    suceso: Suceso
    cuando: InstanteOut
    rol: Rol | None
    huellas: dict[str, str]
    motivo: str | None
    cierre: InstanteOut | None


class HistorialOut(OutputSchema):
    items: list[HechoOut]
