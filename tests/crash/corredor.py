"""The real API, made to die in the middle of a step, in a process of its own: see `tests.crash.edificio.api`.

MORIR_EN        module:Class.method, at whose call number MORIR_LLAMADA (from 1) it sends itself MORIR_CON
MORIR_CON       SIGKILL, or SIGSTOP: it hangs, and its connections stay
MORIR_CUANDO    antes | despues of doing what the method does
PAUSAS          a folder: `parar` holds the number (from 1) of the command to the database, among those of a step that
                holds its turn, at which it sends itself SIGSTOP, 0 for none; `adelante`, seconds that its clock is fast
RELOJ_ADELANTE  seconds that its clock is fast, where there is no PAUSAS
TURNO           seconds that a turn, a job or a key of idempotency lasts without being renewed
LOTE            rows of a batch
"""

import contextlib
import functools
import importlib
import signal
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import motor.frameworks.asyncio as de_motor
import uvicorn

from app.core import clock
from app.core.config import load_settings
from app.core.idempotency import service as idempotencia
from app.core.imports import engine as importacion
from app.core.jobs import context as contexto
from app.core.processes import asentar
from app.main import create_app
from app.modules.sorteo.pasos import corrida, publicacion
from app.modules.sorteo.turnos import service as turnos
from tests.bases import con_paciencia
from tests.crash.vivero import instalarse


def enviarse(senal: signal.Signals) -> None:
    """To this thread, which goes no further. One that is sent to the process is taken by its main thread, when that has
    a processor: another may have committed by then."""
    signal.pthread_kill(threading.get_ident(), senal)


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
            enviarse(senal)
        hecho = await original(*que, **mas)
        if mia:
            enviarse(senal)
        return hecho

    setattr(duena, metodo, mortal)


def armar_pausas(carpeta: Path) -> None:
    original: Callable[..., Any] = de_motor.run_on_executor
    tomar = turnos.Turnos.tomar
    faltan: ContextVar[list[int]] = ContextVar("faltan")

    @contextlib.asynccontextmanager
    async def contado(*que: Any) -> AsyncIterator[str]:
        async with tomar(*que) as ficha:
            # Of whoever holds it, and not of the renewals, which began before.
            faltan.set([int((carpeta / "parar").read_text())])
            yield ficha

    def ejecutar(*que: Any, **mas: Any) -> Any:
        cuenta = faltan.get([0])
        cuenta[0] -= 1
        if cuenta[0] == 0:
            enviarse(signal.SIGSTOP)
        return original(*que, **mas)

    setattr(turnos.Turnos, "tomar", contado)  # noqa: B010
    setattr(de_motor, "run_on_executor", ejecutar)  # noqa: B010


def reloj(carpeta: str | None, adelante: str) -> Callable[[], datetime]:
    if carpeta is None:
        return lambda: datetime.now(UTC) + timedelta(seconds=float(adelante))
    archivo = Path(carpeta) / "adelante"
    return lambda: datetime.now(UTC) + timedelta(seconds=float(archivo.read_text()))


def main(carpeta: Path, entorno: Mapping[str, str]) -> None:
    """With these variables and no others, in this folder, where `api.log` has what it says."""
    instalarse(carpeta, entorno, carpeta / "api.log")
    clock.usar_fuente(reloj(entorno.get("PAUSAS"), entorno["RELOJ_ADELANTE"]))
    duracion = timedelta(seconds=float(entorno["TURNO"]))
    turnos.DURACION = idempotencia.DURACION = contexto.DURACION = duracion
    corrida.LOTE = publicacion.LOTE = importacion.LOTE = int(entorno["LOTE"])
    if "PAUSAS" in entorno:
        armar_pausas(Path(entorno["PAUSAS"]))
    if "MORIR_EN" in entorno:
        armar(
            entorno["MORIR_EN"],
            int(entorno["MORIR_LLAMADA"]),
            entorno["MORIR_CUANDO"],
            signal.Signals[entorno["MORIR_CON"]],
        )
    ajustes = load_settings()
    app = create_app(ajustes)
    vars(app.state.despacho)["_raiz"] = importlib.import_module("tests.crash.arbol").RAIZ
    asentar()
    with con_paciencia():
        uvicorn.run(app, host=ajustes.host, port=ajustes.port, log_config=None, access_log=False)
