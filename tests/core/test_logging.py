"""What is expected of an outage is one line a kind and minute; everything else is told whole."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from app.core import logging as registro
from app.core.logging import Consola


class Caida(Exception):
    pass


@pytest.fixture
def consola() -> Iterator[tuple[logging.Logger, StringIO]]:
    salida = StringIO()
    consola = Consola(lambda error: isinstance(error, Caida))
    consola.setStream(salida)
    consola.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    log = logging.Logger("una prueba")
    log.addHandler(consola)
    yield log, salida
    consola.close()


def _cae(log: logging.Logger, veces: int, error: Exception) -> None:
    for n in range(veces):
        try:
            raise error
        except Exception:
            log.exception("no se pudo %s", n)


def test_de_una_caida_queda_una_linea_sin_su_traza(consola: tuple[logging.Logger, StringIO]) -> None:
    log, salida = consola
    _cae(log, 50, Caida())
    assert salida.getvalue() == "WARNING no se pudo 0: Caida\n"


def test_pasado_un_minuto_dice_cuantas_fueron(
    consola: tuple[logging.Logger, StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    log, salida = consola
    _cae(log, 50, Caida())
    monkeypatch.setattr(registro, "_CADA_SEGUNDOS", 0.0)
    _cae(log, 1, Caida())
    assert salida.getvalue().splitlines()[1:] == ["WARNING no se pudo 0: Caida (y 49 más desde la última línea)"]


def test_cada_cosa_que_se_hacia_tiene_la_suya(consola: tuple[logging.Logger, StringIO]) -> None:
    log, salida = consola
    _cae(log, 2, Caida())
    log.warning("otra cosa", exc_info=Caida())
    assert len(salida.getvalue().splitlines()) == 2


def test_lo_que_viene_de_una_caida_tambien_lo_es(consola: tuple[logging.Logger, StringIO]) -> None:
    log, salida = consola
    error = RuntimeError("se cortó la respuesta")
    error.__cause__ = Caida()
    _cae(log, 3, error)
    assert salida.getvalue() == "WARNING no se pudo 0: Caida\n"


def test_lo_que_nadie_esperaba_se_cuenta_entero_cada_vez(consola: tuple[logging.Logger, StringIO]) -> None:
    log, salida = consola
    _cae(log, 2, ValueError("mal"))
    assert salida.getvalue().count("ValueError: mal") == 2
    assert salida.getvalue().count("Traceback") == 2
