"""Pages put together: a template, its words in a language, its style and scripts inside, and the policy under which a
browser runs these scripts and no other."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from importlib.resources import files
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app.shared.messages import IDIOMAS, Idioma, escrito, rellenado

Plantilla = Literal["sorteos", "verificar", "garante", "figuras", "registro", "recuperar", "correo", "ausente"]
Textos = Mapping[str, str]

_CODIGO = files("app.pages").joinpath("web")
_COMUN, _ESTILO = {"comun": "comun.js"}, "estilo.css"
# By the name of its element, the scripts of each page that has some, after what all have. The page of a draw takes the
# text of two of them for its worker; that of a witness takes SHA-256 from the engine.
_GUIONES: Mapping[Plantilla, Mapping[str, str]] = {
    "verificar": {"motor": "sorteo-v1.js", "comprobador": "comprobar.js", "pagina": "verificar.js"},
    "garante": {"motor": "sorteo-v1.js", "pagina": "garante.js"},
    "registro": {"pagina": "registro.js"},
    "recuperar": {"pagina": "recuperar.js"},
    "correo": {"pagina": "correo.js"},
}


@dataclass(frozen=True, slots=True)
class Pagina:
    """`politica`: its Content-Security-Policy. `archivo`: the name of the file, for one that is to be kept."""

    html: str
    politica: str
    hallada: bool = True
    archivo: str | None = None


class Imprenta:
    """Templates and scripts are read once. `conjunto` heads every page; instants are told in `zona`."""

    def __init__(self, *, conjunto: str, zona: ZoneInfo) -> None:
        self._conjunto = conjunto
        self._zona = zona
        self._estilo = _leer(_ESTILO)
        self._guiones = {
            plantilla: {nombre: _leer(archivo) for nombre, archivo in {**_COMUN, **_GUIONES.get(plantilla, {})}.items()}
            for plantilla in get_args(Plantilla)
        }
        self._palabras = {
            idioma: {contexto: _textos(idioma, contexto) for contexto in _CONTEXTOS} for idioma in IDIOMAS
        }
        self._entornos = {idioma: self._entorno(idioma) for idioma in IDIOMAS}

    def componer(
        self,
        plantilla: Plantilla,
        idioma: Idioma,
        *,
        camino: str,
        hallada: bool = True,
        datos: object = None,
        copia: str | None = None,
        **contexto: object,
    ) -> Pagina:
        """`datos`: what the scripts of the page read as JSON. A `copia` is a file of that name for a disk: it carries
        its policy inside, under which it can reach nobody."""
        guiones = self._guiones[plantilla]
        politica = _politica([self._estilo], list(guiones.values()), copia=copia is not None)
        bloques = {"textos": self._palabras[idioma]["guion"], **({} if datos is None else {"datos": datos})}
        html = (
            self._entornos[idioma]
            .get_template(f"{plantilla}.html.j2")
            .render(
                contexto,
                idioma=idioma,
                otro=next(otro for otro in IDIOMAS if otro != idioma),
                camino=camino,
                conjunto=self._conjunto,
                estilo=Markup(self._estilo),  # noqa: S704 - ours
                guiones=[(nombre, Markup(codigo)) for nombre, codigo in guiones.items()],  # noqa: S704 - ours
                datos=[(nombre, _json(valor)) for nombre, valor in bloques.items()],
                **({} if copia is None else {"politica": politica}),
            )
        )
        return Pagina(html, politica, hallada=hallada, archivo=copia)

    def _entorno(self, idioma: Idioma) -> Environment:
        entorno = Environment(
            loader=PackageLoader("app.pages", "plantillas"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        entorno.globals["t"] = partial(_decir, self._palabras[idioma]["pagina"])
        entorno.filters["iso"] = lambda valor: _instante(valor).isoformat()
        entorno.filters["fecha_y_hora"] = lambda valor: escrito(_instante(valor), idioma, self._zona)
        entorno.filters["tipo"] = partial(_de_tipo, self._palabras[idioma]["pagina"])
        entorno.filters["dia"] = entorno.filters["cifra"] = lambda valor: escrito(valor, idioma, self._zona)
        return entorno


_CONTEXTOS = ("pagina", "guion")


@cache
def _textos(idioma: Idioma, contexto: str) -> Textos:
    with files("app.pages").joinpath("textos", f"{idioma}.po").open("rb") as archivo:
        entradas = list(read_po(archivo, locale=idioma, abort_invalid=True))
    return {str(e.id): str(e.string) for e in entradas if e.id and e.context == contexto}


def _decir(textos: Textos, clave: str, **datos: object) -> str:
    return rellenado(textos[clave], datos)


def _de_tipo(textos: Textos, codigo: str) -> str:
    """A kind of space in words; complexes have their own, and then the code is the word."""
    return textos.get(f"tipo_{codigo}", codigo.replace("_", " "))


def _leer(archivo: str) -> str:
    return _CODIGO.joinpath(archivo).read_text(encoding="utf-8")


def _instante(valor: datetime | str) -> datetime:
    """Bodies of the API have instants as text."""
    return datetime.fromisoformat(valor) if isinstance(valor, str) else valor


def _json(valor: object) -> Markup:
    """For the inside of a script element, which nothing in it can end."""
    return Markup(json.dumps(valor, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704 - nothing of HTML is left


def _politica(estilos: Sequence[str], guiones: Sequence[str], *, copia: bool) -> str:
    partes = {
        "default-src": ["'none'"],
        "script-src": [_huella(guion) for guion in guiones],
        "style-src": [_huella(estilo) for estilo in estilos],
        "img-src": ["data:"],
        "connect-src": ["'none'"] if copia else ["'self'"],
        "worker-src": ["blob:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        # Not for a <meta>, and nobody frames a file.
        **({} if copia else {"frame-ancestors": ["'none'"]}),
    }
    return "; ".join(f"{parte} {' '.join(fuentes)}" for parte, fuentes in partes.items())


def _huella(texto: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(texto.encode()).digest()).decode()}'"
