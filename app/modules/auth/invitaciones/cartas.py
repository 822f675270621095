"""Invitations on paper: one page a person, with a QR code, as one PDF.

See `app.shared.printing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from app.core.processes import en_otro_proceso
from app.shared.printing import en_papel, qr

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
    plantilla = files("app.modules.auth.invitaciones").joinpath("plantillas", "carta.typ").read_bytes()
    return en_papel(plantilla, datos, pliego.fecha)


def _corto(texto: str) -> str:
    """The text, cut so that every letter fits on one page."""
    return texto if len(texto) <= _LARGO else texto[: _LARGO - 1] + "…"
