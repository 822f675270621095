"""A server of the whole application on loopback, and the programs that are run against it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import SecretStr

from app.core import clock
from app.core.config import Settings
from app.main import create_app
from scripts import clientes

CORREO, CLAVE = "admin@example.com", "una clave de admin, larga"
BASE = "pruebas_clientes"
ADELANTO = timedelta(minutes=6)
"""More than what the programs wait for the public number, and less than an access token lasts."""
_PACIENCIA = 600
"""Seconds that a connection stays open for whoever says nothing: on a busy machine a program thinks for longer than the
five of uvicorn, and would ask on a connection that is just being closed."""


@pytest.fixture(autouse=True)
def desfase() -> Iterator[list[timedelta]]:
    """How far the server's clock is ahead of the real one: the sum of what is in it."""
    adelantos: list[timedelta] = []
    clock.usar_fuente(lambda: datetime.now(UTC) + sum(adelantos, timedelta()))
    yield adelantos
    clock.usar_fuente(None)


@pytest.fixture
async def origen(
    servidor: str, cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]", tmp_path: Path
) -> AsyncIterator[str]:
    """The address of a server of the whole application, on an empty database."""
    await cliente_mongo.drop_database(BASE)
    ajustes = Settings(
        _env_file=None,
        data_dir=tmp_path,
        mongodb_uri=SecretStr(servidor),
        mongodb_db=BASE,
        bcrypt_cost=4,
        admin_email=CORREO,
        admin_password=SecretStr(CLAVE),
        latido_segundos=0.2,
        cuotas=0,
    )
    configuracion = uvicorn.Config(
        create_app(ajustes), host="127.0.0.1", port=0, log_config=None, timeout_keep_alive=_PACIENCIA
    )
    uvicornio = uvicorn.Server(configuracion)
    sirviendo = asyncio.create_task(uvicornio.serve())
    while not uvicornio.started:
        assert not sirviendo.done(), sirviendo
        await asyncio.sleep(0.02)
    puerto = uvicornio.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{puerto}"
    uvicornio.should_exit = True
    await sirviendo


def con_marca(marca: str, programa: str) -> Sequence[str]:
    """The command that runs a program of Python whose next random word is `marca`."""
    antes = f"import runpy, secrets; secrets.token_hex = lambda _: {marca!r}"
    return [sys.executable, "-c", f"{antes}; runpy.run_path({programa!r}, run_name='__main__')"]


async def correr(orden: Sequence[str], carpeta: Path, *mas: str, **ajustes: str) -> str:
    """What the program prints; what it says of its failure is the failure. It ends with whoever waits for it."""
    proceso = await asyncio.create_subprocess_exec(
        *orden,
        *mas,
        cwd=carpeta,
        env={**clientes.entorno(), "PYTHONIOENCODING": "utf-8", **ajustes},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        dicho, _ = await proceso.communicate()
    finally:
        if proceso.returncode is None:
            proceso.kill()
            await proceso.wait()
    assert proceso.returncode == 0, dicho.decode()
    return dicho.decode()


async def _adelantar_al_cerrar(origen: str, desfase: list[timedelta]) -> None:
    """Once the draw is closed, it is the hour of its public number."""
    async with httpx.AsyncClient(base_url=f"{origen}/api/v1", trust_env=False, timeout=None) as cliente:  # noqa: S113
        entrada = await cliente.post("/auth/login", data={"username": CORREO, "password": CLAVE})
        cliente.headers["Authorization"] = f"Bearer {entrada.json()['access_token']}"
        cerrados: list[object] = []
        while not cerrados:
            await asyncio.sleep(0.1)
            cerrados = (await cliente.get("/sorteo", params={"estado": "cerrado"})).json()["items"]
    desfase.append(ADELANTO)


async def jugar(orden: Sequence[str], carpeta: Path, desfase: list[timedelta], **ajustes: str) -> str:
    """What a program prints that plays a whole draw, whose public number is known as soon as it is closed. Whichever
    fails, the program or who watches for the closing, ends the other: nobody waits for what does not come."""
    async with asyncio.TaskGroup() as juntos:
        reloj = juntos.create_task(_adelantar_al_cerrar(ajustes["PARKNET_URL"], desfase))
        dicho = await correr(orden, carpeta, **ajustes)
        reloj.cancel()
    return dicho
