"""Examples from one vocabulary: the word where it fits, what the schema says by itself where it says it."""

from copy import deepcopy
from typing import Any

import pytest

from app.core.openapi.examples import Ejemplos

CAMPOS = {
    "placa": "ABC123",
    "total": 61,
    "cupo": 2,
    "desde": "2027-01-01",
    "espacios": ["P-101"],
    "Otro.placa": "XYZ9",
    "codigo": "con espacios",
}
ESQUEMAS: dict[str, dict[str, Any]] = {
    "Color": {"type": "string", "enum": ["rojo", "azul"]},
    "Cosa": {
        "type": "object",
        "properties": {"placa": {"type": "string"}, "color": {"$ref": "#/components/schemas/Color"}},
    },
    "Entera": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}},
}


@pytest.fixture
def ejemplos() -> Ejemplos:
    return Ejemplos(campos=CAMPOS, esquemas={"Entera": {"a": "uno", "b": "dos"}})


@pytest.mark.parametrize(
    ("nombre", "esquema", "ejemplo"),
    [
        ("placa", {"type": "string"}, "ABC123"),
        ("placa", {"anyOf": [{"type": "string"}, {"type": "null"}]}, "ABC123"),
        ("total", {"type": "integer"}, 61),
        ("desde", {"type": "string", "format": "date"}, "2027-01-01"),
        ("desde", {"type": "string", "format": "date-time"}, "2026-12-01T17:00:00.000Z"),
        ("espacios", {"type": "array", "items": {"type": "string"}}, ["P-101"]),
        ("espacios", {"type": "array", "items": {"$ref": "#/components/schemas/Color"}}, ["rojo"]),
        ("cupo", {"type": "boolean"}, False),
        ("veces", {"type": "integer", "minimum": 3}, 3),
        ("veces", {"type": "integer"}, 12),
        ("color", {"$ref": "#/components/schemas/Color"}, "rojo"),
        ("cosa", {"$ref": "#/components/schemas/Cosa"}, {"placa": "ABC123", "color": "rojo"}),
        (
            "cosas",
            {"type": "array", "items": {"$ref": "#/components/schemas/Cosa"}},
            [{"placa": "ABC123", "color": "rojo"}],
        ),
        ("entera", {"$ref": "#/components/schemas/Entera"}, {"a": "uno", "b": "dos"}),
        ("a", {"const": "siempre"}, "siempre"),
        ("datos", {"type": "object"}, {}),
        ("con_valor", {"type": "string", "default": "así"}, "así"),
    ],
)
def test_un_campo(nombre: str, esquema: dict[str, Any], ejemplo: object, ejemplos: Ejemplos) -> None:
    assert ejemplos.de_campo(nombre, esquema, "Raiz", ESQUEMAS) == ejemplo
    assert ejemplos.faltan == set()


def test_la_palabra_propia_va_primero(ejemplos: Ejemplos) -> None:
    assert ejemplos.de_campo("placa", {"type": "string"}, "Otro", ESQUEMAS) == "XYZ9"
    assert ejemplos.usados == {"Otro.placa"}


@pytest.mark.parametrize(
    "esquema", [{"type": "string", "pattern": "^[a-z]+$"}, {"type": "string", "maxLength": 3}, {"type": "integer"}]
)
def test_una_palabra_que_no_cabe_no_se_usa(esquema: dict[str, Any], ejemplos: Ejemplos) -> None:
    assert ejemplos.de_campo("codigo", esquema, "Raiz", ESQUEMAS) != "con espacios"
    assert "codigo" not in ejemplos.usados


def test_un_texto_sin_palabra_se_echa_en_falta(ejemplos: Ejemplos) -> None:
    ejemplos.de_campo("nuevo", {"type": "string"}, "Raiz", ESQUEMAS)
    assert ejemplos.faltan == {"Raiz.nuevo"}


def test_un_documento_entero_queda_con_ejemplos() -> None:
    esquemas = deepcopy(ESQUEMAS)
    Ejemplos(campos=CAMPOS, esquemas={"Entera": {"a": "uno", "b": "dos"}}).de_documento(esquemas)
    assert esquemas["Entera"]["properties"]["b"]["examples"] == ["dos"]
    assert esquemas["Cosa"]["properties"]["placa"]["examples"] == ["ABC123"]
    assert esquemas["Cosa"]["examples"] == [{"placa": "ABC123", "color": "rojo"}]
