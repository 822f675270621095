"""Invitations on paper: one page a person, with a QR code, as one PDF.

Set by Typst, from a template of ours and the fonts that it brings: nothing is fetched and nothing depends on the
machine. Names and flats go in as data, so that nothing anybody is called is ever taken for markup.
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
    """`unidad`: where they live, in words. `enlace`: what the letter is for, shown once."""

    nombre: str
    unidad: str
    enlace: str


@dataclass(frozen=True, slots=True)
class Pliego:
    """Letters that are printed together, at least one. `conjunto`: the name of the complex. `zona`: whose days its
    dates are."""

    conjunto: str
    zona: ZoneInfo
    fecha: datetime
    vence: datetime
    cartas: Sequence[Carta]


async def imprimir(pliego: Pliego) -> bytes:
    """The PDF. In a process of its own, which takes half a megabyte a page and gives all of it back."""
    return await en_otro_proceso(componer, pliego)


def componer(pliego: Pliego) -> bytes:
    """The PDF, here and now: hundreds of letters take seconds."""
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
    """What leaves the letter on its one page, whoever it is for."""
    return texto if len(texto) <= _LARGO else texto[: _LARGO - 1] + "…"


def qr(enlace: str) -> str:
    """As SVG. Level M: a folded or stained letter is still read."""
    dibujo = io.BytesIO()
    segno.make_qr(enlace, error="m").save(
        dibujo, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None, omitsize=True, nl=False
    )
    return dibujo.getvalue().decode()
