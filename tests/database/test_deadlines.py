"""How long the next command of a call has, by what those before it waited."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace

import pymongo
import pytest

from app.database import deadlines
from app.database.deadlines import (
    DE_MENOS,
    DE_SOLTAR,
    DE_UNA_OPERACION,
    aparte,
    en_una_llamada,
    para_una,
    una_orden,
)


@pytest.fixture(autouse=True)
def _plazo_de_verdad(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of faults, in the same process, live with another."""
    monkeypatch.setattr(deadlines, "DE_UNA_OPERACION", DE_UNA_OPERACION)


@pytest.fixture
def orden(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A command that takes so long."""
    hora = [100.0]
    monkeypatch.setattr(deadlines, "time", SimpleNamespace(monotonic=lambda: hora[0]))

    def orden(segundos: float) -> None:
        with una_orden():
            hora[0] += segundos

    return orden


def test_lo_que_no_es_de_una_llamada_no_cuenta(orden: Callable[[float], None]) -> None:
    orden(3.0)
    assert para_una() == DE_UNA_OPERACION


def test_lo_que_esperaron_las_de_antes_se_descuenta(orden: Callable[[float], None]) -> None:
    with en_una_llamada():
        assert para_una() == DE_UNA_OPERACION
        orden(1.0)
        orden(1.5)
        assert para_una() == pytest.approx(DE_UNA_OPERACION - 2.5)
        orden(1.4)
        assert para_una() == DE_MENOS
    assert para_una() == DE_UNA_OPERACION


def test_la_que_se_responde_al_instante_dice_que_la_base_esta(orden: Callable[[float], None]) -> None:
    """A step may take many, and a slow machine is no outage."""
    with en_una_llamada():
        orden(3.0)
        orden(0.01)
        assert para_una() == DE_UNA_OPERACION


def test_se_responde_en_seis_segundos() -> None:
    """The slowest: one command comes back late, the next not at all, and two things are let go of."""
    assert DE_UNA_OPERACION + DE_MENOS + 2 * DE_SOLTAR <= 6.0


async def test_el_plazo_es_el_del_controlador() -> None:
    with en_una_llamada(), una_orden():
        assert (pymongo._csot.remaining() or 0) == pytest.approx(DE_UNA_OPERACION, abs=0.1)


async def test_lo_que_se_suelta_no_hereda_el_plazo_vencido() -> None:
    async def soltar() -> float | None:
        await asyncio.sleep(0)
        return pymongo._csot.remaining()

    with pymongo.timeout(0.001):
        assert (await aparte(soltar) or 0) > 0.1
