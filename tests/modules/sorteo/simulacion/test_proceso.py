"""Many draws in a process of their own: the engine's, draw by draw."""

import io
import json
from pathlib import Path

import pytest

from app.modules.sorteo import motor
from app.modules.sorteo.exceptions import MotorInterrumpido
from app.modules.sorteo.simulacion import proceso as modulo
from app.modules.sorteo.simulacion.proceso import contar, corridas, semilla_de, servir
from tests.modules.sorteo.pasos.test_corrida import VECTORES, Vigilados, bases_de

SEMILLA = "cd" * 32


@pytest.fixture
def procesos(monkeypatch: pytest.MonkeyPatch) -> Vigilados:
    vigilados = Vigilados()
    monkeypatch.setattr(modulo, "proceso_propio", vigilados.propio)
    return vigilados


async def simular(bases: list[bytes], repeticiones: int) -> list[list[int]]:
    async with corridas(bases, semilla=SEMILLA, repeticiones=repeticiones) as dichos:
        vistos = [dicho async for dicho in dichos]
    assert isinstance(vistos[-1], list)
    return vistos[-1]


def con_espacio(cruda: bytes, n: int) -> set[str]:
    """Who gets a space in draw `n`, by the engine's own command line's way."""
    bases = motor.leer_bases(cruda)
    resultado = motor.escribir_resultado(motor.sortear(bases, semilla_de(SEMILLA, n)))
    return {puesto["id"] for puesto in map(json.loads, resultado.splitlines()) if puesto["espacio"] is not None}


@pytest.mark.parametrize("vector", VECTORES[::4], ids=lambda vector: vector.stem)
def test_draw_by_draw_as_the_engine(vector: Path) -> None:
    cruda = vector.with_suffix(".bases.jsonl").read_bytes()
    bases = motor.leer_bases(cruda)
    ids = [p.id for p in bases.participantes]
    (antes,) = contar([bases], SEMILLA, 0, lambda _: None)
    for n in range(5):
        (cuentas,) = contar([bases], SEMILLA, n + 1, lambda _: None)
        ganaron = {id for id, c, a in zip(ids, cuentas, antes, strict=True) if c > a}
        assert ganaron == con_espacio(cruda, n)
        antes = cuentas


async def test_two_sides_on_the_same_seeds(procesos: Vigilados) -> None:
    una, otra = bases_de(60), bases_de(40)
    ganadas = await simular([una, otra], 12)
    for cruda, cuentas in zip((una, otra), ganadas, strict=True):
        bases = motor.leer_bases(cruda)
        esperadas = dict.fromkeys((p.id for p in bases.participantes), 0)
        for n in range(12):
            for id in con_espacio(cruda, n):
                esperadas[id] += 1
        assert cuentas == list(esperadas.values())
    assert await simular([una, una], 5) == [(await simular([una], 5))[0]] * 2
    assert procesos.viven() == []


async def test_one_that_is_killed(procesos: Vigilados) -> None:
    async def matando() -> None:
        async with corridas([bases_de(3000)], semilla=SEMILLA, repeticiones=10**6) as dichos:
            async for _ in dichos:
                procesos.matar()

    with pytest.raises(MotorInterrumpido):
        await matando()


async def test_whoever_goes_leaves_none(procesos: Vigilados) -> None:
    async with corridas([bases_de(3000)], semilla=SEMILLA, repeticiones=10**6) as dichos:
        assert isinstance(await anext(dichos), int)
    assert procesos.viven() == []


def test_what_was_cut_short_is_not_answered() -> None:
    cruda = bases_de(3)
    cabeza = json.dumps({"semilla": SEMILLA, "repeticiones": 1, "largos": [len(cruda)]}).encode() + b"\n"
    salida = io.BytesIO()
    servir(io.BytesIO(cabeza + cruda[:-1]), salida)
    assert salida.getvalue() == b""
    servir(io.BytesIO(cabeza + cruda), salida)
    assert json.loads(salida.getvalue()[8:]) == [[1, 1, 1]]
