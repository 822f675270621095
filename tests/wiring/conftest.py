"""A whole complex, whose clock a test moves and whose days it lives."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

import app.main
from app.core import clock
from tests.api.conftest import Aplicacion, aplicacion_en
from tests.bases import vaciar_entera
from tests.wiring.complejo import REGLA, SEMESTRE, Complejo, LatidoALaMano, Vecina

EMPIEZA = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.fixture
async def complejo(
    servidor: str,
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Complejo]:
    monkeypatch.setattr(app.main, "Latido", LatidoALaMano)
    monkeypatch.setattr(LatidoALaMano, "tareas", [])
    datos = tmp_path_factory.mktemp("complejo")
    async with aplicacion_en("pruebas_complejo", servidor, cliente_mongo, datos) as aplicacion:
        aplicacion.reloj.poner(EMPIEZA)
        with _a_su_hora(aplicacion):
            yield Complejo(aplicacion)
    await vaciar_entera(cliente_mongo["pruebas_complejo"])


@pytest.fixture
async def vecina(complejo: Complejo) -> Vecina:
    """Of the only flat; with two spaces and a rule."""
    for codigo in ("P-1", "P-2"):
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": codigo, "tipo": "carro", "zona": "sótano"})
    await complejo.pedir("POST", "/sorteo/prioridades", json=REGLA)
    return await complejo.muda("101", "Ana", "1")


@pytest.fixture
async def borrador(complejo: Complejo, vecina: Vecina) -> str:  # noqa: ARG001 - what there is to draw
    cierre = complejo.ahora + timedelta(days=20)
    return await complejo.borrador("El primero", SEMESTRE, cierre, max_por_tipo={"carro": 1})


class _a_su_hora:
    def __init__(self, aplicacion: Aplicacion) -> None:
        self._aplicacion = aplicacion

    def __enter__(self) -> None:
        clock.usar_fuente(lambda: self._aplicacion.reloj.instante)

    def __exit__(self, *_: object) -> None:
        clock.usar_fuente(None)
