"""How long the next command of a call has, by what those before it waited."""

import asyncio
from types import SimpleNamespace
from typing import Any, Protocol

import pymongo
import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import AutoReconnect, DuplicateKeyError, OperationFailure

from app.database import deadlines
from app.database.collections import BaseDeDatos
from app.database.deadlines import (
    DE_MENOS,
    DE_SOLTAR,
    DE_UNA_OPERACION,
    TARDE,
    aparte,
    en_una_llamada,
    esperando,
    para_una,
    una_orden,
)
from app.shared.exceptions import ResultadoDesconocido
from app.shared.reading import en_un_hilo


@pytest.fixture(autouse=True)
def _plazo_de_verdad(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of faults, in the same process, live with another."""
    monkeypatch.setattr(deadlines, "DE_UNA_OPERACION", DE_UNA_OPERACION)


class Orden(Protocol):
    def __call__(self, segundos: float, error: Exception | None = None) -> None:
        """A command that takes so long, and fails with `error`."""


@pytest.fixture
def hora(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    hora = [100.0]
    monkeypatch.setattr(deadlines, "time", SimpleNamespace(monotonic=lambda: hora[0]))
    return hora


@pytest.fixture
def orden(hora: list[float]) -> Orden:
    def orden(segundos: float, error: Exception | None = None) -> None:
        with una_orden():
            hora[0] += segundos
            if error is not None:
                raise error

    return orden


def test_lo_que_no_es_de_una_llamada_no_cuenta(orden: Orden) -> None:
    orden(3.0)
    assert para_una() == DE_UNA_OPERACION


def test_desde_la_primera_que_tarda_corre_el_plazo_de_la_llamada(orden: Orden) -> None:
    """Also through commands that are answered at once: these, and what the call waits between, are of its time."""
    with en_una_llamada():
        assert para_una() == DE_UNA_OPERACION
        orden(1.1)
        assert para_una() == DE_UNA_OPERACION
        orden(1.5)
        orden(0.01)
        assert para_una() == pytest.approx(DE_UNA_OPERACION - 1.51)
        orden(2.0)
        assert para_una() == DE_MENOS
    assert para_una() == DE_UNA_OPERACION


def test_esperar_por_otros_es_del_plazo(orden: Orden) -> None:
    with en_una_llamada():
        inicio = 100.0
        orden(0.5)
        esperando(inicio)
        assert para_una() == DE_UNA_OPERACION
        orden(0.9)
        esperando(inicio)
        assert para_una() == pytest.approx(DE_UNA_OPERACION - 1.4)
    esperando(inicio)
    assert para_una() == DE_UNA_OPERACION


@pytest.mark.parametrize("error", [AutoReconnect(), ResultadoDesconocido()])
def test_una_caida_que_se_dice_al_instante_tambien_lo_empieza(orden: Orden, error: Exception) -> None:
    with en_una_llamada():
        with pytest.raises(type(error)):
            orden(0.01, error)
        orden(0.5)
        assert para_una() == pytest.approx(DE_UNA_OPERACION - 0.51)


@pytest.mark.parametrize("error", [OperationFailure("WriteConflict", 112), DuplicateKeyError("E11000", 11000)])
def test_un_choque_no_es_una_caida(orden: Orden, error: Exception) -> None:
    with en_una_llamada():
        with pytest.raises(type(error)):
            orden(0.5, error)
        orden(0.5)
        assert para_una() == DE_UNA_OPERACION


def test_la_llamada_que_sigue_viva_tiene_una_base_que_responde(orden: Orden) -> None:
    """A step may take many commands, and a slow machine is no outage."""
    with en_una_llamada():
        for _ in range(5):
            orden(1.3)
        assert para_una() == DE_UNA_OPERACION
        orden(1.3)
        assert para_una() == DE_UNA_OPERACION


def test_se_responde_en_seis_segundos() -> None:
    """The slowest: one command is not quite late, or quite late, the next does not come back, and four things are let
    go of: of a step its transaction, its turn and what failed with it, and the key of its call."""
    assert max(TARDE, DE_MENOS) + DE_UNA_OPERACION + 4 * DE_SOLTAR <= 5.5


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
    """Reads that are given to the driver below the collection start the clock too, and have what is left."""
    base = BaseDeDatos(cliente_mongo, "pruebas_plazos")
    for de in (base, base["filas"]):
        with en_una_llamada():
            await en_un_hilo(de, lambda *_: hora.insert(0, hora[0] + TARDE + 0.1))
            assert para_una() < DE_UNA_OPERACION
