"""A whole complex, whose clock a test moves and whose days it lives."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from motor.motor_asyncio import AsyncIOMotorClient

import app.main
from app.core import clock
from app.core.config import Settings
from tests.api.conftest import Aplicacion, cliente_de, hecha
from tests.conftest import Reloj
from tests.wiring.complejo import REGLA, SEMESTRE, Complejo, LatidoALaMano, Vecina
from tests.wiring.escenas import Camino, ComplejoConEscenas, Escena, Puerta, escena

BASE = "pruebas_complejo"
EMPIEZA = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.fixture(scope="session")
def vistas() -> dict[Camino, Escena]:
    return {}


@pytest.fixture(scope="session")
def _hecha(servidor: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[FastAPI, Settings]:
    """One for all: its secrets are those under which what a scene left was sealed and marked."""
    return hecha(BASE, servidor, tmp_path_factory.mktemp("complejo"))


@pytest.fixture
async def complejo(
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
    _hecha: tuple[FastAPI, Settings],
    vistas: dict[Camino, Escena],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Complejo]:
    monkeypatch.setattr(app.main, "Latido", LatidoALaMano)
    monkeypatch.setattr(LatidoALaMano, "tareas", [])
    (fastapi, ajustes), base, reloj = _hecha, cliente_mongo[BASE], Reloj()
    reloj.poner(EMPIEZA)
    puerta = Puerta(fastapi, base)
    async with cliente_de(puerta) as cliente:
        # Documents are left where its start points them: nothing else does while a test of a complex runs.
        aplicacion = Aplicacion(
            app=fastapi, directa=puerta, cliente=cliente, base=base, suya=base, reloj=reloj, ajustes=ajustes
        )
        clock.usar_fuente(lambda: reloj.instante)
        yield ComplejoConEscenas(aplicacion, puerta=puerta, vistas=vistas)
        await puerta.parar()
        clock.usar_fuente(None)


@escena
async def vecina(complejo: Complejo) -> Vecina:
    """Of the only flat; with two spaces and a rule."""
    for codigo in ("P-1", "P-2"):
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": codigo, "tipo": "carro", "zona": "sótano"})
    await complejo.pedir("POST", "/sorteo/prioridades", json=REGLA)
    return await complejo.muda("101", "Ana", "1")


@escena
async def borrador(complejo: Complejo, vecina: Vecina) -> str:  # noqa: ARG001 - what there is to draw
    cierre = complejo.ahora + timedelta(days=20)
    return await complejo.borrador("El primero", SEMESTRE, cierre, max_por_tipo={"carro": 1})
