"""Minutes on paper. Another process imports this file to set them, so it imports nothing of ours but that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from app.shared.printing import en_papel

MAX_FILAS = 5_000
"""Nobody reads more lines than these on paper: a longer result is counted, and its table is left to the CSV."""


@dataclass(frozen=True, slots=True)
class Pliego:
    """`datos`: the values that the template asks for, as JSON takes them."""

    datos: Mapping[str, Any]
    fecha: datetime


def componer(pliego: Pliego) -> bytes:
    """The bytes of the PDF. Composing blocks the process that calls."""
    plantilla = files("app.modules.sorteo.acta").joinpath("plantillas", "acta.typ").read_bytes()
    return en_papel(plantilla, pliego.datos, pliego.fecha)
