"""Invitations on paper: one page a person, with a QR code, as one PDF.

Typst sets the PDF from a template of ours and the fonts that Typst brings, so nothing is fetched and nothing depends on
the machine. Names and flats go in as data, so no name is ever read as markup.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import segno
import typst
from babel.dates import format_date, format_datetime

from app.core.processes import en_otro_proceso

_LOCALE = "es_CO"
_LARGO = 80


@dataclass(frozen=True, slots=True)
class Carta:
    """`unidad`: the flat, in words. `enlace`: the link, which is shown once."""

    nombre: str
    unidad: str
    enlace: str


@dataclass(frozen=True, slots=True)
class Pliego:
    """Letters that are printed together, at least one. `conjunto`: the name of the complex. `zona`: the time zone of
    the dates."""

    conjunto: str
    zona: ZoneInfo
    fecha: datetime
    vence: datetime
    cartas: Sequence[Carta]


async def imprimir(pliego: Pliego) -> bytes:
    """The PDF, made in another process: half a megabyte of memory a page is given back when that process ends."""
    return await en_otro_proceso(componer, pliego)


def componer(pliego: Pliego) -> bytes:
    """The PDF, made in this process: hundreds of letters take seconds."""
    datos = {
        "conjunto": _corto(pliego.conjunto),
        "fecha": format_date(pliego.fecha.astimezone(pliego.zona).date(), "long", locale=_LOCALE),
        "vence": format_datetime(pliego.vence, "d 'de' MMMM 'de' y 'a las' h:mm a", tzinfo=pliego.zona, locale=_LOCALE),
        "cartas": [
            {
                "nombre": _corto(carta.nombre),
                "unidad": _corto(carta.unidad),
                "enlace": carta.enlace,
                "qr": qr(carta.enlace),
            }
            for carta in pliego.cartas
        ],
    }
    pdf = typst.compile(
        files("app.modules.auth.invitaciones").joinpath("plantillas", "carta.typ").read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"datos": json.dumps(datos)},
        timestamp=int(pliego.fecha.timestamp()),
    )
    return bytes(pdf)


def _corto(texto: str) -> str:
    """The text, cut so that every letter fits on one page."""
    return texto if len(texto) <= _LARGO else texto[: _LARGO - 1] + "…"


def qr(enlace: str) -> str:
    """The QR code as SVG. Level M: a folded or stained letter is still read."""
    dibujo = io.BytesIO()
    segno.make_qr(enlace, error="m").save(
        dibujo, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None, omitsize=True, nl=False
    )
    return dibujo.getvalue().decode()
