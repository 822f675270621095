"""The words of minutes: both languages say the same, and every rule has words."""

from datetime import UTC
from typing import get_args

import pytest

from app.modules.sorteo.acta.palabras import PALABRAS, Palabras
from app.modules.sorteo.prioridades.models import CAMPOS_NUMERICOS, Campo, Condicion, Efecto, Regla
from app.shared.messages import IDIOMAS, Idioma, huecos


def test_both_languages_have_the_same_keys_and_gaps() -> None:
    def aplanado(idioma: Idioma) -> dict[str, set[str]]:
        textos = dict(PALABRAS[idioma])
        for tabla in ("prueba", "cambio", "valor", "por_unidad", "condicion"):
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
            assert huecos(PALABRAS[idioma]["condicion"][f"{campo}_{operador}"]) == {"valor"}


@pytest.mark.parametrize(
    ("idioma", "dicho"),
    [
        ("es", "si quien pide vive allí desde hace 1 mes o más y quien pide es arrendatario, recibe 1 boleta más."),
        ("en", "if who asks has lived there for 1 month or more and who asks is a tenant, it gets 1 more ball."),
    ],
)
def test_a_rule_in_the_words_of_its_language(idioma: Idioma, dicho: str) -> None:
    condiciones = (
        Condicion(campo="antiguedad_meses", operador="mayor_igual", valor=1),
        Condicion(campo="tenencia", operador="igual", valor="arrendatario"),
    )
    regla = Regla(codigo="a", descripcion="A.", condiciones=condiciones, efecto=Efecto(boletas=1))
    assert Palabras(idioma, UTC, {}).regla(regla) == f"A: {dicho}"
