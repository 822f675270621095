"""The urn is fair: chances are proportional to balls, equal people have equal chances.

Pearson's chi-square test over fixed seeds. Critical values at significance 0.001: NIST/SEMATECH e-Handbook of
Statistical Methods, section 1.3.6.7.4, upper-tail critical values of the chi-square distribution.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

import pytest

from app.modules.sorteo.motor import Bases, Participante, sha256_hex, sortear

CRITICO = {1: 10.828, 2: 13.816, 5: 20.515, 7: 24.322}  # by degrees of freedom
VECES = 3000
SEMILLAS = [sha256_hex(f"equidad {n}") for n in range(VECES)]


def ordenes(boletas: Sequence[int], niveles: Sequence[int] | None = None) -> Counter[tuple[str, ...]]:
    """How often each order comes out, for participants 0, 1, ... with so many balls."""
    participantes = tuple(
        Participante(str(n), nivel, cuantas, ("carro",), (), ())
        for n, (cuantas, nivel) in enumerate(zip(boletas, niveles or [5] * len(boletas), strict=True))
    )
    bases = Bases("s", "0" * 64, "f", True, (), participantes)
    return Counter(tuple(puesto.id for puesto in sortear(bases, semilla)) for semilla in SEMILLAS)


def primeros(boletas: Sequence[int]) -> Counter[str]:
    cuenta: Counter[str] = Counter()
    for orden, veces in ordenes(boletas).items():
        cuenta[orden[0]] += veces
    return cuenta


def chi_cuadrado(observado: Counter[Any], probabilidad: Mapping[Any, float]) -> float:
    return sum((observado[caso] - VECES * p) ** 2 / (VECES * p) for caso, p in probabilidad.items())


@pytest.mark.parametrize("w", [1, 2, 3, 10, 100])
def test_w_boletas_contra_una(w: int) -> None:
    assert chi_cuadrado(primeros([w, 1]), {"0": w / (w + 1), "1": 1 / (w + 1)}) < CRITICO[1]


def test_varios_con_distintas_boletas() -> None:
    assert chi_cuadrado(primeros([5, 1, 2]), {"0": 5 / 8, "1": 1 / 8, "2": 2 / 8}) < CRITICO[2]


def test_iguales_tienen_igual_suerte() -> None:
    assert chi_cuadrado(primeros([1] * 8), dict.fromkeys("01234567", 1 / 8)) < CRITICO[7]


def test_todos_los_ordenes_son_igual_de_probables() -> None:
    assert chi_cuadrado(ordenes([2, 2, 2]), dict.fromkeys(permutations("012"), 1 / 6)) < CRITICO[5]


def test_el_orden_completo_sale_como_de_una_urna() -> None:
    """After the first ball, the rest is again an urn: P(a, b, c) = a / (a + b + c) * b / (b + c)."""
    w = {"0": 1, "1": 2, "2": 3}
    urna = {(a, b, c): w[a] / 6 * w[b] / (w[b] + w[c]) for a, b, c in permutations("012")}
    assert chi_cuadrado(ordenes([1, 2, 3]), urna) < CRITICO[5]


def test_ninguna_cantidad_de_boletas_pasa_por_encima_del_nivel() -> None:
    assert ordenes([100, 1], niveles=[6, 5]).keys() == {("1", "0")}


def test_la_prueba_distingue() -> None:
    """A tenth more chance than is due would be noticed: the sample is large enough for the test to fail."""
    assert chi_cuadrado(primeros([1, 1]), {"0": 0.55, "1": 0.45}) > CRITICO[1]
