"""How long the next write of a call has, by what the call took before."""

import time

import pymongo
import pytest

from app.database.deadlines import (
    DE_MENOS,
    DE_SOLTAR,
    DE_UNA_LLAMADA,
    DE_UNA_OPERACION,
    aparte,
    en_una_llamada,
    para_una,
)


@pytest.fixture
def hora(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    hora = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: hora[0])
    return hora


def test_lo_que_no_es_de_una_llamada_tiene_lo_de_una_operacion() -> None:
    assert para_una() == DE_UNA_OPERACION


@pytest.mark.parametrize(
    ("pasados", "queda"),
    [(0.0, DE_UNA_OPERACION), (2.0, DE_UNA_LLAMADA - 2.0), (4.0, DE_MENOS), (60.0, DE_MENOS)],
)
def test_lo_que_la_llamada_espero_se_descuenta(pasados: float, queda: float, hora: list[float]) -> None:
    with en_una_llamada():
        hora[0] += pasados
        assert para_una() == pytest.approx(queda)
    assert para_una() == DE_UNA_OPERACION


def test_con_lo_que_queda_se_responde_en_seis_segundos() -> None:
    """The slowest waits until there is least left, waits for that too, and lets go of two things."""
    assert max(DE_UNA_LLAMADA, DE_UNA_OPERACION) + 2 * DE_SOLTAR <= 6.0


async def test_lo_que_se_suelta_no_hereda_el_plazo_vencido() -> None:
    async def soltar() -> float | None:
        return pymongo._csot.remaining()

    with pymongo.timeout(0.001):
        assert (await aparte(soltar) or 0) > 0.1
