"""Cursors: ours come back whole, and those that others write are refused or harmless."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import bson
import pytest
from beanie import PydanticObjectId
from bson import ObjectId
from hypothesis import given, settings
from hypothesis import strategies as st

from app.shared.exceptions import EntradaInvalida
from app.shared.pagination import Page, PageOut, Valor, escribir_cursor, leer_cursor

_instantes = st.datetimes(timezones=st.just(UTC))
_ids = st.binary(min_size=12, max_size=12).map(lambda crudo: PydanticObjectId(ObjectId(crudo)))
_valores = st.text() | st.integers(-(2**63) + 1, 2**63 - 1) | st.booleans() | _instantes | _ids
_reproducible = settings(derandomize=True, deadline=None)


def _cursor(cuerpo: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(cuerpo).encode()).decode().rstrip("=")


def _rechazado(cursor: str, orden: str = "codigo", cuantos: int = 1) -> bool:
    errores: list[tuple[str, str]] = []
    try:
        leer_cursor(cursor, orden, cuantos)
    except EntradaInvalida as error:
        errores = [(e.campo, e.codigo) for e in error.errores]
    assert errores in ([], [("cursor", "cursor_invalido")])
    return bool(errores)


@_reproducible
@given(orden=st.text(max_size=40), valores=st.lists(_valores, max_size=3))
def test_lo_escrito_se_lee_igual(orden: str, valores: Sequence[Valor]) -> None:
    cursor = escribir_cursor(orden, valores)
    leidos = leer_cursor(cursor, orden, len(valores))
    assert leidos == list(valores)
    assert [type(v) for v in leidos] == [type(v) for v in valores]
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?# ")


@_reproducible
@given(valores=st.lists(_valores, min_size=1, max_size=2))
def test_no_sirve_para_otro_orden_ni_para_otros_campos(valores: Sequence[Valor]) -> None:
    cursor = escribir_cursor("codigo", valores)
    assert _rechazado(cursor, "-codigo", len(valores))
    assert _rechazado(cursor, "codigo", len(valores) + 1)
    assert _rechazado(cursor, "codigo", len(valores) - 1)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda hijos: st.lists(hijos) | st.dictionaries(st.sampled_from(["t", "id", "$gt"]), hijos),
    max_leaves=4,
)


@_reproducible
@given(valor=_json)
def test_lo_que_pasa_lo_entiende_la_base_de_datos(valor: object) -> None:
    cursor = _cursor(["codigo", valor])
    if _rechazado(cursor):
        return
    (leido,) = leer_cursor(cursor, "codigo", 1)
    assert isinstance(leido, str | int | bool | datetime | ObjectId)
    bson.encode({"codigo": {"$gt": leido}})


@_reproducible
@given(cursor=st.text(max_size=60))
def test_cualquier_otro_texto_se_rechaza(cursor: str) -> None:
    assert _rechazado(cursor)


@pytest.mark.parametrize(
    "valor",
    [
        None,
        1.5,
        2**63,
        -(2**63),
        10**400,
        "\ud800",
        [],
        {},
        {"id": "zz"},
        {"id": "0" * 23},
        {"id": "A" * 24},
        {"id": 7},
        {"t": "ayer"},
        {"t": "2026-01-01"},
        {"t": "2026-01-01T00:00:00"},
        {"t": "2026-01-01T00:00:00-05:00"},
        {"t": "0001-01-01T00:00:00+14:00"},
        {"t": "9999-12-31T23:59:59-14:00"},
        {"$ne": None},
    ],
)
def test_un_valor_que_no_escribimos_nosotros(valor: object) -> None:
    assert _rechazado(_cursor(["codigo", valor]))


@pytest.mark.parametrize(
    "cuerpo", [[], {}, None, "codigo", 7, ["codigo"], ["codigo", "a", "b"], [["codigo"], "a"], {"codigo": "a"}]
)
def test_una_forma_que_no_es_la_nuestra(cuerpo: object) -> None:
    assert _rechazado(_cursor(cuerpo))


def test_un_instante_de_otra_zona_se_escribe_en_utc() -> None:
    bogota = datetime(2026, 1, 1, 7, tzinfo=timezone(timedelta(hours=-5)))
    assert leer_cursor(escribir_cursor("creado_en", [bogota]), "creado_en", 1) == [bogota]


def test_muy_hondo_tampoco() -> None:
    hondo = base64.urlsafe_b64encode(b"[" * 700).decode().rstrip("=")
    assert _rechazado(hondo)


def test_una_pagina_con_otras_filas_es_la_misma_pagina() -> None:
    pagina = Page(items=[1, 2], siguiente="x", total=10_000, total_minimo=True)
    assert pagina.con(["a", "b"]) == Page(items=["a", "b"], siguiente="x", total=10_000, total_minimo=True)


def test_sin_total_no_se_nombra() -> None:
    salida = PageOut[int](items=[1], siguiente=None)
    assert salida.model_dump(exclude_unset=True) == {"items": [1], "siguiente": None}
