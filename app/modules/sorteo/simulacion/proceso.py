"""Many draws of the real engine over the same participants, in a process of its own, which only counts.

    API        {"semilla": …, "repeticiones": n, "largos": [bytes of each of the bases]}\\n, then these      -> stdin
    process    messages: 8 bytes of length, then JSON: a number of draws done, now and then; at last, the list of what
               `contar` counted                                                                             -> stdout

Draw `n` has the seed `semilla_de(semilla, n)` for each of the bases: what differs between them is not luck.
"""

import contextlib
import gc
import json
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, BinaryIO

from app.core.processes import Proceso, ProcesoInterrumpido, proceso_propio
from app.modules.sorteo import motor
from app.modules.sorteo.exceptions import MotorInterrumpido

log = logging.getLogger(__name__)

_LARGO = 8
_CADA = 0.5
"""Seconds between two messages of how far it is."""


def semilla_de(semilla: str, n: int) -> str:
    return motor.sha256_hex(f"{semilla}:{n}")


def contar(
    bases: Sequence[motor.Bases], semilla: str, repeticiones: int, avance: Callable[[int], None]
) -> list[list[int]]:
    """In how many draws each participant got a space: for each of the bases, in the order of its participants."""
    ganadas = [dict.fromkeys((p.id for p in unas.participantes), 0) for unas in bases]
    for n in range(repeticiones):
        suya = semilla_de(semilla, n)
        for unas, cuentas in zip(bases, ganadas, strict=True):
            for puesto in motor.sortear(unas, suya):
                cuentas[puesto.id] += puesto.espacio is not None
        avance(n + 1)
    return [list(cuentas.values()) for cuentas in ganadas]


@contextlib.asynccontextmanager
async def corridas(
    bases: Sequence[bytes], *, semilla: str, repeticiones: int
) -> AsyncIterator[AsyncIterator[int | list[list[int]]]]:
    """How many draws are done, again and again, and at last what `contar` counted. The process ends with the block.
    Raises MotorInterrumpido when it died, on entering or later."""
    cabeza = {"semilla": semilla, "repeticiones": repeticiones, "largos": [len(unas) for unas in bases]}
    async with proceso_propio(__name__) as proceso:
        try:
            await proceso.escribir(json.dumps(cabeza).encode() + b"\n")
            for unas in bases:
                await proceso.escribir(unas)
            proceso.terminar_de_escribir()
            yield _dichos(proceso)
        except ProcesoInterrumpido as error:
            log.error("la simulación se interrumpió: %s", error)
            raise MotorInterrumpido() from error


async def _dichos(proceso: Proceso) -> AsyncIterator[int | list[list[int]]]:
    dicho: Any = 0
    while isinstance(dicho, int):
        dicho = json.loads(await proceso.leer(int.from_bytes(await proceso.leer(_LARGO))))
        yield dicho


# In the process of its own


def servir(entrada: BinaryIO, salida: BinaryIO) -> None:
    """Nothing, if what came in was cut short: whoever wrote it is gone."""
    cabeza = json.loads(entrada.readline())
    crudas = [entrada.read(largo) for largo in cabeza["largos"]]
    if [len(cruda) for cruda in crudas] != cabeza["largos"]:
        return
    dicho_a_las = time.monotonic()

    def avance(hechas: int) -> None:
        nonlocal dicho_a_las
        if time.monotonic() - dicho_a_las >= _CADA:
            dicho_a_las = time.monotonic()
            _decir(salida, hechas)

    bases = [motor.leer_bases(cruda) for cruda in crudas]
    _decir(salida, contar(bases, cabeza["semilla"], cabeza["repeticiones"], avance))


def _decir(salida: BinaryIO, dicho: object) -> None:
    crudo = json.dumps(dicho).encode()
    salida.write(len(crudo).to_bytes(_LARGO) + crudo)
    salida.flush()


if __name__ == "__main__":
    gc.disable()  # as the engine's own command line does
    os.nice(10)  # whoever waits for an answer of the API comes first
    servir(sys.stdin.buffer, sys.stdout.buffer)
