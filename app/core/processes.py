"""Work that takes long or much memory, in a process of its own: nothing else waits for it, and all of it comes back.

`en_otro_proceso` is a call: one value in, one out. `proceso_propio` is a conversation, for what is too large to be held
in memory here as well.
"""

import asyncio
import contextlib
import gc
import os
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

A = TypeVar("A")
R = TypeVar("R")

_RAIZ = Path(__file__).parents[2]


def asentar() -> None:
    """Once a process has built all that it keeps. What stands is not looked through for cycles again, and what comes is
    looked through less often: a page of fifty rows makes as many objects as eight rounds of the default, and each large
    round went over all modules and schemas, a third of the time of every list."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 10, 10)


async def en_otro_proceso(hacer: Callable[[A], R], con: A) -> R:
    """What `hacer` makes of `con`: a function of a module, which that process imports, and what can be pickled."""
    taller = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))
    try:
        return await asyncio.get_running_loop().run_in_executor(taller, hacer, con)
    finally:
        taller.shutdown(wait=False)


class ProcesoInterrumpido(Exception):
    """It ended before it had taken all, or given all: killed, out of memory, a fault of its own."""


class Proceso:
    """One end of a conversation. Every call raises ProcesoInterrumpido when there is nobody at the other end."""

    def __init__(self, proceso: asyncio.subprocess.Process) -> None:
        if proceso.stdin is None or proceso.stdout is None or proceso.stderr is None:
            raise ValueError("all three of its streams must be pipes")
        self._proceso = proceso
        self._entrada, self._salida, self._errores = proceso.stdin, proceso.stdout, proceso.stderr

    @property
    def pid(self) -> int:
        return self._proceso.pid

    async def escribir(self, dato: bytes) -> None:
        """Waits until the other end has taken almost all that was written."""
        if self._entrada.is_closing():  # uvloop says so by a RuntimeError
            raise await self._interrumpido()
        self._entrada.write(dato)
        try:
            await self._entrada.drain()
        except ConnectionError as error:
            raise await self._interrumpido() from error

    def terminar_de_escribir(self) -> None:
        self._entrada.close()

    async def leer(self, cuantos: int) -> bytes:
        """Exactly so many bytes."""
        try:
            return await self._salida.readexactly(cuantos)
        except asyncio.IncompleteReadError as error:
            raise await self._interrumpido() from error

    async def leer_todo(self) -> bytes:
        """All that it says until it ends, at least one byte."""
        dicho = await self._salida.read()
        if not dicho:
            raise await self._interrumpido()
        return dicho

    async def acabar(self) -> None:
        """Kill it, unless it has ended, and let go of what it held."""
        self._entrada.close()
        with contextlib.suppress(ProcessLookupError):
            self._proceso.kill()
        await self._proceso.communicate()

    async def _interrumpido(self) -> ProcesoInterrumpido:
        dicho = (await self._errores.read()).decode(errors="replace")
        return ProcesoInterrumpido(f"exit {await self._proceso.wait()}: {dicho[-2000:]}")


@contextlib.asynccontextmanager
async def proceso_propio(modulo: str) -> AsyncIterator[Proceso]:
    """`python -m modulo`, which reads its stdin to the end and then writes to stdout. It lives no longer than the block
    and whoever waits in it, and finds none of our settings, hence no secret, in its environment."""
    entorno = {nombre: valor for nombre, valor in os.environ.items() if not nombre.startswith("PARKNET_")}
    proceso = Proceso(
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", modulo),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=entorno | {"PYTHONPATH": str(_RAIZ)},
        )
    )
    try:
        yield proceso
    finally:
        await proceso.acabar()
