"""What the page compares, under Node: each thing that can differ is told by its own name, the first one only."""

import base64
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from app.modules.sorteo import motor
from scripts.clientes import NODE

VECTOR = Path(__file__).parents[2] / "docs/sorteo-v1/vectores/00.json"
BASES = VECTOR.with_suffix(".bases.jsonl").read_bytes()
RESULTADO = VECTOR.with_suffix(".resultado.jsonl").read_bytes()
LEIDAS = motor.leer_bases(BASES)
PUBLICADO = json.loads(VECTOR.read_text()) | {"sorteo_id": LEIDAS.sorteo, "fuente": LEIDAS.fuente}
TODOS = ["compromiso", "huella", "formato", "sorteo", "fuente", "semilla", "resultado"]


def comprobar(
    *,
    bases: bytes = BASES,
    resultado: bytes | None = None,
    folio: str | None = None,
    publicado: Mapping[str, str] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    caso = {
        "bases": base64.b64encode(bases).decode(),
        "resultado": None if resultado is None else base64.b64encode(resultado).decode(),
        "publicado": {**PUBLICADO, **publicado},
        "folio": folio,
    }
    orden = [*NODE, str(Path(__file__).with_name("comprobador.cjs"))]
    corrida = subprocess.run(orden, input=json.dumps([caso]).encode(), capture_output=True, check=False)  # noqa: S603
    assert corrida.returncode == 0, corrida.stderr.decode()
    dichos: list[dict[str, Any]] = json.loads(corrida.stdout)[0]
    return dichos


def test_todo_coincide() -> None:
    (informe,) = comprobar()
    assert (informe["pasos"], informe["diferencia"], informe["calculado"]) == (TODOS, None, True)
    assert informe["participantes"] == len(LEIDAS.participantes)
    (informe,) = comprobar(resultado=RESULTADO)
    assert (informe["pasos"], informe["diferencia"]) == ([*TODOS[:-1], "archivo", "resultado"], None)


@pytest.mark.parametrize("campo", ["compromiso", "huella", "sorteo", "fuente", "semilla", "resultado"])
def test_lo_publicado_es_otro(campo: str) -> None:
    nombre = {"sorteo": "sorteo_id", "resultado": "huella_resultado"}.get(campo, campo)
    (informe,) = comprobar(publicado={nombre: "0" * 64})
    assert informe["pasos"] == TODOS[: TODOS.index(campo)]
    assert informe["diferencia"]["paso"] == campo
    assert {informe["diferencia"]["esperado"], informe["diferencia"]["hallado"]} == {"0" * 64, PUBLICADO[nombre]}


def test_las_bases_rompen_una_regla() -> None:
    malas = BASES.replace(b'"nivel":', b'"nivel": ', 1)
    (informe,) = comprobar(bases=malas, publicado={"huella": motor.sha256_hex(malas)})
    assert informe["diferencia"] == {"paso": "formato", "linea": 2, "regla": "canonica"}
    assert informe["calculado"] is False


def test_el_archivo_dice_lo_mismo_con_otros_bytes() -> None:
    """What no line shows, because a reader of text puts the same sign for both."""
    codigo = "\ufffd-1"
    bases = BASES.replace(LEIDAS.espacios[-1].codigo.encode(), codigo.encode())
    assert bases != BASES
    resultado = motor.correr(bases, PUBLICADO["secreto"], PUBLICADO["entropia"])
    huella = motor.sha256_hex(bases)
    publicado = {
        "huella": huella,
        "semilla": motor.semilla_de(PUBLICADO["secreto"], huella, PUBLICADO["entropia"]),
        "huella_resultado": motor.sha256_hex(resultado),
    }
    (informe,) = comprobar(bases=bases, resultado=resultado, publicado=publicado)
    assert informe["diferencia"] is None
    otro = resultado.replace("\ufffd".encode(), b"\xff")
    assert otro != resultado
    (informe,) = comprobar(bases=bases, resultado=otro, publicado=publicado)
    assert informe["diferencia"]["paso"] == "archivo"


def test_la_boleta_de_un_folio() -> None:
    puestos = [json.loads(linea) for linea in RESULTADO.splitlines()]
    niveles = {p.id: p.nivel for p in LEIDAS.participantes}
    puesto = puestos[40]
    _, boleta = comprobar(folio=puesto["id"])
    hallada = boleta["hallada"]
    del_nivel = [p["id"] for p in puestos if niveles[p["id"]] == niveles[puesto["id"]]]
    assert {campo: hallada[campo] for campo in puesto} == puesto
    assert (hallada["total"], hallada["nivel"]) == (len(puestos), niveles[puesto["id"]])
    assert (hallada["enNivel"], hallada["delNivel"]) == (del_nivel.index(puesto["id"]) + 1, len(del_nivel))
    assert min(hallada["bolas"]) == puesto["numero"]
    assert comprobar(folio="nadie")[1]["hallada"] is None
