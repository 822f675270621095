"""What comes out of `/residentes/paz-y-salvo`."""

from app.shared.schemas import OutputSchema


class PazYSalvoOut(OutputSchema):
    """How many flats changed and how many stayed; those that there are not, as the file writes them."""

    cambiadas: int
    sin_cambio: int
    desconocidas: list[str]
