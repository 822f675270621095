"""Three calls against the same of `par.py`, which somebody would write instead with fastapi-users and Beanie.

Its packages are installed where this row is measured for the first time, into a folder of the system's for what is
temporary; with `PAR_PYTHON` in the environment, the Python of an environment that has them is taken.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from scripts.bench.banco import Banco, RespuestaInesperada
from scripts.bench.llamadas import frente_a
from scripts.bench.medida import Razon
from scripts.bench.servidores import otra, servida, veces

_PAQUETES = Path(__file__).with_name("suelos") / "requirements-par.txt"
_HOGARES = 60
_QUIEN = {"email": "ana@example.com", "password": "Violeta-tejado-lluvia-41"}
_PLAZO = 600


async def medir(banco: Banco) -> list[Razon]:
    entorno = os.environ | {"PAR_URI": banco.uri, "PAR_BASE": "par"}
    with (
        tempfile.TemporaryDirectory(prefix="parknet-par-") as carpeta,
        servida(banco, Path(carpeta), "contra_par") as api,
        otra("scripts.bench.suelos.par", entorno, python=_python()) as par,
    ):
        hogares = [api.hogar(i) for i in range(_HOGARES)]
        ficha, suya = _entrar(par)
        filas = [
            ("GET /auth/yo", "/auth/yo", "/users/me", 1.3),
            ("GET /residentes/{id}", f"/residentes/{hogares[0][2]['id']}", f"/personas/{suya}", 1.3),
            ("GET /residentes?limite=50", "/residentes?limite=50", "/personas?limite=50", 1.5),
        ]
        return [
            razon
            for que, ruta, la_suya, minimo in filas
            for razon in await frente_a(
                que,
                "par",
                veces(api.origen, api.token, ruta),
                veces(par, ficha, la_suya),
                minimo,
            )
        ]


def _entrar(par: str) -> tuple[str, str]:
    """A token, and the id of one of those it lists."""
    with httpx.Client(base_url=par, timeout=60, trust_env=False) as cliente:
        cliente.post("/auth/register", json=_QUIEN).raise_for_status()
        formulario = {"username": _QUIEN["email"], "password": _QUIEN["password"]}
        token: str = cliente.post("/auth/login", data=formulario).raise_for_status().json()["access_token"]
        vistas = cliente.get("/personas", headers={"Authorization": f"Bearer {token}"}).raise_for_status().json()
        return token, vistas[0]["_id"]


def _python() -> str:
    """Of an environment with the peer's packages."""
    if dicho := os.environ.get("PAR_PYTHON"):
        return dicho
    huella = hashlib.sha256(_PAQUETES.read_bytes()).hexdigest()[:12]
    carpeta = Path(tempfile.gettempdir()) / f"parknet-par-{huella}"
    python, lista = carpeta / "bin" / "python", carpeta / "lista"
    if not lista.exists():
        try:
            for orden in (
                [sys.executable, "-m", "venv", str(carpeta)],
                [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(_PAQUETES)],
            ):
                subprocess.run(orden, check=True, timeout=_PLAZO)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            raise RespuestaInesperada(f"no hay cómo instalar {_PAQUETES.name}: {error}") from error
        lista.touch()
    return str(python)
