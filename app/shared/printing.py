"""Paper, set by Typst from templates of ours and the fonts of Typst. What is said goes in as data, so that no name is
ever taken for markup."""

import io
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import segno
import typst


def en_papel(plantilla: bytes, datos: Mapping[str, Any], fecha: datetime) -> bytes:
    """The PDF, dated `fecha`: the same bytes for the same `datos`. It blocks the process that calls."""
    pdf = typst.compile(
        plantilla,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"datos": json.dumps(datos)},
        timestamp=int(fecha.timestamp()),
    )
    return bytes(pdf)


def qr(enlace: str) -> str:
    """The QR code as SVG. Level M: a folded or stained letter is still read."""
    dibujo = io.BytesIO()
    segno.make_qr(enlace, error="m").save(
        dibujo, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None, omitsize=True, nl=False
    )
    return dibujo.getvalue().decode()
