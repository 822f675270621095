"""A User-Agent in a few words, by which people know their devices."""

import re

MAXIMO = 60
_PRUDENTE = 1_000
# The order matters: Edge also says that it is Chrome, and Chrome says that it is Safari.
_PROGRAMAS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SISTEMAS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
# `ParkNet/3.1 (Android 15)`, `curl/8.5.0`: a name of its own, before the first slash.
_PROPIO = re.compile(r"([A-Za-z][\w .-]{0,38})/", re.ASCII)


def describir(user_agent: str) -> str:
    """`Chrome · Android`, `curl`; empty for a header that says nothing."""
    texto = user_agent[:_PRUDENTE]
    programa = _primero(_PROGRAMAS, texto)
    if programa is None and not texto.startswith("Mozilla/"):
        propio = _PROPIO.match(texto)
        programa = None if propio is None else propio[1].strip()
    return " · ".join(parte for parte in (programa, _primero(_SISTEMAS, texto)) if parte)[:MAXIMO]


def _primero(tabla: tuple[tuple[str, str], ...], texto: str) -> str | None:
    return next((nombre for marca, nombre in tabla if marca in texto), None)
