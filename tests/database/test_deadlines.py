"""How long the next command of a call has, by what those before it waited."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pymongo
import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from app.database import deadlines
from app.database.collections import BaseDeDatos
from app.database.deadlines import (
    DE_MENOS,
    DE_SOLTAR,
    DE_UNA_LLAMADA,
    DE_UNA_OPERACION,
    aparte,
    en_una_llamada,
    para_una,
    una_orden,
)
from app.shared.reading import en_un_hilo


@pytest.fixture(autouse=True)
def _plazo_de_verdad(monkeypatch: pytest.MonkeyPatch) -> None:
    """All other tests live with others."""
    for plazo, segundos in (("DE_UNA_OPERACION", DE_UNA_OPERACION), ("DE_MENOS", DE_MENOS), ("DE_SOLTAR", DE_SOLTAR)):
        monkeypatch.setattr(deadlines, plazo, segundos)


@pytest.fixture
def hora(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    hora = [100.0]
    monkeypatch.setattr(deadlines, "time", SimpleNamespace(monotonic=lambda: hora[0]))
    return hora


def test_lo_que_no_es_de_una_llamada_no_cuenta(hora: list[float]) -> None:
    hora[0] += 3.0
    assert para_una() == DE_UNA_OPERACION


@pytest.mark.parametrize(
    ("van", "queda"),
    [(0.0, DE_UNA_OPERACION), (1.7, DE_UNA_OPERACION), (2.8, 2.0), (3.9, DE_MENOS), (5.9, DE_MENOS)],
)
def test_tiene_lo_que_queda_de_la_llamada(van: float, queda: float, hora: list[float]) -> None:
    """Whatever went before: many commands that were not late, or a wait for what somebody else did."""
    with en_una_llamada():
        hora[0] += van
        assert para_una() == pytest.approx(queda)
    assert para_una() == DE_UNA_OPERACION


def test_la_llamada_que_sigue_viva_tiene_una_base_que_responde(hora: list[float]) -> None:
    """A step may take many commands, and a slow machine is no outage."""
    with en_una_llamada():
        hora[0] += DE_UNA_LLAMADA + 0.1
        assert para_una() == DE_UNA_OPERACION


@pytest.mark.parametrize("van", [n / 10 for n in range(37)])
def test_se_responde_en_seis_segundos(van: float, hora: list[float]) -> None:
    """Whenever in the first of them the database goes away: the command in course does not come back, and of a step
    its transaction, its turn, what failed with it, and the key of its call are let go of."""
    with en_una_llamada():
        hora[0] += van
        assert van + para_una() + 4 * DE_SOLTAR <= DE_UNA_LLAMADA + 1e-9


async def test_el_plazo_es_el_del_controlador() -> None:
    with en_una_llamada(), una_orden():
        assert (pymongo._csot.remaining() or 0) == pytest.approx(DE_UNA_OPERACION, abs=0.1)


async def test_lo_que_se_suelta_no_hereda_el_plazo_vencido() -> None:
    async def soltar() -> float | None:
        await asyncio.sleep(0)
        return pymongo._csot.remaining()

    with pymongo.timeout(0.001):
        assert (await aparte(soltar) or 0) > 0.1


async def test_lo_que_se_lee_de_un_salto_tambien_es_una_orden(
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]", hora: list[float]
) -> None:
    """Reads that are given to the driver below the collection have what is left of their call, too."""
    base = BaseDeDatos(cliente_mongo, "pruebas_plazos")
    for de in (base, base["filas"]):
        with en_una_llamada():
            hora[0] += 3.9
            tenia = await en_un_hilo(de, lambda *_: pymongo._csot.remaining())
            assert (tenia or 0) == pytest.approx(DE_MENOS, abs=0.1)
