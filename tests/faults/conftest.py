"""The whole application on a server that fails when it is told to (`failCommand`), and answers it at once again."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import httpx
import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from app.core import clock
from app.database import deadlines, mongodb
from app.database.deadlines import DE_MENOS, DE_SOLTAR
from app.database.embedded import EmbeddedMongo
from tests.api.conftest import Aplicacion, aplicacion_en
from tests.api.mundo import CLAVE, CORREO_ADMIN, V1

PACIENCIA = 3.0
"""Seconds that a command may take here."""


@dataclass(frozen=True)
class Fallas:
    """The commands of the application, made to fail. `base` is reached by another client, which fails at nothing."""

    app: Aplicacion
    cabeceras: dict[str, str]
    servidor: int
    """The process of the server."""

    @property
    def cliente(self) -> httpx.AsyncClient:
        return self.app.cliente

    @property
    def base(self) -> Any:
        return self.app.base

    @property
    def _nombre(self) -> str:
        nombre: str = self.app.suya.client.delegate.options.pool_options.appname
        return nombre

    @asynccontextmanager
    async def en(self, ordenes: Sequence[str], falla: dict[str, Any], veces: int | None = None) -> AsyncIterator[None]:
        """While it lasts, these commands fail: so many times, or always."""
        modo: Any = "alwaysOn" if veces is None else {"times": veces}
        datos = {"failCommands": list(ordenes), "appName": self._nombre, **falla}
        await self._armar(modo, datos)
        try:
            yield
        finally:
            await self._armar("off", {})

    @contextmanager
    def pausado(self) -> Iterator[None]:
        """The server takes connections and says nothing."""
        os.kill(self.servidor, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.servidor, signal.SIGCONT)

    async def vuelve(self) -> None:
        """Until it answers again."""
        listo = False
        while not listo:
            await asyncio.sleep(0.1)
            listo = (await self.cliente.get("/health/ready")).status_code == 200

    async def _armar(self, modo: Any, datos: dict[str, Any]) -> None:
        await self.base.client.admin.command({"configureFailPoint": "failCommand", "mode": modo, "data": datos})


@pytest.fixture(scope="session")
def servidor_que_falla() -> Iterator[EmbeddedMongo]:
    with (
        tempfile.TemporaryDirectory(prefix="parknet-") as carpeta,
        EmbeddedMongo(Path(carpeta), parameters=["enableTestCommands=1"]) as mongo,
    ):
        yield mongo


@pytest.fixture(scope="session")
async def _fallas(servidor_que_falla: EmbeddedMongo, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fallas]:
    uri = servidor_que_falla.uri
    propio: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, tz_aware=True, tzinfo=UTC)
    datos = tmp_path_factory.mktemp("fallas")
    with pytest.MonkeyPatch.context() as parche:
        parche.setitem(mongodb.OPCIONES, "timeoutMS", int(PACIENCIA * 1000))
        # A server that said that it is no primary is looked at again so soon.
        parche.setitem(mongodb.OPCIONES, "heartbeatFrequencyMS", 500)
        parche.setitem(mongodb.OPCIONES, "connectTimeoutMS", 2_000)
        for plazo, segundos in (("DE_UNA_OPERACION", PACIENCIA), ("DE_MENOS", DE_MENOS), ("DE_SOLTAR", DE_SOLTAR)):
            parche.setattr(deadlines, plazo, segundos)
        async with aplicacion_en("fallas", uri, propio, datos, cuotas=1000) as app:
            credenciales = {"username": CORREO_ADMIN, "password": CLAVE}
            entrada = (await app.cliente.post(f"{V1}/auth/login", data=credenciales)).json()
            yield Fallas(app, {"Authorization": f"Bearer {entrada['access_token']}"}, servidor_que_falla.pid)
    propio.close()


@pytest.fixture
async def fallas(_fallas: Fallas) -> Fallas:
    clock.usar_fuente(None)
    _fallas.app.base_propia()
    return _fallas
