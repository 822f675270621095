"""The real API, made to die in the middle of a step: `python -m tests.crash.corredor` in a process of its own.

MORIR_EN        module:Class.method, at whose call number MORIR_LLAMADA (from 1) it sends itself MORIR_CON
MORIR_CON       SIGKILL, or SIGSTOP: it hangs, and its connections stay
MORIR_CUANDO    antes | despues of doing what the method does
RELOJ_ADELANTE  seconds that its clock is fast
TURNO           seconds that a turn, a job or a key of idempotency lasts without being renewed
LOTE            rows of a batch
"""

import functools
import importlib
import os
import signal
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn

from app.core import clock
from app.core.config import load_settings
from app.core.idempotency import service as idempotencia
from app.core.jobs import context as contexto
from app.main import create_app
from app.modules.residentes.importacion import service as importacion
from app.modules.sorteo.pasos import corrida, publicacion, turnos


def armar(donde: str, llamada: int, cuando: str, senal: signal.Signals) -> None:
    modulo, _, nombre = donde.partition(":")
    clase, _, metodo = nombre.partition(".")
    duena = getattr(importlib.import_module(modulo), clase)
    original = getattr(duena, metodo)
    llamadas = 0

    @functools.wraps(original)
    async def mortal(*que: Any, **mas: Any) -> Any:
        nonlocal llamadas
        llamadas += 1
        mia = llamadas == llamada
        if mia and cuando == "antes":
            os.kill(os.getpid(), senal)
        hecho = await original(*que, **mas)
        if mia:
            os.kill(os.getpid(), senal)
        return hecho

    setattr(duena, metodo, mortal)


def main() -> None:
    entorno = os.environ
    adelante = timedelta(seconds=float(entorno["RELOJ_ADELANTE"]))
    clock.usar_fuente(lambda: datetime.now(UTC) + adelante)
    duracion = timedelta(seconds=float(entorno["TURNO"]))
    turnos.DURACION = idempotencia.DURACION = contexto.DURACION = duracion
    corrida.LOTE = publicacion.LOTE = importacion.LOTE = int(entorno["LOTE"])
    if "MORIR_EN" in entorno:
        armar(
            entorno["MORIR_EN"],
            int(entorno["MORIR_LLAMADA"]),
            entorno["MORIR_CUANDO"],
            signal.Signals[entorno["MORIR_CON"]],
        )
    ajustes = load_settings()
    uvicorn.run(create_app(ajustes), host=ajustes.host, port=ajustes.port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
