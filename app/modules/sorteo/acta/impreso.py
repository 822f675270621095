"""Minutes on paper, set by Typst from a template of ours and the fonts that it brings. All that they say goes in as
data, so that nothing anybody is called is ever taken for markup."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

import typst

MAX_FILAS = 2_000
"""More than that nobody reads on paper: they are counted, and the table is left to the CSV."""


@dataclass(frozen=True, slots=True)
class Pliego:
    """`datos`: what the template asks for, as JSON takes it."""

    datos: Mapping[str, Any]
    fecha: datetime


def componer(pliego: Pliego) -> bytes:
    """The PDF, here and now."""
    pdf = typst.compile(
        files("app.modules.sorteo.acta").joinpath("plantillas", "acta.typ").read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"datos": json.dumps(pliego.datos)},
        timestamp=int(pliego.fecha.timestamp()),
    )
    return bytes(pdf)
