from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.core import clock
from tests.conftest import Reloj


def test_ahora_va_en_milisegundos_enteros(reloj: Reloj) -> None:
    reloj.poner(datetime(2026, 1, 1, 0, 0, 0, 123_999, tzinfo=UTC))
    assert clock.ahora() == datetime(2026, 1, 1, 0, 0, 0, 123_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zona", "dia"),
    [("America/Bogota", date(2025, 12, 31)), ("UTC", date(2026, 1, 1)), ("Asia/Tokyo", date(2026, 1, 1))],
)
def test_hoy_es_el_dia_de_la_zona(zona: str, dia: date, reloj: Reloj) -> None:
    reloj.poner(datetime(2026, 1, 1, 4, 59, 59, tzinfo=UTC))
    assert clock.hoy(ZoneInfo(zona)) == dia


def test_sin_fuente_vuelve_el_reloj_del_sistema(reloj: Reloj) -> None:
    clock.usar_fuente(None)
    antes = datetime.now(UTC)
    assert clock.ahora() >= antes.replace(microsecond=antes.microsecond // 1000 * 1000)
    assert clock.ahora().tzinfo is UTC
    assert reloj.instante < antes
