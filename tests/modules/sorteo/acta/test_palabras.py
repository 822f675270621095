"""The words of minutes: both languages say the same, and every rule has words."""

from typing import get_args

import pytest

from app.modules.sorteo.acta.palabras import PALABRAS
from app.modules.sorteo.prioridades.models import CAMPOS_NUMERICOS, Campo
from app.shared.messages import IDIOMAS, Idioma, huecos


def test_both_languages_have_the_same_keys_and_gaps() -> None:
    def aplanado(idioma: Idioma) -> dict[str, set[str]]:
        textos = dict(PALABRAS[idioma])
        for tabla in ("prueba", "cambio", "por_unidad", "condicion"):
            textos |= {f"{tabla}.{clave}": texto for clave, texto in textos.pop(tabla).items()}
        return {clave: huecos(texto) for clave, texto in textos.items()}

    assert aplanado("es") == aplanado("en")


@pytest.mark.parametrize("idioma", IDIOMAS)
def test_every_condition_that_a_rule_may_have_has_words(idioma: Idioma) -> None:
    for campo in get_args(Campo):
        operadores = ["igual", "distinto"]
        if campo in CAMPOS_NUMERICOS:
            operadores += ["mayor_igual", "menor_igual"]
            assert campo in PALABRAS[idioma]["por_unidad"]
        for operador in operadores:
            assert "{valor}" in PALABRAS[idioma]["condicion"][f"{campo}_{operador}"]
