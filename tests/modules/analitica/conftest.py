"""The copy on the real server, into one in memory or into an endpoint that answers as BigQuery does."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from app.database.unit_of_work import UnitOfWork
from app.modules.analitica.ports import Almacen, Fuente
from app.modules.analitica.repository import CopiaRepository
from app.modules.analitica.service import AnaliticaService, destino
from app.modules.analitica.tablas import Traductor
from app.modules.solicitudes import public as solicitudes
from app.modules.sorteo import public as sorteos
from scripts.bigquery.entorno import carpeta, entorno
from tests.conftest import Reloj

CLAVE = b"una clave de treinta y dos bytes!!"
CONJUNTO = "altos-del-parque"
ZONA = ZoneInfo("America/Bogota")
Montar = Callable[..., AnaliticaService]


def fuentes() -> Mapping[str, Fuente]:
    filas = sorteos.filas()
    return {
        "sorteos": filas.sorteos,
        "resultados": filas.resultados,
        "asignaciones": filas.asignaciones,
        "espacios": filas.espacios,
        "solicitudes": solicitudes.filas(),
    }


@pytest.fixture
def montar(base_real: UnitOfWork, reloj: Reloj) -> Montar:
    """`montar(almacen)`: what keeps that copy in step."""
    del base_real, reloj

    def hacer(almacen: Almacen, *, clave: bytes = CLAVE, por_lote: int = 5_000) -> AnaliticaService:
        return AnaliticaService(
            copias=CopiaRepository(),
            fuentes=fuentes(),
            almacen=almacen,
            traductor=Traductor(conjunto=CONJUNTO, clave=clave, zona=ZONA),
            conjunto=CONJUNTO,
            destino=destino(proyecto="proyecto", datos="parknet", conjunto=CONJUNTO, clave=clave),
            por_lote=por_lote,
        )

    return hacer


@pytest.fixture(scope="session")
def bigquery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an endpoint that answers as BigQuery does."""
    datos = tmp_path_factory.mktemp("bigquery")
    with socket.create_server(("127.0.0.1", 0)) as libre:
        puerto = libre.getsockname()[1]
    ambiente = {"BIGQUERY_HOST": "127.0.0.1", "BIGQUERY_PORT": str(puerto), "DATA_DIR": str(datos / "datos")}
    programa = carpeta() / "venv/bin/local-bigquery"
    with (datos / "registro").open("wb") as registro:
        proceso = subprocess.Popen([programa], env=entorno() | ambiente, stdout=registro, stderr=registro)  # noqa: S603
    try:
        _esperar(puerto, proceso, datos / "registro")
        yield f"http://127.0.0.1:{puerto}"
    finally:
        proceso.terminate()
        proceso.wait()


def _esperar(puerto: int, proceso: "subprocess.Popen[bytes]", registro: Path) -> None:
    while True:
        assert proceso.poll() is None, registro.read_text()
        try:
            httpx.get(f"http://127.0.0.1:{puerto}/")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def datos_de_uno() -> str:
    """A data set of the test alone."""
    return f"datos_{os.urandom(6).hex()}"


def sin_marca(filas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{campo: valor for campo, valor in fila.items() if campo != "marca"} for fila in filas]
