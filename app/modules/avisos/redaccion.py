"""Notices and e-mails put into words. A kind has one template a language, of three blocks: `titulo` (one line), `texto`
(paragraphs between blank lines) and perhaps `boton` (the label of a link). The same words make the notice in the
application, the text of the e-mail and its HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_time
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from app.shared.messages import IDIOMAS, Idioma, contado, mensaje

_LOCALES: Mapping[Idioma, Locale] = {"es": Locale("es", "CO"), "en": Locale("en", "US")}
ENLACE = "enlace"
"""The name of a link shown once, among the secrets of a kind."""


@dataclass(frozen=True, slots=True)
class Texto:
    """Plain text: `titulo` is one line, whatever filled it."""

    titulo: str
    texto: str


@dataclass(frozen=True, slots=True)
class Carta:
    asunto: str
    texto: str
    html: str


class Oficina(Protocol):
    """The administration of the complex. None: nobody has said it yet."""

    @property
    def nombre(self) -> str | None: ...
    @property
    def direccion(self) -> str | None: ...
    @property
    def telefono(self) -> str | None: ...
    @property
    def horario(self) -> str | None: ...


class Redactor:
    """`url_publica` is where the links of e-mails lead; times are those of `zona`."""

    def __init__(self, *, zona: ZoneInfo, url_publica: str) -> None:
        self._zona = zona
        self._url_publica = url_publica
        self._llano = {idioma: self._entorno(idioma, html=False) for idioma in IDIOMAS}
        self._html = {idioma: self._entorno(idioma, html=True) for idioma in IDIOMAS}

    def aviso(self, tipo: str, idioma: Idioma, datos: Mapping[str, Any]) -> Texto:
        return self._aviso(tipo, idioma, {**datos, "sin_cuenta": False})

    def _aviso(self, tipo: str, idioma: Idioma, datos: Mapping[str, Any]) -> Texto:
        plantilla = self._llano[idioma].get_template(f"{idioma}/{tipo}.j2")
        titulo, texto = _bloques(plantilla, ("titulo", "texto"), datos)
        return Texto(titulo=_de_una_linea(titulo), texto="\n\n".join(_parrafos(texto)))

    def carta(self, tipo: str, idioma: Idioma, datos: Mapping[str, Any], oficina: Oficina | None = None) -> Carta:
        """With `oficina`, to somebody without an account, who is told to go there."""
        datos = {**datos, "sin_cuenta": oficina is not None}
        dicho = self._aviso(tipo, idioma, datos)
        plantilla = self._html[idioma].get_template(f"{idioma}/{tipo}.j2")
        enlace = datos.get(ENLACE)
        texto, *boton = _bloques(plantilla, ("texto", "boton") if enlace else ("texto",), datos)
        marco = {
            "titulo": dicho.titulo,
            "enlace": enlace,
            "boton": boton[0].strip() if boton else None,
            "verificacion": self._verificacion(datos),
            "url_publica": self._url_publica,
            "oficina": None if oficina is None else _senas(oficina),
        }
        parrafos = [Markup(p) for p in _parrafos(texto)]  # noqa: S704 - escaped there
        return Carta(
            asunto=dicho.titulo,
            texto=self._llano[idioma].get_template(f"{idioma}/_carta.txt.j2").render(**marco, texto=dicho.texto),
            html=self._html[idioma].get_template("_carta.html.j2").render(**marco, parrafos=parrafos, idioma=idioma),
        )

    def _verificacion(self, datos: Mapping[str, Any]) -> str | None:
        """Where anybody can check the draw that it tells of."""
        sorteo_id = datos.get("sorteo_id")
        return None if sorteo_id is None else f"{self._url_publica}/sorteo/{sorteo_id}/verificar"

    def _entorno(self, idioma: Idioma, *, html: bool) -> Environment:
        entorno = Environment(
            loader=PackageLoader("app.modules.avisos", "plantillas"),
            autoescape=html,  # noqa: S701 - the other one makes plain text
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            # Letters do not change while a process runs: nobody looks, for each, whether its file did.
            auto_reload=False,
        )
        entorno.filters["instante"] = lambda valor: self._instante(valor, idioma)
        entorno.filters["dia"] = lambda valor: _dia(valor, idioma)
        entorno.filters["razon"] = lambda codigo: mensaje(codigo, idioma, {})
        entorno.filters["contado"] = contado
        entorno.filters["literal"] = _codigo if html else str
        return entorno

    def _instante(self, valor: datetime | str, idioma: Idioma) -> str:
        instante = datetime.fromisoformat(valor) if isinstance(valor, str) else valor
        local, locale = instante.astimezone(self._zona), _LOCALES[idioma]
        dia, hora = format_date(local.date(), "full", locale=locale), format_time(local.time(), "short", locale=locale)
        return f"{dia}, {hora}"


def _senas(oficina: Oficina) -> str:
    """What is known of where it is and when it is open."""
    partes = (oficina.nombre, oficina.direccion, oficina.telefono, oficina.horario)
    return _de_una_linea(", ".join(parte for parte in partes if parte))


def _bloques(plantilla: Template, nombres: Sequence[str], datos: Mapping[str, Any]) -> list[str]:
    contexto = plantilla.new_context(dict(datos))
    return ["".join(plantilla.blocks[nombre](contexto)) for nombre in nombres]


def _parrafos(texto: str) -> list[str]:
    # A sentence that ends in "10:00 a. m." has its full stop.
    partes = (_de_una_linea(parte).replace(" m..", " m.") for parte in texto.split("\n\n"))
    return [parte for parte in partes if parte]


def _de_una_linea(texto: str) -> str:
    """What fills a template may hold line feeds, and a subject must not."""
    linea = " ".join(texto.split())
    if linea.isprintable():
        return linea
    return " ".join("".join(c if c.isprintable() else " " for c in linea).split())


def _dia(valor: str, idioma: Idioma) -> str:
    return format_date(date.fromisoformat(valor), "long", locale=_LOCALES[idioma])


def _codigo(valor: object) -> Markup:
    return Markup('<code style="word-break:break-all">{}</code>').format(escape(valor))
