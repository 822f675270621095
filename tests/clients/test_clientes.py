"""The two clients that are made from the document: they compile under strict settings, and play a whole draw against a
server on loopback."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Lenguaje:
    carpeta: Path
    comprobar: Sequence[str]
    recorrido: Sequence[str]
    pantalla: Sequence[str]
    tabla: Sequence[str]


def _python(programa: str) -> Sequence[str]:
    return [sys.executable, programa]


def _typescript(programa: str) -> Sequence[str]:
    return [*clientes.NODE, f"ejemplos/{programa}"]


LENGUAJES = {
    "python": Lenguaje(
        clientes.PYTHON,
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "."],
        *(_python(programa) for programa in ("recorrido.py", "pantalla.py", "tabla.py")),
    ),
    "typescript": Lenguaje(
        clientes.TYPESCRIPT,
        clientes.node("typescript/bin/tsc", "--project", ".."),
        *(_typescript(programa) for programa in ("recorrido.ts", "pantalla.ts", "tabla.ts")),
    ),
}


@pytest.fixture(scope="module", autouse=True)
def _generados() -> None:
    clientes.generar()


@pytest.fixture(params=sorted(LENGUAJES))
def lenguaje(request: pytest.FixtureRequest) -> Lenguaje:
    return LENGUAJES[request.param]


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
    uvicornio = uvicorn.Server(uvicorn.Config(create_app(ajustes), host="127.0.0.1", port=0, log_config=None))
    sirviendo = asyncio.create_task(uvicornio.serve())
    while not uvicornio.started:
        assert not sirviendo.done(), sirviendo
        await asyncio.sleep(0.02)
    puerto = uvicornio.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{puerto}"
    uvicornio.should_exit = True
    await sirviendo


async def _correr(orden: Sequence[str], carpeta: Path, *mas: str, **ajustes: str) -> str:
    """What the program prints; what it says of its failure is the failure."""
    proceso = await asyncio.create_subprocess_exec(
        *orden,
        *mas,
        cwd=carpeta,
        env={**clientes.entorno(), "PYTHONIOENCODING": "utf-8", **ajustes},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    dicho, _ = await proceso.communicate()
    assert proceso.returncode == 0, dicho.decode()
    return dicho.decode()


async def _adelantar_al_cerrar(origen: str, desfase: list[timedelta]) -> None:
    """Once the draw is closed, it is the hour of its public number."""
    async with httpx.AsyncClient(base_url=f"{origen}/api/v1", trust_env=False) as cliente:
        entrada = await cliente.post("/auth/login", data={"username": CORREO, "password": CLAVE})
        cliente.headers["Authorization"] = f"Bearer {entrada.json()['access_token']}"
        cerrados: list[object] = []
        while not cerrados:
            await asyncio.sleep(0.1)
            cerrados = (await cliente.get("/sorteo", params={"estado": "cerrado"})).json()["items"]
    desfase.append(ADELANTO)


async def test_compila_con_todo_lo_estricto(lenguaje: Lenguaje) -> None:
    await _correr(lenguaje.comprobar, lenguaje.carpeta)


async def test_juega_un_sorteo_entero(lenguaje: Lenguaje, origen: str, desfase: list[timedelta]) -> None:
    ajustes = {"PARKNET_URL": origen, "PARKNET_USUARIO": CORREO, "PARKNET_CLAVE": CLAVE}
    reloj = asyncio.create_task(_adelantar_al_cerrar(origen, desfase))
    try:
        dicho = await _correr(lenguaje.recorrido, lenguaje.carpeta, **ajustes)
    finally:
        reloj.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reloj
    resumen, suya, acta = dicho.splitlines()
    assert resumen.startswith("1 con espacio, 1 en espera; huella ")
    assert suya.startswith(("folio 1: aceptada P-", "folio 1: en_espera"))
    assert acta.startswith(("puesto 1; ", "puesto 2; "))
    assert acta.endswith(" empieza con %PDF-")

    tabla = (await _correr(lenguaje.tabla, lenguaje.carpeta, **ajustes)).splitlines()
    assert len(tabla) == 3
    assert [fila.split()[0] for fila in tabla[1:]] == ["1", "2"]
    en_espera = (await _correr(lenguaje.tabla, lenguaje.carpeta, "en_espera", **ajustes)).splitlines()
    assert len(en_espera) == 2

    marca = tabla[1].split("Torre ")[1].split()[0]
    de_ana = {**ajustes, "PARKNET_USUARIO": f"{marca}1", "PARKNET_CLAVE": "una clave de residente, larga"}
    pantalla = await _correr(lenguaje.pantalla, lenguaje.carpeta, **de_ana)
    assert pantalla.startswith("Hola, Ana. Avisos sin leer: ")
    assert f"Torre {marca} 101 · al día · {marca}1" in pantalla
    assert "Folio 1 · " in pantalla
    assert ("Su espacio: P-" in pantalla) == ("aceptada" in suya)


async def test_lo_que_prueban_la_biblioteca_y_el_tablero_de_si_mismos(origen: str) -> None:
    """A network that fails, and the lists of a dashboard."""
    ajustes = {"PARKNET_URL": origen, "PARKNET_USUARIO": CORREO, "PARKNET_CLAVE": CLAVE}
    pruebas = ("typescript/pruebas/biblioteca.test.ts", "dashboard/pruebas/proveedor.test.ts")
    await _correr([*clientes.NODE, "--test", *pruebas], clientes.CLIENTES, **ajustes)


async def test_la_biblioteca_no_toma_nada_que_un_telefono_no_tenga() -> None:
    await _correr(clientes.node("typescript/bin/tsc", "--project", "."), clientes.TYPESCRIPT)


async def test_el_linter_no_halla_nada() -> None:
    orden = clientes.node("@redocly/cli/bin/cli.js", "lint", "--max-problems", "1000", str(clientes.DOCUMENTO))
    await _correr(orden, clientes.RAIZ)


def test_lo_generado_no_se_guarda_y_lo_fijado_no_nombra_registros() -> None:
    ignorado = (clientes.RAIZ / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"node_modules/", "clients/generado/", "clients/python/parknet_cliente/"} <= set(ignorado)
    candado = (clientes.CLIENTES / "package-lock.json").read_text(encoding="utf-8")
    resueltos = {paquete.get("resolved") for paquete in json.loads(candado)["packages"].values()}
    assert resueltos == {None, "typescript", "dashboard"}
    assert os.fspath(clientes.RAIZ) not in candado
