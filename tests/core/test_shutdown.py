"""Hearing that the process is to stop."""

import asyncio
import signal
import subprocess
import sys

import pytest

from app.core.shutdown import Parada


async def test_una_senal_se_oye_y_pasa_a_quien_la_oia_antes() -> None:
    oidas: list[int] = []
    antes = signal.signal(signal.SIGTERM, lambda senal, _: oidas.append(senal))
    try:
        async with Parada() as parada:
            assert not parada.avisada
            esperando = asyncio.create_task(parada.esperar())
            signal.raise_signal(signal.SIGTERM)
            assert await esperando
            assert parada.avisada
        assert oidas == [signal.SIGTERM]
        signal.raise_signal(signal.SIGTERM)
        assert oidas == [signal.SIGTERM] * 2
    finally:
        signal.signal(signal.SIGTERM, antes)


async def test_quien_oia_antes_la_oye_al_cabo_del_drenaje_y_la_segunda_enseguida() -> None:
    oidas: list[int] = []
    antes = signal.signal(signal.SIGTERM, lambda senal, _: oidas.append(senal))
    try:
        async with Parada(0.05) as parada:
            signal.raise_signal(signal.SIGTERM)
            assert await parada.esperar(60)
            assert oidas == []
            await asyncio.sleep(0.1)
            assert oidas == [signal.SIGTERM]
        async with Parada(60) as parada:
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGTERM)
            assert oidas == [signal.SIGTERM] * 2
            assert await parada.esperar(60)
    finally:
        signal.signal(signal.SIGTERM, antes)


@pytest.mark.parametrize("senal", [signal.SIGTERM, signal.SIGINT])
def test_un_proceso_que_no_hace_otra_cosa_termina_como_siempre(senal: signal.Signals) -> None:
    """Nobody else hears the signal: it does what it does by default."""
    programa = f"""
import asyncio, signal
from app.core.shutdown import Parada
# Whoever started this may have had it ignored, as a shell does for what it puts behind itself.
signal.signal(signal.SIGINT, signal.default_int_handler)
async def main():
    async with Parada():
        signal.raise_signal({int(senal)})
        await asyncio.sleep(60)
asyncio.run(main())
"""
    hecho = subprocess.run([sys.executable, "-c", programa], capture_output=True, check=False)  # noqa: S603
    assert hecho.returncode == -senal


async def test_esperar_es_dormir_hasta_que_se_avisa() -> None:
    parada = Parada()
    assert not await parada.esperar(0.01)
    esperando = asyncio.create_task(parada.esperar(60))
    await asyncio.sleep(0)
    parada.avisar()
    assert await esperando
    assert await parada.esperar(0)


async def test_su_fin_tambien_avisa() -> None:
    async with Parada() as parada:
        pass
    assert parada.avisada
