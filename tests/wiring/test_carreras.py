"""Two people break a rule at the same moment, each at a process of the API: what both are told, and what is left, is
what one of them after the other comes to, in one order or the other."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from tests.alcance import EXHAUSTIVO
from tests.wiring.carreras.contrato import Carrera, Dichos, Llamada
from tests.wiring.carreras.padron import DEL_PADRON
from tests.wiring.carreras.pista import Escena, Pista, pista
from tests.wiring.carreras.solicitudes import DE_SOLICITUDES

pytestmark = pytest.mark.mongod
CARRERAS = [*DEL_PADRON, *DE_SOLICITUDES]
_APARTE = 0.012
"""Seconds, at most, between the two calls: as long as one takes."""
_DE_CADA_MODO = 4
"""Races in which each call begins first at each process, at the same moment; `make exhaustivo` runs as many as each
says, and the later ones a little apart."""


@pytest.fixture(scope="module")
async def corrida(servidor: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pista]:
    with pista(tmp_path_factory.mktemp("carreras"), servidor) as abierta:
        yield abierta
        await abierta.cerrar()


async def _escenas(abierta: Pista, carrera: Carrera) -> list[Escena]:
    """As they stand before the race: one for each order, and one for each time that it is run."""
    escenas = await abierta.escenas((carrera.veces if EXHAUSTIVO else _DE_CADA_MODO) + 2)
    for llamadas in (carrera.antes, carrera.luego):
        if llamadas is carrera.luego and llamadas:
            abierta.saber()
        for escena in escenas:
            for llamada in llamadas:
                dicho = await abierta.hacer(0, llamada, escena)
                assert dicho in ("200", "201", "204", "hecho"), (llamada, dicho)
    return escenas


async def _una_tras_otra(abierta: Pista, carrera: Carrera, escena: Escena, *, a_primero: bool) -> Dichos:
    dichos = {}
    for es_a in (a_primero, not a_primero):
        dichos[es_a] = await abierta.hacer(int(es_a), carrera.a if es_a else carrera.b, escena)
    return dichos[True], dichos[False]


async def _a_la_vez(abierta: Pista, carrera: Carrera, escena: Escena, vez: int, dado: random.Random) -> Dichos:
    """By turns which of them begins, at which process, and whether at once or a little later."""
    tarde = dado.uniform(0, _APARTE) * (vez // 4 % 3) / 2

    async def hacer(llamada: Llamada, proceso: int, espera: float) -> str:
        await asyncio.sleep(espera)
        return await abierta.hacer(proceso, llamada, escena)

    proceso, a_primero = vez // 2 % 2, vez % 2 == 0
    una, otra = await asyncio.gather(
        hacer(carrera.a, proceso, 0 if a_primero else tarde),
        hacer(carrera.b, 1 - proceso, tarde if a_primero else 0),
    )
    return una, otra


@pytest.mark.parametrize("carrera", CARRERAS, ids=lambda carrera: carrera.que)
async def test_it_ends_as_in_one_order_or_the_other(corrida: Pista, carrera: Carrera) -> None:
    primera, segunda, *otras = await _escenas(corrida, carrera)
    ordenes = []
    for escena, a_primero in ((primera, True), (segunda, False)):
        dichos = await _una_tras_otra(corrida, carrera, escena, a_primero=a_primero)
        assert dichos == (carrera.a_antes if a_primero else carrera.b_antes)
        ordenes.append([*dichos, *escena.queda(corrida.guardado)])
    dado = random.Random(carrera.que)  # noqa: S311
    for vez, escena in enumerate(otras):
        dichos = await _a_la_vez(corrida, carrera, escena, vez, dado)
        queda = [*dichos, *escena.queda(corrida.guardado)]
        assert queda in ordenes, "\n\n".join("\n".join(sorted({*queda} ^ {*orden})) for orden in ordenes)
