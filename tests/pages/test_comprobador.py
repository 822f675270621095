"""What the page compares, under Node: each thing that can differ is told by its own name, the first one only."""

import base64
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from app.modules.sorteo import motor
from app.modules.sorteo.fuente import FuenteDrand
from app.modules.sorteo.garantes.models import Garante, con_compromisos, con_frases
from scripts.clientes import NODE
from tests.modules.sorteo.drand.test_ronda import NUMERO, REAL
from tests.modules.sorteo.garantes.test_garantes import FRASES, NOMBRES, huella

VECTOR = Path(__file__).parents[2] / "docs/sorteo-v1/vectores/08.json"
BASES = VECTOR.with_suffix(".bases.jsonl").read_bytes()
RESULTADO = VECTOR.with_suffix(".resultado.jsonl").read_bytes()
LEIDAS = motor.leer_bases(BASES)
PUBLICADO = json.loads(VECTOR.read_text()) | {"sorteo_id": LEIDAS.sorteo, "fuente": LEIDAS.fuente}
TODOS = ["compromiso", "huella", "formato", "sorteo", "fuente", "numero", "semilla", "resultado"]


def comprobar(
    *,
    bases: bytes = BASES,
    resultado: bytes | None = None,
    folio: str | None = None,
    publicado: Mapping[str, Any] = MappingProxyType({}),
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


def con_fuente(fuente: str, entropia: str, **publicado: Any) -> dict[str, Any]:
    """What the page says of a draw of that source, all of which hangs together but perhaps for its number."""
    bases = motor.escribir_bases(replace(LEIDAS, fuente=fuente))
    secreto, huella = PUBLICADO["secreto"], motor.sha256_hex(bases)
    suyos = {
        "fuente": fuente,
        "huella": huella,
        "entropia": entropia,
        "semilla": motor.semilla_de(secreto, huella, entropia),
        "huella_resultado": motor.sha256_hex(motor.correr(bases, secreto, entropia)),
    }
    (informe,) = comprobar(bases=bases, publicado=suyos | publicado)
    return informe


@pytest.mark.parametrize("numero", ["0934 serie 11", "0934 serie 1122", "0934 Serie 112", "O934 serie 112", ""])
def test_un_numero_que_no_se_escribe_asi(numero: str) -> None:
    informe = con_fuente(LEIDAS.fuente, numero)
    forma = "#### serie ###"
    assert informe["diferencia"] == {"paso": "numero", "esperado": forma, "hallado": numero}


def test_el_numero_es_el_de_la_ronda() -> None:
    fuente = FuenteDrand(tipo="drand", ronda=1000).texto
    ronda = {campo: REAL[campo] for campo in ("round", "randomness", "signature")}
    assert con_fuente(fuente, NUMERO, drand=ronda)["diferencia"] is None
    otro = NUMERO[:-1] + ("0" if NUMERO[-1] != "0" else "1")
    for numero, suya in ((otro, ronda), (NUMERO, None), (NUMERO, ronda | {"signature": "0f" + REAL["signature"][2:]})):
        assert con_fuente(fuente, numero, drand=suya)["diferencia"]["paso"] == "numero"


class TestGarantes:
    SUYOS = tuple(
        sorted(
            (Garante(nombre=n, sello="", frase=f, compromiso=huella(f)) for n, f in zip(NOMBRES, FRASES, strict=True)),
            key=lambda g: g.compromiso or "",
        )
    )
    SIN_COMPROMISO = Garante(nombre="Otra", sello="")

    def informe(self, entropia: str, garantes: Sequence[Garante], fuente: str | None = None) -> dict[str, Any]:
        publicados = [g.model_dump(include={"nombre", "compromiso", "frase"}) for g in garantes]
        dicha = con_compromisos(LEIDAS.fuente, self.SUYOS) if fuente is None else fuente
        return con_fuente(dicha, entropia, garantes=publicados)

    def test_sus_frases_son_las_comprometidas(self) -> None:
        todos = (*self.SUYOS, self.SIN_COMPROMISO)
        callada = [self.SUYOS[0].model_copy(update={"frase": None}), *self.SUYOS[1:]]
        for garantes in (todos, callada):
            informe = self.informe(con_frases("0934 serie 112", garantes), garantes)
            assert (informe["diferencia"], informe["pasos"][5:7]) == (None, ["numero", "garantes"])

    def test_una_frase_es_otra(self) -> None:
        cambiada = [*self.SUYOS[:2], self.SUYOS[2].model_copy(update={"frase": "cuatro tristes tigres"})]
        diferencia = self.informe(con_frases("0934 serie 112", cambiada), self.SUYOS)["diferencia"]
        otra = huella("cuatro tristes tigres")
        assert diferencia == {"paso": "garantes", "esperado": self.SUYOS[2].compromiso, "hallado": otra}

    def test_alguien_falta_o_sobra(self) -> None:
        for garantes, fuente in ((self.SUYOS[:2], None), ((), None), (self.SUYOS, LEIDAS.fuente)):
            informe = self.informe(con_frases("0934 serie 112", garantes), garantes, fuente)
            assert informe["diferencia"]["paso"] == "garantes"
        faltan = self.informe("0934 serie 112|una sola frase", self.SUYOS)
        assert faltan["diferencia"]["paso"] == "numero"


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
    puesto = puestos[20]
    _, boleta = comprobar(folio=puesto["id"])
    hallada = boleta["hallada"]
    del_nivel = [p["id"] for p in puestos if niveles[p["id"]] == niveles[puesto["id"]]]
    assert {campo: hallada[campo] for campo in puesto} == puesto
    assert (hallada["total"], hallada["nivel"]) == (len(puestos), niveles[puesto["id"]])
    assert (hallada["enNivel"], hallada["delNivel"]) == (del_nivel.index(puesto["id"]) + 1, len(del_nivel))
    assert min(hallada["bolas"]) == puesto["numero"]
    assert comprobar(folio="nadie")[1]["hallada"] is None
