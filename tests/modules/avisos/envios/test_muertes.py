"""A worker killed with -9 while it sends, and others that go on: nothing is sent twice, and nothing is lost quietly."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from datetime import timedelta
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

    assert set(correo.cuantos.values()) == {1}
    estados = await casa.estados()
    assert set(estados) <= {"enviado", "incierto"}
    # Each death leaves at most one that nobody knows about; what the server took is one of these or was sent.
    inciertos = await casa.r_envios.find({"estado": "incierto"})
    enviados = await casa.r_envios.find({"estado": "enviado"})
    assert len(inciertos) <= muertes
    assert len(inciertos) + len(enviados) == CUANTOS
    llegados = {para.removesuffix("@example.com") for para in correo.cuantos}
    assert {str(e.destinatario) for e in enviados} <= llegados
    assert llegados <= {str(e.destinatario) for e in enviados + inciertos}

    # What was left uncertain waits for a person.
    clock.usar_fuente(lambda: clock._reloj_del_sistema() + timedelta(days=1))
    antes = len(correo.tomados)
    await casa.enviar()
    assert len(correo.tomados) == antes
