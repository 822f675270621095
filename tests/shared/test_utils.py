import re
import unicodedata

import pytest

from app.shared.utils import (
    ALREDEDOR,
    IMPRIMIBLE,
    LINEA,
    PARRAFO,
    Alfabeto,
    clave_de_apartamento,
    normalizar_placa,
    sin_espacios_de_mas,
)


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


def _es_oculto(c: str) -> bool:
    return unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}


def _no_dice_la_figura(c: str) -> bool:
    """Private use, or no character for ever."""
    return unicodedata.category(c) == "Co" or ord(c) & 0xFFFE == 0xFFFE or "\ufdd0" <= c <= "\ufdef"


def test_no_se_escribe_nada_que_no_se_vea() -> None:
    todos = [chr(punto) for punto in range(0x110000) if not 0xD800 <= punto < 0xE000]
    for alfabeto, admite in ((LINEA, ""), (PARRAFO, "\n\t"), (IMPRIMIBLE, "")):
        assert [c for c in todos if _es_oculto(c) and c not in admite and alfabeto.escribe(c)] == []
    # Of what Unicode has given out and is no mark, some letters of other scripts that nobody sees, alone.
    negados = {c for c in todos if unicodedata.category(c)[0] in "LNPSZ" and not LINEA.escribe(c)}
    assert negados == set("\u115f\u1160\u2028\u2029\u2800\u3164\uffa0")
    assert [c for c in todos if _no_dice_la_figura(c) and (LINEA.escribe(c) or PARRAFO.escribe(c))] == []
    assert {c for c in todos if LINEA.escribe(c) and not PARRAFO.escribe(c)} == set()
    assert {c for c in "\n\t\ufe0f\U000e0100" if not PARRAFO.escribe(c) or LINEA.escribe(c)} == set()


@pytest.mark.parametrize("alfabeto", [LINEA, PARRAFO, IMPRIMIBLE, LINEA.sin("|")])
@pytest.mark.parametrize("vacio", [True, False])
def test_el_patron_de_un_alfabeto_es_el_de_sus_textos_antes_de_recortarlos(alfabeto: Alfabeto, vacio: bool) -> None:
    patron = re.compile(alfabeto.patron(vacio=vacio))
    cercanos = (chr(punto) for punto in range(0xFFFE) if not 0xD800 <= punto < 0xE000)
    # The document leaves them unsaid.
    for c in (c for c in cercanos if not _no_dice_la_figura(c)):
        for texto in (c, f"a{c}b", f"{c}a", f"a{c}", f" {c} "):
            limpio = texto.strip(ALREDEDOR)
            assert (patron.search(texto) is not None) == (alfabeto.escribe(limpio) and (vacio or limpio != "")), ascii(
                texto
            )
    # No page that a form is made of compiles a class of what lies beyond in one way alone.
    assert not re.search(r"[\U00010000-\U0010ffff]", patron.pattern)
    assert not [c for c in patron.pattern if _es_oculto(c)]


def test_un_texto_enorme_se_juzga_de_una_pasada() -> None:
    patron = re.compile(PARRAFO.patron(vacio=False))
    for texto in ("a " * 100_000, " " * 200_000, "a" + " " * 200_000, "\U0001f697 " * 100_000, "!" * 100_000):
        assert patron.search(f"{texto}\u200b") is None
