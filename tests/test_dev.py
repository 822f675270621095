"""`make dev`: a world to look at, the mails on a page, and a new start when a file is saved."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.mongod

RAIZ = Path(__file__).parents[1]
VECES = 600  # looks at something that is about to be there, a fifth of a second apart


def puerto() -> int:
    with socket.socket() as enchufe:
        enchufe.bind(("127.0.0.1", 0))
        return int(enchufe.getsockname()[1])


def hasta(patron: str, registro: Path) -> "re.Match[str]":
    for _ in range(VECES):
        if hallado := re.search(patron, registro.read_text(), re.MULTILINE):
            return hallado
        time.sleep(0.2)
    raise AssertionError(f"{patron}: {registro.read_text()[-2000:]}")


def test_un_dia_de_quien_lo_desarrolla(tmp_path: Path) -> None:
    registro, api = tmp_path / "registro", f"http://127.0.0.1:{(numero := puerto())}"
    entorno = {n: v for n, v in os.environ.items() if not n.startswith("PARKNET_")}
    entorno |= {"PARKNET_DATA_DIR": str(tmp_path / "dev"), "PARKNET_PORT": str(numero), "BUZON": "0"}
    with (
        registro.open("w") as salida,
        subprocess.Popen(
            [sys.executable, "-m", "scripts.dev"], cwd=RAIZ, env=entorno, stdout=salida, stderr=subprocess.STDOUT
        ) as dev,
    ):
        try:
            cuentas = hasta(r"^  (\S+) \(admin\) y (\S+) \(operador\).*: (.+)$", registro)
            correos = hasta(r"correos +(http\S+)$", registro)[1]
            primero = hasta(r"Started server process \[(\d+)\]", registro)[1]
            hasta(r"startup complete", registro)
            for correo in cuentas.group(1, 2):
                entrada = {"username": correo, "password": cuentas[3]}
                assert httpx.post(f"{api}/api/v1/auth/login", data=entrada).status_code == 200
            assert httpx.post(f"{api}/api/v1/auth/recuperacion", json={"email": cuentas[1]}).status_code == 202
            for _ in range(VECES):
                if (pagina := httpx.get(correos).text).count("<article>"):
                    break
                time.sleep(0.2)
            assert f"Para {cuentas[1]}" in pagina
            assert f"{api}/recuperar#token=" in pagina
            # As an editor does that saves what it had opened.
            os.utime(RAIZ / "app" / "core" / "clock.py")
            hasta(rf"Started server process \[(?!{primero}\])\d+\]", registro)
        finally:
            dev.send_signal(signal.SIGINT)
        assert dev.wait() == 0
