"""Figures of first screens: who counts, when, and as of when the count is."""

import asyncio
from collections.abc import Sequence

import pymongo
import pytest
from beanie import Document

from app.core.figures.models import CifraGuardada, Filas
from app.core.figures.repository import CifraRepository
from app.core.figures.service import CADA, POCAS, Cifras
from app.database.deadlines import DE_UNA_OPERACION
from app.database.unit_of_work import UnitOfWork
from tests.conftest import INICIO, Reloj

pytestmark = pytest.mark.mongod

NOMBRE = "cosas"
MUCHAS = POCAS + 1


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return [CifraGuardada]


class Cosas:
    """What is counted. `veces`: how often."""

    def __init__(self, cuantas: int) -> None:
        self.cuantas = cuantas
        self.veces = 0

    async def contar(self) -> Filas:
        self.veces += 1
        return [{"clase": "a", "n": self.cuantas}]


def proceso(cosas: Cosas) -> Cifras:
    cifras = Cifras(guardadas=CifraRepository())
    cifras.encargar(NOMBRE, cosas.contar)
    return cifras


async def ver(cifras: Cifras) -> int:
    return (await cifras.de(NOMBRE)).cuantas


@pytest.mark.usefixtures("base_real", "reloj")
class TestPocas:
    async def test_are_those_of_now(self) -> None:
        cosas = Cosas(POCAS)
        cifras = proceso(cosas)
        await cifras.renovar()
        for cuantas in (POCAS, 3):
            cosas.cuantas = cuantas
            cifra = await cifras.de(NOMBRE)
            assert (cifra.cuantas, cifra.contado_en) == (cuantas, None)

    async def test_who_finds_that_they_are_many_counts_them_once(self) -> None:
        cosas = Cosas(MUCHAS)
        cifras = proceso(cosas)
        assert [(await cifras.de(NOMBRE)).contado_en for _ in range(3)] == [None, INICIO, INICIO]
        assert cosas.veces == 1


@pytest.mark.usefixtures("base_real", "reloj")
class TestALaVez:
    async def test_who_asks_while_they_are_counted_shares_the_next_count(self) -> None:
        empezo, sigue = asyncio.Event(), asyncio.Event()

        class Lentas(Cosas):
            async def contar(self) -> Filas:
                filas = await super().contar()
                empezo.set()
                await sigue.wait()
                return filas

        cosas = Lentas(1)
        cifras = proceso(cosas)
        primera = asyncio.create_task(ver(cifras))
        await empezo.wait()
        cosas.cuantas = 2
        otras = [asyncio.create_task(ver(cifras)) for _ in range(5)]
        await asyncio.sleep(0)
        sigue.set()
        assert (await primera, [await otra for otra in otras], cosas.veces) == (1, [2] * 5, 2)

    async def test_a_count_that_fails_is_no_count_of_the_next(self) -> None:
        class Rotas(Cosas):
            async def contar(self) -> Filas:
                filas = await super().contar()
                if self.veces == 1:
                    raise OSError
                return filas

        cifras = proceso(Rotas(3))
        with pytest.raises(OSError):  # noqa: PT011
            await ver(cifras)
        assert await ver(cifras) == 3


class TestMuchas:
    async def test_nobody_who_asks_waits_for_a_count(self, base_real: UnitOfWork, reloj: Reloj) -> None:  # noqa: ARG002
        cosas = Cosas(MUCHAS)
        cifras = proceso(cosas)
        await cifras.renovar()
        cosas.cuantas += 1
        reloj.avanzar(seconds=2 * CADA.total_seconds())
        cifra = await cifras.de(NOMBRE)
        assert (cifra.cuantas, cifra.contado_en, cosas.veces) == (MUCHAS, INICIO, 1)
        await cifras.renovar()
        cifra = await cifras.de(NOMBRE)
        assert (cifra.cuantas, cifra.contado_en, cosas.veces) == (MUCHAS + 1, INICIO + 2 * CADA, 2)

    async def test_the_beat_may_take_longer_than_whoever_asks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tiempos: list[float | None] = []

        async def contar() -> Filas:
            tiempos.append(pymongo._csot.remaining())
            return [{"clase": "a", "n": MUCHAS}]

        cosas = Cosas(MUCHAS)
        monkeypatch.setattr(cosas, "contar", contar)
        await proceso(cosas).renovar()
        assert (tiempos[0] or 0) > 10 * DE_UNA_OPERACION

    async def test_one_count_serves_every_process(self, base_real: UnitOfWork, reloj: Reloj) -> None:  # noqa: ARG002
        cosas = Cosas(MUCHAS)
        uno, otro = proceso(cosas), proceso(cosas)
        await uno.renovar()
        await otro.renovar()
        assert [await ver(uno), await ver(otro), cosas.veces] == [MUCHAS, MUCHAS, 1]

    async def test_of_two_counts_the_later_stands(self, base_real: UnitOfWork, reloj: Reloj) -> None:  # noqa: ARG002
        """Who was paused after counting writes last, and changes nothing."""
        guardadas = CifraRepository()
        cosas = Cosas(MUCHAS)
        cifras = proceso(cosas)
        await cifras.renovar()
        (tardia,) = (await guardadas.todas()).values()
        cosas.cuantas += 1
        reloj.avanzar(seconds=2 * CADA.total_seconds())
        await cifras.renovar()
        await guardadas.guardar(NOMBRE, tardia)
        (queda,) = (await guardadas.todas()).values()
        assert (queda.cuantas, queda.contado_en) == (MUCHAS + 1, INICIO + 2 * CADA)

    async def test_what_takes_long_is_counted_less_often(self, base_real: UnitOfWork, reloj: Reloj) -> None:  # noqa: ARG002
        cosas = Cosas(MUCHAS)
        cifras = proceso(cosas)
        await cifras.renovar()
        (cifra,) = (await CifraRepository().todas()).values()
        await CifraGuardada.get_motor_collection().update_one({}, {"$set": {"tardo": 2 * CADA.total_seconds()}})
        reloj.avanzar(seconds=2 * CADA.total_seconds())
        await cifras.renovar()
        assert cosas.veces == 1
        reloj.avanzar(hours=1)
        await cifras.renovar()
        assert (cosas.veces, cifra.contado_en) == (2, INICIO)

    async def test_where_nothing_beats_who_asks_counts(self, base_real: UnitOfWork, reloj: Reloj) -> None:  # noqa: ARG002
        cosas = Cosas(MUCHAS)
        cifras = proceso(cosas)
        await cifras.renovar()
        cosas.cuantas += 1
        reloj.avanzar(seconds=11 * CADA.total_seconds())
        assert await ver(cifras) == MUCHAS + 1

    async def test_what_became_few_is_counted_again(self, base_real: UnitOfWork, reloj: Reloj) -> None:  # noqa: ARG002
        cosas = Cosas(MUCHAS)
        cifras = proceso(cosas)
        await cifras.renovar()
        cosas.cuantas = 2
        reloj.avanzar(seconds=2 * CADA.total_seconds())
        await cifras.renovar()
        cosas.cuantas = 1
        assert await ver(cifras) == 1
