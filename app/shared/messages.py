"""What the API says to people: one catalogue a language, `textos/<idioma>.po`, loaded once.

An entry is a context (`msgctxt`), a key (`msgid`) and the text in that language (`msgstr`):

    error     <codigo>   what somebody reads when that rule is broken: the `detail` of a problem, `mensaje` of a field
    causa     <codigo>   why it comes about, for who writes a client (`docs/errors.md`, `docs/errores.md`)
    remedio   <codigo>   what to do then, likewise
    titulo    <status>   the summary of every problem of that status
    motivo    <codigo>   why something was left out of a draw, where that is no error
    texto     <name>     any other sentence

A text that counts says so in its placeholder: `{n:# espacio|# espacios}` (see `contado`).

To add a `codigo`: its `causa`, `error` and `remedio` in both files, with the same `{placeholders}` in both, then
`make docs`, which puts the files in order (by key, so that additions seldom meet) and writes the two documents again.
The tests name what is missing, what nobody uses, and documents that are stale.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from importlib.resources import files
from string import Formatter
from typing import Literal, cast, get_args

from babel.core import Locale, negotiate_locale
from babel.dates import format_date, format_time
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

Idioma = Literal["es", "en"]
Contexto = Literal["error", "causa", "remedio", "titulo", "motivo", "texto"]
IDIOMAS: tuple[Idioma, ...] = ("es", "en")
CONTEXTOS: tuple[Contexto, ...] = get_args(Contexto)
DE_UN_CODIGO: tuple[Contexto, ...] = ("causa", "error", "remedio")
"""What every `codigo` has."""
# How each writes dates and hours: Spanish as in Colombia, on a clock of twelve hours.
_LOCALES: Mapping[Idioma, Locale] = {"es": Locale("es", "CO"), "en": Locale("en", "US")}
# A header with more languages than these is not a person's.
_MAXIMO_DE_IDIOMAS = 20


def _cargar(idioma: Idioma) -> Mapping[Contexto, Mapping[str, str]]:
    with files("app.shared").joinpath("textos", f"{idioma}.po").open("rb") as archivo:
        entradas = list(read_po(archivo, locale=idioma, abort_invalid=True))
    return {
        contexto: {str(e.id): str(e.string) for e in entradas if e.id and e.context == contexto}
        for contexto in CONTEXTOS
    }


TEXTOS: Mapping[Idioma, Mapping[Contexto, Mapping[str, str]]] = {idioma: _cargar(idioma) for idioma in IDIOMAS}
CATALOGOS: Mapping[Idioma, Mapping[str, str]] = {
    idioma: {**textos["error"], **textos["texto"]} for idioma, textos in TEXTOS.items()
}
"""What `mensaje` can say, by `codigo` or name."""


_POR_COTA: Mapping[tuple[str, str], str] = {
    ("fuera_de_rango", "ge"): "al_menos",
    ("fuera_de_rango", "le"): "como_mucho",
    ("fuera_de_rango", "gt"): "mas_que",
    ("fuera_de_rango", "lt"): "menos_que",
    ("valor_no_admitido", "admitidos"): "admitidos",
}


def mensaje(codigo: str, idioma: Idioma, datos: Mapping[str, object], zona: tzinfo = UTC) -> str:
    """The text of `codigo`, with the `datos` that it mentions filled in; instants as people of `zona` write them. Where
    a rule may break at several bounds, the text is that of the bound."""
    codigo = next((_POR_COTA[codigo, cota] for cota in datos if (codigo, cota) in _POR_COTA), codigo)
    return rellenado(CATALOGOS[idioma][codigo], {k: escrito(v, idioma, zona) for k, v in datos.items()})


def contado(n: object, formas: str) -> str:
    """What is said of `n`, with `#` for the number: `formas` are that of one and that of any other number, or, of
    three, that of none first: `ninguno|# espacio|# espacios`."""
    *ninguno, uno, varios = formas.split("|")
    return (uno if n == 1 else ninguno[0] if ninguno and n == 0 else varios).replace("#", str(n))


class _Relleno(Formatter):
    def format_field(self, value: object, format_spec: str) -> str:
        return contado(value, format_spec) if "|" in format_spec else str(super().format_field(value, format_spec))


def rellenado(texto: str, datos: Mapping[str, object]) -> str:
    """`texto` with its placeholders filled in, those that count as well."""
    return _Relleno().vformat(texto, (), datos)


def huecos(texto: str) -> set[str]:
    """The names of the data that a text mentions."""
    return {nombre for _, nombre, _, _ in Formatter().parse(texto) if nombre is not None}


def titulo(status: int, idioma: Idioma) -> str:
    """The summary of a kind of problem, the same for every problem of that status."""
    titulos = TEXTOS[idioma]["titulo"]
    return titulos.get(str(status), titulos["400"])


def escrito(valor: object, idioma: Idioma, zona: tzinfo) -> object:
    """Instants, dates and fractions as people of `zona` write them; anything else as it is."""
    locale = _LOCALES[idioma]
    if isinstance(valor, float):
        return format_decimal(valor, format="#,##0.####", locale=locale)
    if isinstance(valor, datetime):
        local = valor.astimezone(zona)
        hora = format_time(local.time(), "short", locale=locale)
        return f"{format_date(local.date(), 'long', locale=locale)}, {hora}"
    return format_date(valor, "long", locale=locale) if isinstance(valor, date) else valor


def idioma_preferido(accept_language: str) -> Idioma:
    """The one of ours that `Accept-Language` (RFC 9110 §12.5.4) likes best; Spanish when it likes none or is broken."""
    pesos: dict[str, float] = {}
    for parte in accept_language.split(",")[:_MAXIMO_DE_IDIOMAS]:
        etiqueta, _, parametro = parte.strip().partition(";")
        pesos.setdefault(etiqueta.strip().lower(), _peso(parametro.strip()))
    # `*` is every language that is not named; of those, ours in our order.
    nombradas = {etiqueta.split("-", 1)[0] for etiqueta in pesos}
    resto = [idioma for idioma in IDIOMAS if idioma not in nombradas]
    preferidos: list[str] = []
    for etiqueta in sorted(pesos, key=lambda e: -pesos[e]):
        if pesos[etiqueta] > 0:
            preferidos += resto if etiqueta == "*" else [etiqueta]
    elegido = negotiate_locale(preferidos, IDIOMAS, sep="-")
    return cast(Idioma, elegido) if elegido else "es"


def _peso(parametro: str) -> float:
    """Of `q=0.8`; 1 where there is none, 0 where it cannot be read."""
    nombre, _, valor = parametro.partition("=")
    if not parametro:
        return 1.0
    try:
        peso = min(float(valor), 1.0) if nombre.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0
    return peso if peso > 0 else 0.0  # neither negative nor NaN
