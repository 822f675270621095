import pytest

from app.shared.utils import clave_de_apartamento, normalizar_placa, sin_espacios_de_mas


@pytest.mark.parametrize(
    "escrita", ["abc123", "ABC-123", " abc 1 23 ", "a-b-c-1-2-3", "abc\u00a0123", "ＡＢＣ１２３", "𝐀𝐁𝐂𝟏𝟐𝟑"]
)
def test_una_placa_se_escribe_de_muchos_modos(escrita: str) -> None:
    assert normalizar_placa(escrita) == "ABC123"


def test_los_espacios_de_mas_no_cuentan() -> None:
    assert sin_espacios_de_mas("  Torre \t\n 1\u00a0 ") == "Torre 1"


def test_una_unidad_es_la_misma_sin_importar_mayusculas_ni_espacios() -> None:
    assert clave_de_apartamento("TORRE  1", " 101a") == clave_de_apartamento("torre 1", "101A ")
    assert clave_de_apartamento("STRASSE", "1") == clave_de_apartamento("straße", "1")
    assert clave_de_apartamento("Ｔｏｒｒｅ １", "１０１") == clave_de_apartamento("torre 1", "101")


def test_torre_y_apartamento_no_se_confunden_uno_con_otro() -> None:
    claves = {
        clave_de_apartamento("1", "101"),
        clave_de_apartamento("11", "01"),
        clave_de_apartamento(None, "1101"),
        clave_de_apartamento("1101", ""),
        clave_de_apartamento("1 1", "01"),
    }
    assert len(claves) == 5
    assert clave_de_apartamento(None, "1") == clave_de_apartamento("", "1")
