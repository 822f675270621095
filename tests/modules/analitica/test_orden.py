"""The API, and `python main.py analitica`, as programs: with an endpoint, with a mute one, without its client."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from app.core.config import ConfigError, Settings
from app.modules.analitica import wiring
from scripts.demo.api import Servidor
from tests.modules.analitica.conftest import CLAVE, CONJUNTO, fuentes

CORREO, CONTRASENA = "admin@example.com", "una contraseña muy larga"


def ajustes(direccion: str, datos: str = "parknet") -> Mapping[str, str]:
    return {
        "PARKNET_ANALITICA_PROYECTO": "proyecto",
        "PARKNET_ANALITICA_DATOS": datos,
        "PARKNET_ANALITICA_CONJUNTO": CONJUNTO,
        "PARKNET_ANALITICA_DIRECCION": direccion,
        "PARKNET_CLAVE_ANALITICA": CLAVE.decode(),
        "PARKNET_ANALITICA_SEGUNDOS": "1",
    }


def ordenar(carpeta: Path, *que: str, **entorno: str) -> "subprocess.CompletedProcess[str]":
    limpio = {n: v for n, v in os.environ.items() if not n.startswith("PARKNET_")}
    programa = str(Path(__file__).parents[3] / "main.py")
    return subprocess.run(  # noqa: S603 - this Python, our own program
        [sys.executable, programa, "analitica", *que],
        cwd=carpeta,
        env=limpio | {"PARKNET_DATA_DIR": str(carpeta / "bd")} | entorno,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.mongod
def test_by_hand(tmp_path: Path, bigquery: str, datos_de_uno: str) -> None:
    entorno = ajustes(bigquery, datos_de_uno)
    antes = ordenar(tmp_path, "--simular", **entorno)
    assert (antes.returncode, antes.stderr) == (0, "")
    assert f"Se crearía {datos_de_uno}\nSe crearía sorteos\n" in antes.stdout
    assert antes.stdout.endswith("Se enviaría todo.\nNo se cambió nada.\n")
    assert ordenar(tmp_path, "--simular", **entorno).stdout == antes.stdout
    hecha = ordenar(tmp_path, **entorno)
    dicho = f"parknet, en la base incluida de {tmp_path / 'bd'}:\nLa copia está al día.\n"
    assert (hecha.returncode, hecha.stdout, hecha.stderr) == (0, dicho, "")
    despues = ordenar(tmp_path, "--simular", **entorno).stdout
    assert "Se crearía" not in despues
    assert despues.endswith("Se enviaría lo que cambió.\nNo se cambió nada.\n")


@pytest.mark.mongod
@pytest.mark.bigquery
def test_nothing_else_notices(tmp_path: Path) -> None:
    """Something takes connections there and never says a word. The API answers, and ends when it is told to."""
    with socket.create_server(("127.0.0.1", 0)) as mudo:
        direccion = f"http://127.0.0.1:{mudo.getsockname()[1]}"
        with (
            Servidor(tmp_path, correo=CORREO, clave=CONTRASENA, ajustes=ajustes(direccion)) as api,
            contextlib.closing(mudo.accept()[0]),
        ):
            assert httpx.get(f"{api.origen}/health/ready").status_code == 200
            quien = {"username": CORREO, "password": CONTRASENA}
            assert httpx.post(f"{api.origen}/api/v1/auth/login", data=quien).status_code == 200
        hecha = ordenar(tmp_path, **ajustes(direccion))
    assert hecha.returncode == 2
    assert hecha.stderr.startswith("parknet: PARKNET_ANALITICA_PROYECTO: BigQuery: ")


def test_off_unless_it_is_configured(tmp_path: Path) -> None:
    assert wiring.montar(settings=Settings(_env_file=None, data_dir=tmp_path), fuentes={}) is None
    hecha = ordenar(tmp_path)
    assert (hecha.returncode, hecha.stderr) == (2, "parknet: PARKNET_ANALITICA_PROYECTO: sin él no hay analítica\n")


def test_without_the_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "app.modules.analitica.bigquery", None)
    con = Settings(_env_file=None, data_dir=tmp_path, analitica_proyecto="proyecto", analitica_conjunto=CONJUNTO)
    with pytest.raises(ConfigError, match=r"pip install -r requirements-analitica\.txt"):
        wiring.montar(settings=con, fuentes=fuentes())
