"""Bases are read in blocks where all lines are plainly good, and line by line elsewhere. Both ways come to one end: the
same draw, or the same refusal at the same line, for every file of docs/sorteo-v1 and for thousands of spoiled ones."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from app.modules.sorteo import motor

SORTEO_V1 = Path(__file__).parents[4] / "docs/sorteo-v1"
ARCHIVOS = sorted(SORTEO_V1.glob("*/*.bases.jsonl"))
VECTORES = [archivo for archivo in ARCHIVOS if archivo.parent.name == "vectores"]

CABEZA = (
    '{"compromiso":"%s","espacios":[{"codigo":"A\\"]","reserva":null,"tipo":"carro"},'
    '{"codigo":"B-ñ","reserva":"embarazo","tipo":"moto"}],"formato":"parknet-sorteo-v1","fuente":"x",'
    '"liberar_reservas":true,"sorteo":"s"}\n'
) % ("0" * 64)
# Codes that the quick way may not take for what they are not: brackets, commas, quotes and backslashes inside.
PERSONAS = [
    '{"boletas":1,"condiciones":[],"id":"1","nivel":0,"preferencias":[],"tipos":["carro"]}\n',
    '{"boletas":10,"condiciones":["embarazo"],"id":"2","nivel":9,"preferencias":["B-ñ"],"tipos":["moto","carro"]}\n',
    '{"boletas":100,"condiciones":["aa","bb"],"id":"3","nivel":5,"preferencias":["A\\"]","B-ñ"],"tipos":["carro"]}\n',
    '{"boletas":9,"condiciones":[],"id":"4","nivel":5,"preferencias":["\\\\","x\\",\\"y","[],"],"tipos":["moto"]}\n',
    '{"boletas":99,"condiciones":[],"id":"5","nivel":1,"preferencias":["😀","a,b","a b"],"tipos":["carro"]}\n',
]
LLANAS = (0, 1, 4)
LISTAS = [json.dumps([f"c{n:02}" for n in range(cuantos)], separators=(",", ":")) for cuantos in (8, 9, 10, 11, 20, 21)]
# What a field may be changed into, right or wrong, as JSON; and what may come to stand anywhere.
SIN_ESPACIOS = r"""
    0 1 5 9 10 99 100 101 -1 01 1.0 1e0 true null {} "" "1" "9" "a-_Z" "ñ" "\u0031" [] [""] [1] [null] [["aa"]]
    ["a"] ["Aa"] ["aa"] ["aa","aa"] ["bb","aa"] ["aa","bb"] ["a_1","b_2","c_3"] ["\u0061a"] ["a","b"]
    ["\""] ["\\"] ["]"] ["[],"] ["a\tb"] ["\n"] ["é"] ["😀"]
"""
VALORES = [
    *SIN_ESPACIOS.split(),
    *('[" A"]', '["A "]', '["a b"]', '["aa", "bb"]', '["a\tb"]', '["\x7f"]', '["\u2028"]', '["\u200b"]', '["\u00a0"]'),
    *(f'"{"x" * largo}"' for largo in (40, 41)),
    *(f'["{"x" * largo}"]' for largo in (32, 33, 40, 41)),
    *LISTAS,
]
SUELTOS = r"""
    " , [ ] { } : \ \\ \" "," [""] [] A ñ \u0041 \n 0 1 00 -1 null {} "id":"1" "nivel":5, "otra":1, ["carro"],"x":[
"""
TROZOS = [*SUELTOS.split(), " ", "\n", "\r", "\t", "\x00", "\x7f", "\u2028", "\u00a0"]
VALOR = re.compile(r'(?<=":)(\[[^\n]*?\](?=,"|\})|"[^"]*"|[0-9]+)')
Veredicto = motor.Bases | tuple[int, str]


def veredicto(dato: bytes, *, linea_a_linea: bool) -> Veredicto:
    try:
        return motor.leer_bases(dato, linea_a_linea=linea_a_linea)
    except motor.BasesInvalidas as rechazo:
        return rechazo.linea, rechazo.regla


def de_ambas_maneras(dato: bytes) -> Veredicto:
    deprisa, despacio = (veredicto(dato, linea_a_linea=manera) for manera in (False, True))
    assert deprisa == despacio, dato
    return despacio


@pytest.fixture(params=[1, 200, motor._BLOQUE], autouse=True)
def bloque(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of one line, of a few, and as they are."""
    monkeypatch.setattr(motor, "_BLOQUE", request.param)


@pytest.mark.parametrize("archivo", ARCHIVOS, ids=lambda archivo: f"{archivo.parent.name} {archivo.name[:2]}")
def test_cada_archivo(archivo: Path) -> None:
    de_ambas_maneras(archivo.read_bytes())


@pytest.mark.parametrize("vector", VECTORES, ids=lambda vector: vector.name[:2])
def test_lo_que_es_llano_no_pasa_por_las_reglas(vector: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def por_reglas(*_: object) -> None:
        raise AssertionError("line by line")

    entero = motor.leer_bases(vector.read_bytes())
    monkeypatch.setattr(motor._Lector, "por_reglas", por_reglas)
    llano = (CABEZA + "".join(PERSONAS[n] for n in LLANAS)).encode()
    assert len(motor.leer_bases(llano).participantes) == len(LLANAS)
    assert motor.leer_bases(vector.read_bytes()) == entero


def cambiar_trozo(azar: random.Random, dato: str) -> str:
    desde = azar.randrange(len(dato))
    return dato[:desde] + azar.choice(TROZOS) + dato[desde + azar.choice([0, 0, 1, 2, 5]) :]


def cambiar_valor(azar: random.Random, dato: str) -> str:
    """Another value for one field of one line, which stays JSON."""
    valores = list(VALOR.finditer(dato))
    if not valores:
        return dato
    viejo = azar.choice(valores)
    return dato[: viejo.start()] + azar.choice(VALORES) + dato[viejo.end() :]


def quitar(azar: random.Random, dato: str) -> str:
    desde = azar.randrange(len(dato))
    return dato[:desde] + dato[desde + azar.choice([1, 1, 2, 10]) :]


def truncar(azar: random.Random, dato: str) -> str:
    return dato[: azar.randrange(len(dato))]


def mover_linea(azar: random.Random, dato: str) -> str:
    lineas = dato.splitlines(keepends=True)
    lineas.insert(azar.randrange(len(lineas) + 1), azar.choice([*lineas, "\n", "{}\n", "[]\n"]))
    return "".join(lineas)


def repetir(azar: random.Random, dato: str) -> str:
    desde, hasta = sorted(azar.randrange(len(dato)) for _ in range(2))
    return dato[:hasta] + dato[desde:]


CAMBIOS: list[Callable[[random.Random, str], str]] = [
    *(cambiar_trozo, *[cambiar_valor] * 6, quitar, truncar, mover_linea, repetir)
]


def estropeado(azar: random.Random) -> bytes:
    """A good file with one or two faults in the lines of participants, or none; some bytes are no UTF-8."""
    personas = "".join(azar.sample(PERSONAS, 5) if azar.random() < 0.1 else PERSONAS[azar.randrange(5) :])
    for _ in range(azar.choice([1, 1, 2])):
        if personas:
            personas = azar.choice(CAMBIOS)(azar, personas)
    crudas = bytearray(personas.encode())
    if crudas and azar.random() < 0.1:
        crudas[azar.randrange(len(crudas))] = azar.randrange(256)
    return CABEZA.encode() + crudas


def test_miles_de_archivos_estropeados() -> None:
    vistos: Counter[str] = Counter()
    for n in range(6000):
        quedo = de_ambas_maneras(estropeado(random.Random(n)))  # noqa: S311
        vistos["se lee" if isinstance(quedo, motor.Bases) else quedo[1]] += 1
    # All rules that a line of a participant can break were broken, and not everything was refused.
    de_linea = {"fin_de_linea", "utf8", "json", "canonica", "claves", "id_orden"}
    assert vistos.keys() == {"se lee", *de_linea, *motor._DEL_PARTICIPANTE}
    assert vistos["se lee"] > 200, vistos


def test_el_resultado_es_el_mismo() -> None:
    """What the command line writes comes of rows read in blocks; what it must be, of objects read by the rules."""
    secreto = "ab" * 32
    dato = (CABEZA + "".join(PERSONAS)).replace("0" * 64, motor.compromiso_de(secreto)).encode()
    semilla = motor.semilla_de(secreto, motor.sha256_hex(dato), "1")
    puestos = motor.sortear(motor.leer_bases(dato, linea_a_linea=True), semilla)
    assert motor.correr(dato, secreto, "1") == motor.escribir_resultado(puestos)
    assert len(puestos) == len(PERSONAS)
