"""What the API says to people: one catalogue a language, `textos/*.json`, a text a `codigo`."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Literal

Idioma = Literal["es", "en"]
IDIOMAS: tuple[Idioma, ...] = ("es", "en")


def _cargar(idioma: Idioma) -> dict[str, str]:
    crudo = files("app.shared").joinpath("textos", f"{idioma}.json").read_text(encoding="utf-8")
    catalogo: dict[str, str] = json.loads(crudo)
    return catalogo


CATALOGOS: Mapping[Idioma, Mapping[str, str]] = {idioma: _cargar(idioma) for idioma in IDIOMAS}


def mensaje(codigo: str, idioma: Idioma, datos: Mapping[str, object]) -> str:
    """The text of `codigo`, with the `datos` that it mentions filled in."""
    return CATALOGOS[idioma][codigo].format_map(datos)


def titulo(status: int, idioma: Idioma) -> str:
    """The summary of a kind of problem, the same for every problem of that status."""
    catalogo = CATALOGOS[idioma]
    return catalogo.get(f"titulo_{status}", catalogo["titulo_400"])


def idioma_preferido(accept_language: str) -> Idioma:
    """The one of ours that `Accept-Language` (RFC 9110 §12.5.4) likes best; Spanish when it likes none or is broken."""
    mejor: tuple[float, Idioma] = (0.0, "es")
    for parte in accept_language.split(",")[:20]:
        etiqueta, _, parametro = parte.strip().partition(";")
        # `*` is every other language, and the one we would choose is Spanish.
        idioma = next((i for i in IDIOMAS if etiqueta.strip().lower().split("-", 1)[0] in (i, "*")), None)
        peso = _peso(parametro.strip())
        if idioma is not None and peso > mejor[0]:
            mejor = (peso, idioma)
    return mejor[1]


def _peso(parametro: str) -> float:
    nombre, _, valor = parametro.partition("=")
    if not parametro:
        return 1.0
    try:
        return min(float(valor), 1.0) if nombre.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0
