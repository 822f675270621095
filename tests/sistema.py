"""What tests take from the machine: where it is not there they are skipped, and the closing summary says what is
missing. And in which order several processes take the files of tests."""

import ctypes
import gc
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.core.processes import asentar
from scripts.bigquery.entorno import esta

RAIZ = Path(__file__).parents[1]
DE_CASA = {
    "servidor": ("mongod",),
    "servidor_que_falla": ("mongod",),
    "corrida": ("mongod",),
    "frente": ("mongod", "nginx"),
    "chromium": ("mongod", "chromium"),
    "axe": ("npm",),
    "_generados": ("npm",),
    "bigquery": ("bigquery",),
}
"""The fixtures that take something; tests that take it otherwise carry its mark."""
# What is collected stays: nobody looks for cycles in it, neither now nor in each round of every test.
gc.disable()
LENTAS = (
    *("faults/test_cluster.py", "clients/test_generadores.py", "ataques/test_pausas.py", "judges/test_comandos.py"),
    *("judges", "wiring/test_carreras.py", "modules/sorteo/pasos/test_pausas.py"),
    *("crash", "wiring", "faults", "despliegue", "clients", "pages", "modules/analitica"),
    *("modules/avisos/envios", "test_demo.py", "test_readme.py", "test_dev.py", "database", "modules/sorteo/pasos"),
)
"""What takes long goes first, files that take longest before all: nothing is left that one process alone waits for at
the end, and others have the processor while programs start."""


def programa(*nombres: str) -> str | None:
    """The first of them that this machine has. Debian keeps servers where few look."""
    donde = f"{os.environ['PATH']}:/usr/sbin"
    return next((hallado for nombre in nombres if (hallado := shutil.which(nombre, path=donde))), None)


def _bibliotecas(*nombres: str) -> bool:
    with suppress(OSError):
        return all(ctypes.CDLL(nombre) for nombre in nombres)
    return False


def _bigquery() -> bool:
    """Google's client here, and an endpoint for it in an environment of its own."""
    with suppress(ModuleNotFoundError):
        return find_spec("google.cloud.bigquery") is not None and esta()
    return False


def _que_falta() -> Mapping[str, str]:
    """By mark: what is to be installed."""
    hay = {
        "mongod": ("libcurl4 libssl3", _bibliotecas("libcurl.so.4", "libssl.so.3")),
        "nginx": ("nginx-light", programa("nginx")),
        "curl": ("curl", programa("curl")),
        "promtool": ("prometheus", programa("promtool")),
        "chromium": ("chromium", programa("chromium", "chromium-browser")),
        "bigquery": ("Python 3.13 con BigQuery de prueba (python -m scripts.bigquery)", _bigquery()),
        "npm": ("clients/node_modules", (RAIZ / "clients/node_modules/.listo").exists()),
    }
    return {marca: paquete for marca, (paquete, esta) in hay.items() if not esta}


@pytest.hookimpl(tryfirst=True)  # before those that `-m` leaves out are left out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    faltan = _que_falta()
    for item in items:
        for fixture in DE_CASA.keys() & set(getattr(item, "fixturenames", ())):
            for marca in DE_CASA[fixture]:
                item.add_marker(marca)
        for marca in faltan:
            if item.get_closest_marker(marca):
                item.add_marker(pytest.mark.skip(reason=f"falta {faltan[marca]}"))
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _turno(item.path))


def pytest_collection_finish() -> None:
    asentar()


@cache
def _turno(archivo: Path) -> int:
    suyo = archivo.relative_to(RAIZ / "tests")
    return next((turno for turno, lenta in enumerate(LENTAS) if suyo.is_relative_to(lenta)), len(LENTAS))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    saltadas: Sequence[pytest.TestReport] = terminalreporter.stats.get("skipped", [])
    for marca, paquete in _que_falta().items():
        cuantas = sum(marca in informe.keywords for informe in saltadas)
        if cuantas:
            terminalreporter.write_line(f"Falta {paquete}: {cuantas} pruebas no se corrieron.", yellow=True)
