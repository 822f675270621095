"""The sums behind the figures."""

import hashlib
import random

import pytest

from app.modules.sorteo.figuras.calculo import mediana, prueba_de_orden, rachas, uniforme


def _numero(semilla: object, boletas: int) -> str:
    return min(hashlib.sha256(f"{semilla}:{n}".encode()).hexdigest() for n in range(boletas))


class TestOrden:
    def test_chance_is_told_from_a_hand_whatever_the_weights(self) -> None:
        azar = random.Random(7)  # noqa: S311 - the same each time
        pesos = [azar.choice((1, 1, 2, 5, 40)) for _ in range(2000)]
        limpio = prueba_de_orden([uniforme(_numero(n, peso), peso) for n, peso in enumerate(pesos)])
        assert limpio is not None
        assert limpio.grados == 9
        assert limpio.p > 0.01
        # As if the balls had not counted.
        sin_pesar = prueba_de_orden([uniforme(_numero(n, 1), peso) for n, peso in enumerate(pesos)])
        assert sin_pesar is not None
        assert sin_pesar.p < 0.0001

    def test_the_values_of_a_table(self) -> None:
        """9 degrees: 16.919 is at 0.05. Two classes of 5: one degree, where all in one of them is chi-square 10."""
        azares = [uniforme(f"{n:064x}", 1) for n in range(10)]
        orden = prueba_de_orden(azares)
        assert orden is not None
        assert (orden.clases, orden.chi2, orden.grados) == (2, 10.0, 1)
        assert orden.p == pytest.approx(0.0016, abs=0.001)

    @pytest.mark.parametrize("cuantos", [0, 1, 9])
    def test_too_few(self, cuantos: int) -> None:
        assert prueba_de_orden([uniforme("f" * 64, 1)] * cuantos) is None

    def test_the_largest_number_and_weight(self) -> None:
        assert prueba_de_orden([uniforme("f" * 64, 100)] * 10) is not None
        assert prueba_de_orden([uniforme("0" * 64, 100)] * 10) is not None


class TestRachas:
    def test_absence_does_not_break_a_row_and_winning_does(self) -> None:
        sorteos = [{"a": False, "b": False, "c": True}, {"a": False}, {"a": False, "b": True, "c": False}]
        assert rachas(sorteos) == {"a": 3, "c": 1}

    def test_none(self) -> None:
        assert rachas([]) == {}


@pytest.mark.parametrize(("valores", "media"), [([], None), ([3.0], 3.0), ([5.0, 1.0, 3.0], 3.0), ([4.0, 1.0], 2.5)])
def test_mediana(valores: list[float], media: float | None) -> None:
    assert mediana(valores) == media
