"""A process that starts while its database does not answer: it lives, waits, and gives up as the runbook says."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from bson import ObjectId
from pymongo import MongoClient

from app.database.embedded import EmbeddedMongo
from tests.crash.vivero import Ramificado, programa

pytestmark = pytest.mark.mongod

RAIZ = Path(__file__).parents[2]
# One for all that is asked: reading what certificates are judged by takes longer than asking.
SALUD = httpx.Client(timeout=10, limits=httpx.Limits(max_keepalive_connections=0))


@dataclass
class Proceso:
    proceso: Ramificado
    puerto: int
    registro: Path

    @property
    def dicho(self) -> str:
        return self.registro.read_text()

    def pedir(self, ruta: str) -> httpx.Response | None:
        try:
            return SALUD.get(f"http://127.0.0.1:{self.puerto}{ruta}")
        except httpx.TransportError:
            assert self.proceso.poll() is None, self.dicho
            return None

    def hasta(self, ruta: str, estado: int) -> httpx.Response:
        while (respuesta := self.pedir(ruta)) is None or respuesta.status_code != estado:
            time.sleep(0.1)
        return respuesta


@pytest.fixture
def servidor_apagado(tmp_path: Path) -> EmbeddedMongo:
    servidor = EmbeddedMongo(tmp_path / "base")
    servidor.start()
    return servidor


@contextmanager
def _proceso(uri: str, datos: Path, *, plazo: float, paciencia: float = 10, procesos: int = 1) -> Iterator[Proceso]:
    # Python reads this at the start of each process that this one starts.
    sitio = datos / "sitecustomize.py"
    sitio.write_text(f"from app.database import opening\nopening._PLAZO = {plazo}\nopening._PACIENCIA = {paciencia}\n")
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        puerto = libre.getsockname()[1]
    entorno = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{datos}:{RAIZ}",
        "PARKNET_DATA_DIR": str(datos),
        "PARKNET_MONGODB_URI": uri,
        "PARKNET_PORT": str(puerto),
        "PARKNET_WORKERS": str(procesos),
        "PARKNET_ADMIN_EMAIL": "admin@example.com",
        "PARKNET_ADMIN_PASSWORD": "una clave muy larga",
    }
    registro = datos / "registro"
    registro.write_bytes(b"")
    proceso = Ramificado(programa, datos, entorno, registro, sitio)
    try:
        yield Proceso(proceso, puerto, registro)
    finally:
        proceso.terminate()
        proceso.wait()
    # Python goes on without what it cannot run of it, and every wait would be the real one.
    assert "sitecustomize" not in registro.read_text()


def test_vive_y_espera_y_atiende_cuando_la_base_esta(servidor_apagado: EmbeddedMongo, tmp_path: Path) -> None:
    uri = servidor_apagado.uri
    servidor_apagado.stop()
    with _proceso(uri, tmp_path, plazo=600) as viva:
        viva.hasta("/health/live", 200)
        viva.hasta("/health/ready", 503)
        otra = viva.hasta("/api/v1/sorteo", 503)
        assert otra.json()["codigo"] == "no_disponible_ahora"
        assert int(otra.headers["retry-after"]) > 0
        with servidor_apagado:
            viva.hasta("/health/ready", 200)
            viva.hasta("/api/v1/sorteo", 401)
            viva.proceso.terminate()
            assert viva.proceso.wait() == 0
    assert viva.dicho.count("WARNING app.database.opening") == 1
    assert "Traceback" not in viva.dicho


@pytest.mark.parametrize("procesos", [1, 2])
def test_si_no_vuelve_se_rinde_con_una_linea(procesos: int, servidor_apagado: EmbeddedMongo, tmp_path: Path) -> None:
    uri = servidor_apagado.uri
    servidor_apagado.stop()
    with _proceso(uri, tmp_path, plazo=6, procesos=procesos) as viva:
        assert viva.proceso.wait() == 2
    assert "parknet: PARKNET_MONGODB_URI: no se llega a la base de datos" in viva.dicho
    assert viva.dicho.splitlines()[-1].startswith("parknet: ")
    assert "Traceback" not in viva.dicho


@pytest.fixture
def con_datos(tmp_path: Path) -> Iterator[EmbeddedMongo]:
    """A server that can be told to be slow, with a database that was used."""
    with EmbeddedMongo(tmp_path / "base", parameters=["enableTestCommands=1"]) as servidor:
        with _proceso(servidor.uri, tmp_path, plazo=600) as viva:
            viva.hasta("/health/ready", 200)
        yield servidor


def test_vive_mientras_se_hacen_los_indices_que_faltan(con_datos: EmbeddedMongo, tmp_path: Path) -> None:
    with MongoClient[dict[str, Any]](con_datos.uri) as mongo:
        mongo["parknet"]["usuarios"].drop_index("usuario_email")
        mongo.admin.command("configureFailPoint", "hangAfterStartingIndexBuild", mode="alwaysOn")
        with _proceso(con_datos.uri, tmp_path, plazo=600, paciencia=0.1) as viva:
            viva.hasta("/health/live", 200)
            viva.hasta("/health/ready", 503)
            viva.hasta("/api/v1/sorteo", 503)
            mongo.admin.command("configureFailPoint", "hangAfterStartingIndexBuild", mode="off")
            viva.hasta("/health/ready", 200)
        assert "usuario_email" in mongo["parknet"]["usuarios"].index_information()
    assert viva.dicho.count("se hacen los índices de usuarios: usuario_email") == 1


@pytest.mark.parametrize("procesos", [1, 2])
def test_los_que_no_se_pueden_hacer_son_la_ultima_linea(
    procesos: int, con_datos: EmbeddedMongo, tmp_path: Path
) -> None:
    with MongoClient[dict[str, Any]](con_datos.uri) as mongo:
        usuarios = mongo["parknet"]["usuarios"]
        usuarios.drop_index("usuario_email")
        una = usuarios.find_one() or {}
        usuarios.insert_one({**una, "_id": ObjectId()})
    with _proceso(con_datos.uri, tmp_path, plazo=600, procesos=procesos) as viva:
        assert viva.proceso.wait() == 2
    lineas = [linea for linea in viva.dicho.splitlines() if linea.startswith("parknet: ")]
    por_que = "parknet: PARKNET_MONGODB_DB: no se pueden hacer los índices de usuarios (usuario_email): DuplicateKey"
    assert por_que in lineas
    assert lineas[-1] == viva.dicho.splitlines()[-1]
    assert "admin@example.com" not in viva.dicho


@pytest.mark.parametrize("procesos", [1, 2])
def test_un_puerto_que_tiene_otro(procesos: int, tmp_path: Path) -> None:
    """Known before anything else is done: no database is started for it."""
    with socket.create_server(("127.0.0.1", 0)) as otro:
        puerto = otro.getsockname()[1]
        entorno = {
            **{n: v for n, v in os.environ.items() if not n.startswith("PARKNET_")},
            "PARKNET_PORT": str(puerto),
            "PARKNET_WORKERS": str(procesos),
            "PARKNET_DATA_DIR": str(tmp_path / "datos"),
        }
        orden = [sys.executable, str(RAIZ / "main.py")]
        hecho = subprocess.run(orden, cwd=tmp_path, env=entorno, capture_output=True, text=True, check=False)  # noqa: S603
    assert hecho.returncode == 2, hecho.stderr
    ultima = hecho.stderr.splitlines()[-1]
    assert ultima == f"parknet: PARKNET_PORT: no se puede escuchar en 127.0.0.1:{puerto}: Address already in use"
    assert not (tmp_path / "datos" / "mongo").exists()


def test_los_ajustes_y_adonde_van_las_trazas_se_juzgan_a_la_vez(tmp_path: Path) -> None:
    entorno = {
        "PATH": os.environ["PATH"],
        "PARKNET_PORT": "70000",
        "PARKNET_ZONA_HORARIA": "Marte",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "grpc://colector:4317",
    }
    orden = [sys.executable, str(RAIZ / "main.py")]
    hecho = subprocess.run(orden, cwd=tmp_path, env=entorno, capture_output=True, text=True, check=False)  # noqa: S603
    assert hecho.returncode == 2
    assert [linea.split(":")[1].strip() for linea in hecho.stderr.splitlines()] == [
        *("PARKNET_PORT", "PARKNET_ZONA_HORARIA", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    ]
