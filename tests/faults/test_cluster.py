"""Clients, draws and faults on a replica set of three, in short; and the judge, who must see what is wrong."""

import os
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from scripts.cluster.replicas import Replicas
from scripts.faults.injection import POCAS, Averias, Hecha
from scripts.faults.judge import Juicio
from scripts.faults.ledger import Anotada, Libro
from tests.alcance import EXHAUSTIVO

pytestmark = pytest.mark.mongod

RAIZ = Path(__file__).parents[2]
TODAS = Averias(cast(Replicas, None), [], corta=0, larga=0, semilla=0).todas


def test_nada_se_pierde_ni_se_dobla_ni_se_atasca(tmp_path: Path) -> None:
    breve, clases = ("1", list(TODAS)) if EXHAUSTIVO else ("pocas", POCAS)
    entorno = os.environ | {"BREVE": breve, "CARPETA": str(tmp_path)}
    orden = [sys.executable, "-m", "scripts.faults"]
    corrido = subprocess.run(orden, cwd=RAIZ, env=entorno, capture_output=True, text=True)  # noqa: S603
    assert corrido.returncode == 0, corrido.stdout + corrido.stderr
    assert "**0 faults found.**" in corrido.stdout
    assert all(f"| {clase} | 1 |" in corrido.stdout for clase in clases), corrido.stdout
    assert "Draws: 0 published" not in corrido.stdout
    registros = "".join(registro.read_text() for registro in tmp_path.glob("api-*.log"))
    # What is expected of an outage is a line, and nothing else was in the way.
    assert "Traceback" not in registros


def anotada(**campos: object) -> Anotada:
    valores = {"cuando": 10.0, "clase": "cambio", "cosa": "x", "api": 0, "status": 200, "codigo": "", "segundos": 0.1}
    return Anotada(**(valores | campos))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mala", "dicho"),
    [
        (anotada(status=500), "500 a cambio"),
        (anotada(status=503, segundos=6.5), "503 a los 6.5 s"),
        (anotada(status=503, clase="lista", segundos=2.5), "503 a los 2.5 s"),
        (anotada(status=None, codigo="ReadError"), "sin respuesta"),
        (anotada(clase="vive", segundos=3.0), "tardó 3.0 s"),
        (anotada(clase="refrescar", status=401, codigo="sesion_invalida"), "401 sesion_invalida"),
    ],
)
def test_el_juez_ve_lo_que_no_debe_ser(mala: Anotada, dicho: str) -> None:
    buenas = [anotada(), anotada(status=503, segundos=5.0), anotada(status=409, codigo="en_curso")]
    juicio = Juicio([*buenas, mala], [], "")
    juicio._respuestas()
    assert len(juicio.faltas) == 1
    assert dicho in juicio.faltas[0]


def test_a_quien_no_podia_contestar_no_se_le_exige() -> None:
    pausa = Hecha("SIGSTOP de una API", desde=5.0, hasta=20.0, mudas={0})
    juicio = Juicio([anotada(status=None), anotada(status=503, segundos=9.0), anotada(api=1, status=None)], [pausa], "")
    juicio._respuestas()
    assert len(juicio.faltas) == 1


@pytest.mark.parametrize(
    ("hay", "hecha", "puede", "faltas"),
    [
        (1, True, False, 0),
        (0, False, False, 0),
        (1, False, True, 0),
        (0, False, True, 0),
        (0, True, False, 1),
        (2, True, True, 1),
        (1, False, False, 1),
    ],
)
def test_el_juez_sabe_lo_perdido_lo_doble_y_lo_que_se_nego(hay: int, hecha: bool, puede: bool, faltas: int) -> None:
    juicio = Juicio([], [], "")
    juicio._comprobar("una cosa", hay, hecha=hecha, puede=puede)
    assert len(juicio.faltas) == faltas


def test_el_libro_se_lee_como_se_escribio(tmp_path: Path) -> None:
    libro = Libro(tmp_path / "libro")
    escritas = [anotada(), anotada(status=None, valor="Z1")]
    for cada in escritas:
        libro.anotar(cada)
    assert list(libro.leer()) == escritas
    libro.cerrar()
