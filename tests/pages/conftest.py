"""The whole application with a small world in it, on a port of loopback, and a Chromium that looks at it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from motor.motor_asyncio import AsyncIOMotorClient
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from app.core import clock
from tests.api.conftest import Aplicacion, aplicacion_en
from tests.api.mundo import Mundo, construir
from tests.sistema import programa

_PACIENCIA = 120_000
"""Milliseconds for which a page is waited for: no test is about how soon a busy machine gets to it."""


# Of a module: some move the clock of their world, and open more draws in it.
@pytest.fixture(scope="module")
async def aplicacion(
    servidor: str,
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Aplicacion]:
    datos = tmp_path_factory.mktemp("datos")
    async with aplicacion_en("pruebas_paginas", servidor, cliente_mongo, datos) as abierta:
        yield abierta
    await cliente_mongo.drop_database("pruebas_paginas")


@pytest.fixture(scope="module")
async def _mundo(aplicacion: Aplicacion) -> Mundo:
    clock.usar_fuente(lambda: aplicacion.reloj.instante)
    return await construir(aplicacion.cliente, aplicacion.reloj)


@pytest.fixture
def _la_hora_del_mundo(aplicacion: Aplicacion) -> Iterator[None]:
    clock.usar_fuente(lambda: aplicacion.reloj.instante)
    yield
    clock.usar_fuente(None)


@pytest.fixture
async def mundo(aplicacion: Aplicacion, _mundo: Mundo, _la_hora_del_mundo: None) -> Mundo:
    aplicacion.base_propia()
    return _mundo


@pytest.fixture(scope="module")
async def origen(aplicacion: Aplicacion) -> AsyncIterator[str]:
    configuracion = uvicorn.Config(aplicacion.directa, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    uvicornio = uvicorn.Server(configuracion)
    sirviendo = asyncio.create_task(uvicornio.serve())
    while not uvicornio.started:
        assert not sirviendo.done(), sirviendo
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{uvicornio.servers[0].sockets[0].getsockname()[1]}"
    uvicornio.should_exit = True
    await sirviendo


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    expect.set_options(timeout=_PACIENCIA)
    async with async_playwright() as playwright:
        navegador = await playwright.chromium.launch(
            executable_path=programa("chromium", "chromium-browser"), args=["--no-sandbox"]
        )
        yield navegador
        await navegador.close()


@pytest.fixture
async def ventana(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """As on a phone, in Spanish."""
    contexto = await chromium.new_context(
        viewport={"width": 375, "height": 740}, locale="es-CO", accept_downloads=True, permissions=[]
    )
    contexto.set_default_timeout(_PACIENCIA)
    yield contexto
    await contexto.close()


@pytest.fixture
async def pagina(ventana: BrowserContext) -> AsyncIterator[Page]:
    """A page on which no script fails, and the policy forbids nothing that is tried."""
    quejas: list[str] = []
    pagina = await ventana.new_page()
    pagina.on("pageerror", lambda error: quejas.append(str(error)))
    pagina.on("console", lambda mensaje: quejas.append(mensaje.text) if "Content Security" in mensaje.text else None)
    yield pagina
    assert quejas == []


@pytest.fixture
def descargas(tmp_path: Path) -> Path:
    return tmp_path
