"""The engine of the pages, under Node: all vectors and refusals of docs/sorteo-v1, and whatever the engine of the
server says of other files, good and bad ones."""

import base64
import json
import random
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.modules.sorteo import motor
from app.modules.sorteo.motor import Bases, Espacio, Participante
from scripts.clientes import NODE

RAIZ = Path(__file__).parents[2]
VECTORES = sorted((RAIZ / "docs/sorteo-v1/vectores").glob("??.json"))
RECHAZOS = sorted((RAIZ / "docs/sorteo-v1/rechazos").glob("??.json"))
# The files name their rules in English.
REGLAS = {"canonical": "canonica", "keys": "claves", "id order": "id_orden", "espacios order": "espacios_orden"}
SECRETO = "5a" * 32
TIPOS = ["carro", "carro_electrico", "moto", "bicicleta"]
CONDICIONES = ["adulto_mayor", "embarazo", "movilidad_reducida"]

Caso = tuple[bytes, str, str]
"""Bases, secret, public number."""


def en_node(casos: Iterable[Caso]) -> list[dict[str, Any]]:
    entrada = json.dumps([{"bases": base64.b64encode(b).decode(), "secreto": s, "entropia": e} for b, s, e in casos])
    orden = [*NODE, str(Path(__file__).with_name("corredor.cjs"))]
    corrida = subprocess.run(orden, input=entrada.encode(), capture_output=True, check=False)  # noqa: S603 - ours
    assert corrida.returncode == 0, corrida.stderr.decode()
    dicho: list[dict[str, Any]] = json.loads(corrida.stdout)
    return dicho


def en_python(bases: bytes, secreto: str, entropia: str) -> dict[str, Any]:
    try:
        resultado = motor.correr(bases, secreto, entropia)
    except motor.BasesInvalidas as error:
        return {"linea": error.linea, "regla": error.regla}
    except motor.SecretoInvalido:
        return {"linea": None, "regla": "secreto"}
    except motor.EntropiaInvalida:
        return {"linea": None, "regla": "entropia"}
    huella = motor.sha256_hex(bases)
    return {
        "huella": huella,
        "semilla": motor.semilla_de(secreto, huella, entropia),
        "huella_resultado": motor.sha256_hex(resultado),
        "resultado": resultado.decode(),
    }


def al_azar(azar: random.Random, personas: int, espacios: int) -> bytes:
    """Bases with codes that need escaping, lie beyond U+FFFF, or are unknown; few rights, so that people compete."""
    codigos = [f"{azar.choice(['A', 'Ñ', chr(0x1F17F), chr(0xFB00), chr(34)])}-{n:02}" for n in range(espacios)]
    participantes = [
        Participante(
            id=azar.choice("0Az_-") + str(n),
            nivel=azar.randint(3, 5),
            boletas=azar.choice([1, 1, 2, 100]),
            tipos=tuple(azar.sample(TIPOS, azar.randint(1, 4))),
            condiciones=tuple(sorted(azar.sample(CONDICIONES, azar.choice([0, 0, 1, 2])))),
            preferencias=tuple(azar.choices([*codigos, "no existe"], k=azar.randint(0, 6))),
        )
        for n in range(personas)
    ]
    bases = Bases(
        sorteo="s",
        compromiso=motor.compromiso_de(SECRETO),
        fuente=f"Lotería \u2028 {chr(34)}",
        liberar_reservas=azar.random() < 0.7,
        espacios=tuple(Espacio(c, azar.choice(TIPOS), azar.choice([None, None, *CONDICIONES])) for c in codigos),
        participantes=tuple(participantes),
    )
    return motor.escribir_bases(bases)


def estropeado(azar: random.Random, bases: bytes) -> bytes:
    """The file with one thing changed, cut out, repeated or put in, mostly where it makes another JSON."""
    i = azar.randrange(len(bases))
    j = min(len(bases), i + azar.choice([0, 1, 1, 2, 9, 200]))
    piezas = [b"", b" ", b'"', b",", b"[", b"]", b"{}", b"0", b"-0", b"1.0", b"1e2", b"\\u00e1", b"\\ud800", b"\\/"]
    piezas += [b"\n", b"\r", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\x8b", b"null", b"true", b"A", b"z"]
    return bases[:i] + azar.choice([*piezas, bases[i:j] * 2]) + bases[j:]


def comparar(casos: Sequence[Caso]) -> list[dict[str, Any]]:
    suyos = en_node(casos)
    for caso, suyo in zip(casos, suyos, strict=True):
        assert suyo == en_python(*caso), caso
    return suyos


def test_vectores() -> None:
    esperados = [json.loads(vector.read_text()) for vector in VECTORES]
    assert len(esperados) == 14
    dichos = en_node(
        (vector.with_suffix(".bases.jsonl").read_bytes(), v["secreto"], v["entropia"])
        for vector, v in zip(VECTORES, esperados, strict=True)
    )
    for vector, esperado, dicho in zip(VECTORES, esperados, dichos, strict=True):
        assert dicho["resultado"].encode() == vector.with_suffix(".resultado.jsonl").read_bytes(), vector.stem
        for campo in ("huella", "semilla", "huella_resultado"):
            assert dicho[campo] == esperado[campo], vector.stem


def test_rechazos() -> None:
    esperados = [json.loads(rechazo.read_text()) for rechazo in RECHAZOS]
    assert len(esperados) == 14
    dichos = en_node(
        (rechazo.with_suffix(".bases.jsonl").read_bytes(), v["secreto"], "")
        for rechazo, v in zip(RECHAZOS, esperados, strict=True)
    )
    for rechazo, esperado, dicho in zip(RECHAZOS, esperados, dichos, strict=True):
        regla = REGLAS.get(esperado["regla"], esperado["regla"])
        assert dicho == {"linea": esperado["linea"], "regla": regla}, rechazo.stem


def test_lo_mismo_que_el_servidor() -> None:
    azar = random.Random(1)  # noqa: S311 - the same draws each time
    casos = [(al_azar(azar, azar.randint(0, 60), azar.randint(0, 40)), SECRETO, f"{n} ñ 🎲") for n in range(150)]
    suyos = comparar(casos)
    assert all("resultado" in suyo for suyo in suyos)
    assert sum(suyo["resultado"].count('"espera":null') for suyo in suyos) > 1000


def test_rechaza_lo_mismo_que_el_servidor() -> None:
    azar = random.Random(2)  # noqa: S311 - the same files each time
    bueno = al_azar(azar, 12, 8)
    casos = [(estropeado(azar, bueno), SECRETO, "") for _ in range(1500)]
    suyos = comparar(casos)
    assert {suyo.get("regla") for suyo in suyos} > {
        "json",
        "canonica",
        "utf8",
        "fin_de_linea",
        "claves",
        "id",
        "tipos",
        None,
    }


@pytest.mark.parametrize("secreto", ["", "5A" * 32, "5a" * 31, "5b" * 32])
def test_secretos(secreto: str) -> None:
    bases = al_azar(random.Random(3), 3, 3)  # noqa: S311
    assert comparar([(bases, secreto, "1")]) == [{"linea": None, "regla": "secreto"}]


@pytest.mark.parametrize(("entropia", "cabe"), [("", True), ("🎲" * 1000, True), ("x" * 1001, False), ("a\x85", False)])
def test_entropia(entropia: str, cabe: bool) -> None:
    bases = al_azar(random.Random(4), 3, 3)  # noqa: S311
    assert ("resultado" in comparar([(bases, SECRETO, entropia)])[0]) is cabe


def test_no_pide_nada_al_navegador() -> None:
    """Its hashes are its own: a page over plain http has no `crypto.subtle`."""
    codigo = (RAIZ / "app/pages/web/sorteo-v1.js").read_text(encoding="utf-8")
    assert not [nombre for nombre in ("crypto.", "document.", "fetch(", "import ", "require(") if nombre in codigo]
