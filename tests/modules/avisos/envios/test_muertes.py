"""A worker killed with -9 while it sends, and others that go on: nothing is lost, and what goes twice is the same
message."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from beanie import PydanticObjectId

from app.core import clock
from tests.modules.avisos.conftest import Montar
from tests.modules.avisos.oficina import Oficina

RAIZ = Path(__file__).parents[4]
CUANTOS = 60


async def _arrancar(servidor: str, puerto: int) -> Process:
    argumentos = ("-m", "tests.modules.avisos.corredor", servidor, "pruebas", str(puerto))
    proceso = await asyncio.create_subprocess_exec(sys.executable, *argumentos, cwd=RAIZ, stdout=PIPE)
    assert proceso.stdout is not None
    assert await proceso.stdout.readline() == b"listo\n"
    return proceso


async def test_matar_a_quien_envia(montar: Montar, correo: Oficina, servidor: str) -> None:
    casa = montar(correo)
    clock.usar_fuente(None)  # the workers have no other
    correo.tardanza = 0.02
    quienes = [PydanticObjectId() for _ in range(CUANTOS)]
    await casa.servicio.avisar_varios(tipo="rol_cambiado", avisos=[(q, {"rol": "auditor"}) for q in quienes])

    muertes = 0
    while muertes < 2:
        proceso = await _arrancar(servidor, correo.puerto)
        correo.recibiendo.clear()
        await correo.recibiendo.wait()
        await asyncio.sleep(0.05 * muertes)
        os.kill(proceso.pid, signal.SIGKILL)
        await proceso.wait()
        muertes += 1

    assert 0 < len(correo.tomados) < CUANTOS
    # Their leases end, and two others take over.
    await casa.r_envios.update_many({"ficha": {"$ne": None}}, [{"$set": {"proximo_en": "$creado_en"}}])
    otros = [await _arrancar(servidor, correo.puerto) for _ in range(2)]
    assert [await otro.wait() for otro in otros] == [0, 0]

    # Each death leaves at most one that nobody knows about: it waits a little, and goes again as the same message.
    assert await casa.r_envios.count({"estado": "pendiente"}) <= muertes
    await casa.r_envios.update_many({"estado": "pendiente"}, [{"$set": {"proximo_en": "$creado_en"}}])
    ultimo = await _arrancar(servidor, correo.puerto)
    assert await ultimo.wait() == 0
    assert await casa.estados() == {"enviado": CUANTOS}
    assert set(correo.cuantos) == {f"{quien}@example.com" for quien in quienes}
    repetidos = [para for para, cuantos in correo.cuantos.items() if cuantos > 1]
    assert len(repetidos) <= muertes
    assert len({mensaje["Message-ID"] for _, mensaje in correo.tomados}) == CUANTOS
