"""Entity tags and the lists of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.versions.etags import etiqueta_de, leer_etiquetas

_opacas = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters='"\x7f'), max_size=8).filter(
    lambda t: not any(0x7F <= ord(c) < 0x80 for c in t)
)
_etiquetas = st.builds(lambda debil, opaca: f'{"W/" if debil else ""}"{opaca}"', st.booleans(), _opacas)


def test_la_misma_de_los_mismos_bytes_y_otra_de_otros() -> None:
    assert etiqueta_de(b"a") == etiqueta_de(b"a") != etiqueta_de(b"b")
    assert leer_etiquetas([etiqueta_de(b"")]) is not None


@settings(derandomize=True, deadline=None)
@given(nombradas=st.lists(_etiquetas, min_size=1, max_size=6), separador=st.sampled_from([",", ", ", " ,\t", ",,"]))
def test_una_lista_nombra_cada_una(nombradas: list[str], separador: str) -> None:
    leidas = leer_etiquetas([separador.join(nombradas)])
    assert leidas is not None
    for nombrada in nombradas:
        assert leidas.debil(nombrada)
        assert leidas.fuerte(nombrada) == (not nombrada.startswith("W/"))
    assert not leidas.fuerte('"que no está"')
    assert not leidas.debil('"que no está"')
    assert leer_etiquetas(nombradas) == leidas, "en varias líneas es lo mismo"


@settings(derandomize=True, deadline=None)
@given(texto=st.text(max_size=30))
def test_lo_que_no_es_una_lista_no_se_lee_a_medias(texto: str) -> None:
    leidas = leer_etiquetas([texto])
    assert leidas is None or leidas.cualquiera or all(n in texto for _, n in leidas.nombradas)


def test_cualquiera_es_toda() -> None:
    leidas = leer_etiquetas([" * "])
    assert leidas is not None
    assert leidas.fuerte('"a"')
    assert leidas.debil('W/"a"')


@pytest.mark.parametrize(
    "mala", ["", " ", ",", "a", '"a', 'a"', '"a" "b"', '"a""b"', '*, "a"', "**", 'w/"a"', 'W/ "a"', '"a\x00"', '"a b"']
)
def test_una_mal_escrita_no_es_ninguna(mala: str) -> None:
    assert leer_etiquetas([mala]) is None


def test_una_muy_larga_no_tarda() -> None:
    assert leer_etiquetas(['"a",' * 16_000 + "x"]) is None
