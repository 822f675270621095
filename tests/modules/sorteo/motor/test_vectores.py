"""Every vector of docs/sorteo-v1: same bytes, same hashes, through the functions and through the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.modules.sorteo import motor

RAIZ = Path(__file__).parents[4]
VECTORES = sorted((RAIZ / "docs/sorteo-v1/vectores").glob("??.json"))


def bases_de(vector: Path) -> Path:
    return vector.with_suffix(".bases.jsonl")


def resultado_de(vector: Path) -> bytes:
    return vector.with_suffix(".resultado.jsonl").read_bytes()


def test_estan_todos() -> None:
    assert [vector.stem for vector in VECTORES] == [f"{n:02}" for n in range(14)]


@pytest.mark.parametrize("vector", VECTORES, ids=lambda vector: vector.stem)
class TestVector:
    def test_hashes(self, vector: Path) -> None:
        v = json.loads(vector.read_text())
        dato = bases_de(vector).read_bytes()
        huella = motor.sha256_hex(dato)
        assert huella == v["huella"]
        assert motor.compromiso_de(v["secreto"]) == v["compromiso"] == motor.leer_bases(dato).compromiso
        assert motor.semilla_de(v["secreto"], huella, v["entropia"]) == v["semilla"]
        assert motor.sha256_hex(resultado_de(vector)) == v["huella_resultado"]

    def test_resultado(self, vector: Path) -> None:
        v = json.loads(vector.read_text())
        dato = bases_de(vector).read_bytes()
        assert motor.correr(dato, v["secreto"], v["entropia"]) == resultado_de(vector)

    def test_bases_ida_y_vuelta(self, vector: Path) -> None:
        dato = bases_de(vector).read_bytes()
        assert motor.escribir_bases(motor.leer_bases(dato)) == dato


@pytest.mark.parametrize("vector", [VECTORES[1], VECTORES[5], VECTORES[8]], ids=lambda vector: vector.stem)
def test_linea_de_comandos(vector: Path) -> None:
    v = json.loads(vector.read_text())
    orden = [sys.executable, "-X", "importtime", "-m", "app.modules.sorteo.motor", str(bases_de(vector))]
    orden += ["--secreto", v["secreto"], "--entropia", v["entropia"]]
    corrida = subprocess.run(orden, cwd=RAIZ, capture_output=True, check=True)  # noqa: S603
    assert corrida.stdout == resultado_de(vector)
    # What -X importtime lists is all that was imported, one module a line, the name last.
    importados = {linea.rpartition(b"|")[2].strip().decode() for linea in corrida.stderr.splitlines()}
    assert "json" in importados
    ajenos = {nombre.partition(".")[0] for nombre in importados} - sys.stdlib_module_names
    # site.py may run the *.pth hooks of whatever is installed; they are not the engine's doing.
    assert not ajenos & {"fastapi", "starlette", "pydantic", "beanie", "motor", "pymongo", "bson", "uvicorn"}
    assert {n for n in importados if n.split(".")[0] == "app"} <= {"app", "app.modules", "app.modules.sorteo"}
