"""What an application stands on is opened in time, later, or never; and closed in the end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.database import opening
from app.database.opening import Apertura


class Caida(Exception):
    pass


class Cosa:
    """Fails `fallos`, one after the other, before it opens."""

    def __init__(self, *fallos: Exception) -> None:
        self.fallos = list(fallos)
        self.cerrada = False

    @asynccontextmanager
    async def abrir(self) -> AsyncIterator[Mapping[str, Any]]:
        if self.fallos:
            raise self.fallos.pop(0)
        yield {"base": self}
        self.cerrada = True


def apertura(cosa: Cosa, rendidas: list[Exception]) -> Apertura:
    return Apertura(cosa.abrir, es_caida=lambda e: isinstance(e, Caida), al_rendirse=rendidas.append)


@pytest.fixture(autouse=True)
def _sin_pausa(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_PAUSA", 0.01)


async def _hasta(que: Any) -> None:
    while not que():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_lo_que_se_abre_a_la_primera_esta_cuando_empieza() -> None:
    cosa = Cosa()
    async with apertura(cosa, []) as abierta:
        assert (abierta.estado, abierta.tarde) == ({"base": cosa}, False)
    assert cosa.cerrada


async def test_mientras_hay_una_caida_se_intenta_otra_vez_y_se_dice_una_vez(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cosa, rendidas = Cosa(*[Caida()] * 3), list[Exception]()
    with caplog.at_level(logging.WARNING):
        async with apertura(cosa, rendidas) as abierta:
            assert (abierta.estado, abierta.tarde) == (None, True)
            await _hasta(lambda: abierta.estado is not None)
    assert cosa.cerrada
    assert rendidas == []
    assert len(caplog.records) == 1


async def test_lo_que_no_es_una_caida_impide_empezar() -> None:
    with pytest.raises(ValueError, match="mal"):
        async with apertura(Cosa(ValueError("mal")), []):
            pass


async def test_ni_se_insiste_despues_de_una_caida() -> None:
    rendidas: list[Exception] = []
    async with apertura(Cosa(Caida(), ValueError("mal")), rendidas) as abierta:
        await _hasta(lambda: rendidas)
        assert abierta.estado is None
    assert [str(error) for error in rendidas] == ["mal"]


async def test_pasado_el_plazo_se_rinde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_PLAZO", 0.1)
    rendidas: list[Exception] = []
    async with apertura(Cosa(*[Caida()] * 10_000), rendidas):
        await _hasta(lambda: rendidas)
    assert isinstance(rendidas[0], Caida)


async def test_quien_termina_antes_no_espera() -> None:
    rendidas: list[Exception] = []
    async with apertura(Cosa(*[Caida()] * 10_000), rendidas) as abierta:
        assert abierta.estado is None
    assert rendidas == []


async def test_lo_que_falla_al_cerrar_se_sabe() -> None:
    class Mala(Cosa):
        @asynccontextmanager
        async def abrir(self) -> AsyncIterator[Mapping[str, Any]]:
            yield {}
            raise ValueError("al cerrar")

    with pytest.raises(ValueError, match="al cerrar"):
        async with apertura(Mala(), []):
            pass


async def test_lo_que_tarda_se_abre_con_el_proceso_ya_en_marcha(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stored data is being changed: `live` is answered meanwhile."""
    monkeypatch.setattr(opening, "_PACIENCIA", 0.01)
    sigue, cosa = asyncio.Event(), Cosa()

    @asynccontextmanager
    async def abrir() -> AsyncIterator[Mapping[str, Any]]:
        await sigue.wait()
        async with cosa.abrir() as estado:
            yield estado

    async with Apertura(abrir, es_caida=lambda _: False, al_rendirse=lambda _: None) as abierta:
        assert (abierta.estado, abierta.tarde) == (None, True)
        sigue.set()
        await _hasta(lambda: abierta.estado)
        assert abierta.estado == {"base": cosa}
    assert cosa.cerrada


async def test_lo_que_tarda_y_no_puede_ser_se_dice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_PACIENCIA", 0.01)
    rendidas, fallo = list[Exception](), ValueError("otra versión")

    @asynccontextmanager
    async def abrir() -> AsyncIterator[Mapping[str, Any]]:
        await asyncio.sleep(0.05)
        raise fallo
        yield {}

    async with Apertura(abrir, es_caida=lambda _: False, al_rendirse=rendidas.append):
        await _hasta(lambda: rendidas)
    assert rendidas == [fallo]
