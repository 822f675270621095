"""What the document says of the texts that are sent: the characters that the API takes in them, and no others."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import SchemaValidator, core_schema

from app.shared.schemas import InputSchema
from tests.api.conftest import Aplicacion
from tests.judges.juicio import EJEMPLOS

REF = "#/components/schemas/"
SIN_PATRON = {
    "EntropiaIn": "the number as the draw's own `forma` spells it, or a round of drand as its text, line feeds and all",
    "UserAuth.username": "whatever it is: a name that nobody has is answered as a wrong password is",
}
DE_CARACTERES = {"caracter_no_permitido", "string_pattern_mismatch"}
DE_LARGO = {"string_too_short", "string_too_long", "too_short", "too_long"}
FRONTERAS = (
    "aZé9 -./|#@_+(\t\n\x0b\r\x00\x1c\x1f\x7f\x85\xa0\xad\u034f\u0605\u061c\u115f\u1680\u17b4\u180b\u180e\u2000\u200a"
    "\u200b\u200f\u2010\u2027\u2028\u2029\u202a\u202e\u202f\u205f\u2060\u2800\u3000\u3164\ufe0f\ufeff\uffa0\ufff9\ufffc"
    "\ufffd\u0301\U000110bd\U0001f697\U000e0041\U000e0100"
)
ALFABETO = FRONTERAS + "0123456789abcdefXYZ"
_CLASE = re.compile(r"\[(?:\\.|[^\]\\])+\]")
Propiedad = tuple[type[InputSchema], str, bool, str]
"""The model, its field, whether it is a list, and the pattern that the document gives."""


def _textos(esquema: Mapping[str, Any], donde: str, todos: Mapping[str, Any], vistos: set[str]) -> Iterator[Any]:
    """Each schema of a text under this one, with the name of the schema that it stands in and its field."""
    if "$ref" in esquema:
        nombre = esquema["$ref"].removeprefix(REF)
        if nombre not in vistos:
            vistos.add(nombre)
            yield from _textos(todos[nombre], nombre, todos, vistos)
    if esquema.get("type") == "string":
        yield donde, esquema
    for opcion in (*esquema.get("anyOf", ()), *esquema.get("oneOf", ()), *esquema.get("allOf", ())):
        yield from _textos(opcion, donde, todos, vistos)
    for campo, suyo in esquema.get("properties", {}).items():
        yield from _textos(suyo, f"{donde}.{campo}", todos, vistos)
    for clave in ("items", "additionalProperties"):
        if isinstance(esquema.get(clave), dict):
            yield from _textos(esquema[clave], donde, todos, vistos)
    if "propertyNames" in esquema:
        yield from _textos({"type": "string", **esquema["propertyNames"]}, f"{donde}.*", todos, vistos)


def test_cada_texto_que_se_envia_dice_que_texto_es(aplicacion: Aplicacion) -> None:
    documento = aplicacion.app.openapi()
    todos, vistos = documento["components"]["schemas"], set[str]()
    cuerpos = [o["requestBody"] for ms in documento["paths"].values() for o in ms.values() if "requestBody" in o]
    textos = [
        texto
        for cuerpo in cuerpos
        for contenido in cuerpo["content"].values()
        for texto in _textos(contenido["schema"], "cuerpo", todos, vistos)
    ]
    mudos = {donde for donde, esquema in textos if not esquema.keys() & {"pattern", "format", "enum"}}
    assert len(textos) > 150
    assert mudos == set(SIN_PATRON)


def _modelos(de: type[InputSchema] = InputSchema) -> Iterator[type[InputSchema]]:
    for modelo in de.__subclasses__():
        if modelo.__module__.startswith("app."):
            yield modelo
        yield from _modelos(modelo)


def _propiedades() -> Iterator[Propiedad]:
    """One of each pattern there is, in a list and outside one."""
    vistos = set[tuple[bool, str]]()
    for modelo in _modelos():
        for campo, esquema in modelo.model_json_schema().get("properties", {}).items():
            for opcion in (esquema, *esquema.get("anyOf", ())):
                lista = opcion.get("type") == "array"
                patron = (opcion["items"] if lista else opcion).get("pattern")
                if patron and (lista, patron) not in vistos:
                    vistos.add((lista, patron))
                    yield modelo, campo, lista, patron


PROPIEDADES = list(_propiedades())


def _juicio(propiedad: Propiedad, texto: str) -> set[str]:
    """The kinds of errors that the API finds in the text, where it stands."""
    modelo, campo, lista, _ = propiedad
    try:
        modelo.model_validate({campo: [texto] if lista else texto})
    except ValidationError as error:
        return {uno["type"] for uno in error.errors() if uno["loc"][:1] == (campo,)}
    return set()


def _en_el_alfabeto(patron: str) -> str:
    """The same for texts of the alphabet, with each class spelled out: whoever makes texts of a pattern walks through
    each class, which is most of Unicode."""

    def cuales(clase: re.Match[str]) -> str:
        suyos = [re.escape(c) for c in sorted(set(ALFABETO)) if re.fullmatch(clase[0], c)]
        return f"[{''.join(suyos)}]" if suyos else clase[0]

    return _CLASE.sub(cuales, patron)


@pytest.mark.parametrize("propiedad", PROPIEDADES, ids=lambda p: f"{p[0].__name__}.{p[1]}")
def test_el_patron_y_la_api_toman_los_mismos_caracteres(propiedad: Propiedad) -> None:
    patron = propiedad[3]
    # The rule of lengths is another, of what is left once it is trimmed; and what Unicode has not given out is seen by
    # nobody, but no pattern can name it.
    repartidos = st.characters(exclude_categories=["Cn", "Co", "Cs"])
    sueltos = st.text(st.sampled_from(FRONTERAS) | repartidos, min_size=1, max_size=6)
    # Where JSON Schema ends (ECMA-262) a line break does not follow, which Python's `$` lets be.
    al_final = re.compile(re.sub(r"\$$", r"\\Z", patron))
    con_forma = st.from_regex(_en_el_alfabeto(patron), fullmatch=True, alphabet=st.sampled_from(ALFABETO))

    @settings(max_examples=10 * EJEMPLOS, database=None, deadline=None)
    @example(("", "\n", ""))
    @given(st.tuples(st.just(""), sueltos, st.just("")) | st.tuples(con_forma, st.just("") | sueltos, con_forma))
    def juzgar(partes: tuple[str, str, str]) -> None:
        texto = "".join(partes)
        errores = _juicio(propiedad, texto)
        if errores & DE_LARGO:
            return
        if al_final.search(texto) is None:
            assert errores, ascii(texto)
        elif texto.isascii() or max(texto) <= "\ufffd":
            assert not errores & DE_CARACTERES, ascii(texto)

    juzgar()


def test_cada_motor_lee_los_patrones() -> None:
    """Without what only some know: the engine of pydantic is linear and looks nowhere back or ahead, as RE2."""
    assert len(PROPIEDADES) > 20
    for _, _, _, patron in PROPIEDADES:
        assert not re.search(r"\\[^x+.()\-]|\\x(?![0-9a-f]{2})|\(\?[^:]", patron), patron
        SchemaValidator(core_schema.str_schema(pattern=patron))
        assert not [c for c in patron if not c.isprintable() and ord(c) < 0x300], patron
