"""Minutes on paper, set by Typst from a template of ours and the fonts of Typst. The text of minutes goes in as data,
so that no name is ever taken for markup."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

import typst

MAX_FILAS = 2_000
"""Nobody reads more lines than these on paper: a longer result is counted, and its table is left to the CSV."""


@dataclass(frozen=True, slots=True)
class Pliego:
    """`datos`: the values that the template asks for, as JSON takes them."""

    datos: Mapping[str, Any]
    fecha: datetime


def componer(pliego: Pliego) -> bytes:
    """The bytes of the PDF. Composing blocks the process that calls."""
    pdf = typst.compile(
        files("app.modules.sorteo.acta").joinpath("plantillas", "acta.typ").read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"datos": json.dumps(pliego.datos)},
        timestamp=int(pliego.fecha.timestamp()),
    )
    return bytes(pdf)
