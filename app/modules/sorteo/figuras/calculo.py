"""The sums behind the figures. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

U = TypeVar("U")
# As many digits of a number as a float holds exactly, so that none is rounded up to 1.
_CIFRAS = 13
_CLASES = 10
# With fewer in each class, chi-square says nothing.
_POR_CLASE = 5


@dataclass(frozen=True, slots=True)
class Orden:
    """A chi-square test: `p` is how often pure chance comes out at least as uneven as this."""

    participantes: int
    clases: int
    chi2: float
    grados: int
    p: float


def prueba_de_orden(azares: Sequence[float]) -> Orden | None:
    """Whether the numbers that gave the order are what chance gives, each against its weight: `uniforme` of each. None
    where there are too few to tell."""
    clases = min(_CLASES, len(azares) // _POR_CLASE)
    if clases < 2:
        return None
    hallados = Counter(min(clases - 1, int(azar * clases)) for azar in azares)
    esperados = len(azares) / clases
    chi2 = sum((hallados[clase] - esperados) ** 2 / esperados for clase in range(clases))
    return Orden(len(azares), clases, round(chi2, 3), clases - 1, round(_p(chi2, clases - 1), 4))


def uniforme(numero: str, boletas: int) -> float:
    """`numero`: of a participant, the smallest of its balls, 64 hex digits. The smallest of n uniform numbers is below
    x with probability 1 - (1 - x)^n, so that value is uniform again, whatever the weight."""
    return -math.expm1(boletas * math.log1p(-int(numero[:_CIFRAS], 16) / 16**_CIFRAS))


def _p(chi2: float, grados: int) -> float:
    """By the approximation of Wilson and Hilferty (1931): right to the second decimal from two degrees of freedom on,
    which is all that anybody reads of it."""
    tercio = 2 / (9 * grados)
    z = ((chi2 / grados) ** (1 / 3) - (1 - tercio)) / math.sqrt(tercio)
    return math.erfc(z / math.sqrt(2)) / 2


def mediana(valores: Sequence[float]) -> float | None:
    if not valores:
        return None
    ordenados, medio = sorted(valores), len(valores) // 2
    return ordenados[medio] if len(valores) % 2 else (ordenados[medio - 1] + ordenados[medio]) / 2


def rachas(sorteos: Iterable[Mapping[U, bool]]) -> dict[U, int]:
    """How often each lost in a row, up to its last draw. `sorteos`: in their order, who took part and whether they got
    something. Being absent does not break a row."""
    seguidas: dict[U, int] = {}
    for resultado in sorteos:
        for quien, recibio in resultado.items():
            seguidas[quien] = 0 if recibio else seguidas.get(quien, 0) + 1
    return {quien: veces for quien, veces in seguidas.items() if veces}
