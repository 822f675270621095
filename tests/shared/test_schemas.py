"""The types of fields: exactly which JSON each takes, as it comes out of the parser."""

import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Any

import pytest
from beanie import PydanticObjectId
from bson import ObjectId
from pydantic import TypeAdapter, ValidationError

from app.shared.schemas import (
    Codigo,
    CodigoEspacio,
    Correo,
    DeLista,
    Entre,
    Fecha,
    Id,
    InputSchema,
    Instante,
    InstanteOut,
    Motivo,
    OutputSchema,
    Texto,
    sin_repetidos,
)


class Color(StrEnum):
    rojo = "rojo"
    verde = "verde"


class Campos(InputSchema):
    nombre: Annotated[str, Texto(2, 5)] = "ab"
    parrafo: Motivo = "a"
    codigo: Codigo = "ab"
    espacio: CodigoEspacio = "a"
    numero: Annotated[int, Entre(0, 1200)] = 1
    color: Annotated[Color, DeLista()] = Color.rojo
    id: Id = PydanticObjectId("0" * 24)
    fecha: Fecha = date(2026, 1, 1)
    instante: Instante = datetime(2026, 1, 1, tzinfo=UTC)
    correo: Correo = "a@example.com"
    si: bool = True


def leer(campo: str, valor: Any) -> Any:
    return getattr(Campos.model_validate({campo: valor}), campo)


def tipo_de_error(campo: str, valor: Any) -> str:
    with pytest.raises(ValidationError) as error:
        Campos.model_validate({campo: valor})
    (uno,) = error.value.errors()
    assert uno["loc"] == (campo,)
    return uno["type"]


@pytest.mark.parametrize(
    ("campo", "valor", "leido"),
    [
        ("nombre", "  ab ", "ab"),
        ("nombre", "n\u0303o", "ño"),
        ("nombre", "e\u0301" * 5, "é" * 5),
        ("nombre", "\u00a0ab\u3000", "ab"),
        ("nombre", "\tab\n", "ab"),
        ("nombre", "🚗🚗", "🚗🚗"),
        ("parrafo", "uno\ndos\ttres", "uno\ndos\ttres"),
        ("codigo", "carro_electrico2", "carro_electrico2"),
        ("espacio", "S1 – 04", "S1 – 04"),
        ("numero", 0, 0),
        ("numero", 237.0, 237),
        ("numero", -0.0, 0),
        ("numero", 1.2e3, 1200),
        ("color", "verde", Color.verde),
        ("id", "0123456789abcdef01234567", PydanticObjectId("0123456789abcdef01234567")),
        ("id", "ABCDEF" * 4, PydanticObjectId("abcdef" * 4)),
        ("id", ObjectId("abcdef" * 4), PydanticObjectId("abcdef" * 4)),
        ("fecha", "2024-02-29", date(2024, 2, 29)),
        ("fecha", "0001-01-01", date(1, 1, 1)),
        ("fecha", "9999-12-31", date(9999, 12, 31)),
        ("instante", "2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("instante", "2026-01-01T00:00:00-05:00", datetime(2026, 1, 1, 5, tzinfo=UTC)),
        ("instante", "2026-01-01T00:00:00.250Z", datetime(2026, 1, 1, 0, 0, 0, 250_000, tzinfo=UTC)),
        ("instante", "0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("instante", "9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("correo", " Ana.Rojas@Example.COM ", "ana.rojas@example.com"),
        ("si", False, False),
    ],
)
def test_lo_que_se_toma(campo: str, valor: Any, leido: Any) -> None:
    obtenido = leer(campo, valor)
    assert obtenido == leido
    assert type(obtenido) is type(leido)


@pytest.mark.parametrize(
    ("campo", "valor", "tipo"),
    [
        ("nombre", "a", "too_short"),
        ("nombre", "   a   ", "too_short"),
        ("nombre", "", "too_short"),
        ("nombre", "abcdef", "too_long"),
        ("nombre", "x" * 1_000_000, "string_too_long"),
        ("nombre", "a\nb", "caracter_no_permitido"),
        ("nombre", "a\tb", "caracter_no_permitido"),
        ("nombre", "a\u2028b", "caracter_no_permitido"),
        ("nombre", "ab\u2028", "caracter_no_permitido"),
        ("parrafo", "uno\u2029dos", "caracter_no_permitido"),
        ("nombre", "a\U000e0041b", "caracter_no_permitido"),
        ("nombre", "a\x00b", "caracter_no_permitido"),
        ("nombre", "a\x7fb", "caracter_no_permitido"),
        ("nombre", "a\u200bb", "caracter_no_permitido"),
        ("nombre", "a\u202eb", "caracter_no_permitido"),
        ("nombre", "a\u00adb", "caracter_no_permitido"),
        ("nombre", "a\ufeffb", "caracter_no_permitido"),
        ("nombre", "a\u3164b", "caracter_no_permitido"),
        ("nombre", "a\ufe0fb", "caracter_no_permitido"),
        ("parrafo", "a\u2066b", "caracter_no_permitido"),
        ("parrafo", "a\u034fb", "caracter_no_permitido"),
        ("nombre", "a\x85b", "caracter_no_permitido"),
        ("nombre", "a\ue000b", "caracter_no_permitido"),
        ("nombre", "a\U0010fffdb", "caracter_no_permitido"),
        ("nombre", "a\uffffb", "caracter_no_permitido"),
        ("parrafo", "a\uf8ffb", "caracter_no_permitido"),
        ("nombre", 7, "string_type"),
        ("nombre", b"abc", "string_type"),
        ("nombre", None, "string_type"),
        ("nombre", ["ab"], "string_type"),
        ("parrafo", "a\rb", "caracter_no_permitido"),
        ("parrafo", "a\x1bb", "caracter_no_permitido"),
        ("parrafo", "x" * 2001, "too_long"),
        ("codigo", "Carro", "string_pattern_mismatch"),
        ("codigo", "1carro", "string_pattern_mismatch"),
        ("codigo", "carro-1", "string_pattern_mismatch"),
        ("codigo", "carro\u0661", "string_pattern_mismatch"),
        ("codigo", "a" * 41, "too_long"),
        ("espacio", "P\u200b1", "caracter_no_permitido"),
        ("espacio", "P\u202e1", "caracter_no_permitido"),
        ("espacio", "P\u00a01", "caracter_no_permitido"),
        ("numero", -1, "greater_than_equal"),
        ("numero", 1201, "less_than_equal"),
        ("numero", 2**63, "less_than_equal"),
        ("numero", 10**400, "less_than_equal"),
        ("numero", 1e300, "less_than_equal"),
        ("numero", 1.5, "int_type"),
        ("numero", float("inf"), "int_type"),
        ("numero", float("nan"), "int_type"),
        ("numero", "1", "int_type"),
        ("numero", True, "int_type"),
        ("numero", None, "int_type"),
        ("color", "azul", "enum"),
        ("color", "ROJO", "enum"),
        ("color", "", "enum"),
        ("color", 1, "tipo_invalido"),
        ("color", None, "tipo_invalido"),
        ("color", ["rojo"], "tipo_invalido"),
        ("id", "0" * 23, "id_invalido"),
        ("id", "0" * 25, "id_invalido"),
        ("id", "g" * 24, "id_invalido"),
        ("id", "0" * 24 + "\n", "id_invalido"),
        ("id", " " + "0" * 24, "id_invalido"),
        ("id", "\u0660" * 24, "id_invalido"),
        ("id", "\u212a" + "0" * 23, "id_invalido"),
        ("id", 7, "tipo_invalido"),
        ("id", {"$oid": "0" * 24}, "tipo_invalido"),
        ("fecha", "2021-02-30", "date_from_datetime_parsing"),
        ("fecha", "2021-02-29", "date_from_datetime_parsing"),
        ("fecha", "2021-13-01", "date_from_datetime_parsing"),
        ("fecha", "0000-01-01", "date_parsing"),
        ("fecha", "2021-2-3", "fecha_invalida"),
        ("fecha", "2021-01-01T00:00:00Z", "fecha_invalida"),
        ("fecha", "20210101", "fecha_invalida"),
        ("fecha", "2021-01-01\n", "fecha_invalida"),
        ("fecha", "\u0662021-01-01", "fecha_invalida"),
        ("fecha", 1_600_000_000, "tipo_invalido"),
        ("fecha", None, "tipo_invalido"),
        ("instante", "2026-01-01T00:00:00", "instante_invalido"),
        ("instante", "2026-01-01 00:00:00Z", "instante_invalido"),
        ("instante", "2026-01-01T00:00Z", "instante_invalido"),
        ("instante", "2026-01-01", "instante_invalido"),
        ("instante", "2026-01-01T00:00:00z", "instante_invalido"),
        ("instante", "2026-02-30T00:00:00Z", "datetime_from_date_parsing"),
        ("instante", "2026-01-01T24:00:00Z", "datetime_from_date_parsing"),
        ("instante", "2026-01-01T23:59:60Z", "datetime_from_date_parsing"),
        ("instante", "2026-01-01T00:00:00+24:00", "datetime_from_date_parsing"),
        ("instante", "0001-01-01T00:00:00+14:00", "instante_invalido"),
        ("instante", "9999-12-31T23:59:59-14:00", "instante_invalido"),
        ("instante", 1_600_000_000, "tipo_invalido"),
        ("correo", "ana", "value_error"),
        ("correo", "ana@", "value_error"),
        ("correo", "ana@example", "value_error"),
        ("correo", "ana@example.com\x00", "value_error"),
        ("correo", "ana@ex ample.com", "value_error"),
        ("correo", "Ana <ana@example.com>", "forma_invalida"),
        ("correo", "a" * 300 + "@example.com", "value_error"),
        ("correo", "a@" + "b" * 500_000 + ".com", "value_error"),
        ("correo", 7, "string_type"),
        ("si", 1, "bool_type"),
        ("si", "true", "bool_type"),
        ("si", None, "bool_type"),
    ],
)
def test_lo_que_no(campo: str, valor: Any, tipo: str) -> None:
    assert tipo_de_error(campo, valor) == tipo


@pytest.mark.parametrize("texto", ["e\u0301" * 5, "\u1100\u1161\u11a8" * 5, "\u0958\u0958"])
def test_las_letras_se_cuentan_ya_compuestas(texto: str) -> None:
    leido = leer("nombre", texto)
    assert unicodedata.is_normalized("NFC", leido)
    assert 2 <= len(leido) <= 5


def test_lo_muy_largo_dice_su_maximo_y_no_otro() -> None:
    for cuantas in (6, 1_000_000):
        with pytest.raises(ValidationError) as error:
            Campos.model_validate({"nombre": "x" * cuantas})
        assert error.value.errors()[0]["ctx"]["max_length"] == 5


def test_lo_desconocido_se_rechaza_y_nada_se_cambia_despues() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Campos.model_validate({"otro": 1})
    with pytest.raises(ValidationError, match="frozen_instance"):
        Campos().numero = 2  # type: ignore[misc]


def test_los_nombres_que_un_error_puede_decir_son_los_de_nuestros_campos() -> None:
    assert {"nombre", "parrafo", "correo"} <= InputSchema.campos_conocidos


def test_el_esquema_dice_lo_mismo_que_se_juzga() -> None:
    propiedades = Campos.model_json_schema()["properties"]
    assert (propiedades["nombre"]["minLength"], propiedades["nombre"]["maxLength"]) == (2, 5)
    assert "(?:[a-z][a-z0-9_]{1,39})" in propiedades["codigo"]["pattern"]
    assert (propiedades["numero"]["minimum"], propiedades["numero"]["maximum"]) == (0, 1200)
    assert propiedades["numero"]["type"] == "integer"
    assert propiedades["id"]["pattern"] == "[0-9a-f]{24}"
    assert (propiedades["fecha"]["format"], propiedades["instante"]["format"]) == ("date", "date-time")


@pytest.mark.parametrize(
    ("instante", "escrito"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00.000Z"),
        (datetime(2026, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC), "2026-01-01T00:00:00.999Z"),
        (datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-5))), "2026-01-01T05:00:00.000Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_un_instante_sale_en_utc_con_tres_decimales(instante: datetime, escrito: str) -> None:
    assert TypeAdapter(InstanteOut).dump_python(instante, mode="json") == escrito


def test_lo_que_sale_no_se_inventa() -> None:
    class Salida(OutputSchema):
        nombre: str

    with pytest.raises(ValidationError, match="missing"):
        Salida.model_validate({})


def test_repetidos() -> None:
    assert sin_repetidos(["a", "b"]) == ["a", "b"]
    with pytest.raises(ValueError, match="repetidos"):
        sin_repetidos(["a", "b", "a"])
