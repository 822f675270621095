"""A run of the engine beside the API, not in it: while a city is drawn, requests are answered and memory stays free.

A large draw is computed in a process of its own, which is handed the bases as they are read and hands back the result
in pieces; it never holds the API up, and dies with whatever waits for it. For a small one, which takes less time than
such a process needs to start, a thread will do.

    API    <semilla> <huella>\\n <bases>                                          -> stdin
    engine pieces: 8 bytes of length, then JSON; a length of zero ends them       -> stdout
"""

import asyncio
import contextlib
import gc
import hashlib
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any, BinaryIO

from app.core.processes import Proceso, ProcesoInterrumpido, proceso_propio
from app.modules.sorteo import motor
from app.modules.sorteo.exceptions import BasesAlteradas, MotorInterrumpido

log = logging.getLogger(__name__)

LOTE = 1000
_PIEZA = 50
"""Lines that are read at once: who waits for the loop has a turn before the next ones. A batch is so many of them."""
EN_HILO = 2000
"""Up to so many participants take a thread about twenty milliseconds."""
_LARGO = 8

Linea = tuple[motor.Puesto, motor.Participante, motor.Espacio | None]
"""Of the result: the place, whose it is in the bases, and the space that it got."""


@contextlib.asynccontextmanager
async def corrida(
    bases: AsyncIterator[bytes], *, huella: str, semilla: str, participantes: int
) -> AsyncIterator[AsyncIterator[Sequence[Linea]]]:
    """The result of a draw, in order, in batches of LOTE. `bases`: their file in pieces; `participantes`: about how
    many. Raises BasesAlteradas when the hash of `bases` is not `huella`, and MotorInterrumpido when the engine died,
    on entering or between batches: then nothing is lost but time."""
    if participantes <= EN_HILO:
        dato = b"".join([parte async for parte in bases])
        _comprobar(motor.sha256_hex(dato), huella)
        yield _de_hilo(await asyncio.to_thread(list, _lineas(dato, semilla)))
        return
    async with proceso_propio(__name__) as proceso:
        try:
            await _alimentar(proceso, bases, huella, semilla)
            yield _de_proceso(proceso)
        except ProcesoInterrumpido as error:
            log.error("el motor del sorteo se interrumpió: %s", error)
            raise MotorInterrumpido() from error


async def _alimentar(proceso: Proceso, bases: AsyncIterator[bytes], huella: str, semilla: str) -> None:
    suma = hashlib.sha256()
    await proceso.escribir(f"{semilla} {huella}\n".encode())
    async for parte in bases:
        suma.update(parte)
        await proceso.escribir(parte)
    _comprobar(suma.hexdigest(), huella)
    proceso.terminar_de_escribir()


def _comprobar(suma: str, huella: str) -> None:
    if suma != huella:
        raise BasesAlteradas(donde="bases")


async def _de_hilo(lineas: Iterable[Linea]) -> AsyncIterator[Sequence[Linea]]:
    for lote in _por_lotes(lineas, LOTE):
        yield lote


async def _de_proceso(proceso: Proceso) -> AsyncIterator[Sequence[Linea]]:
    lote: list[Linea] = []
    while largo := int.from_bytes(await proceso.leer(_LARGO)):
        lote += map(_leida, json.loads(await proceso.leer(largo)))
        await asyncio.sleep(0)
        if len(lote) == LOTE:
            yield lote
            lote = []
    if lote:
        yield lote


def _leida(dicha: Any) -> Linea:
    puesto, escalares, listas, espacio = dicha
    quien = motor.Participante(*escalares, *map(tuple, listas))
    return motor.Puesto(*puesto), quien, None if espacio is None else motor.Espacio(*espacio)


# In the process of its own

_PUESTO = attrgetter("id", "posicion", "numero", "espacio", "espera")
_ESCALARES = attrgetter("id", "nivel", "boletas")
_LISTAS = attrgetter("tipos", "condiciones", "preferencias")
_ESPACIO = attrgetter("codigo", "tipo", "reserva")


def _lineas(dato: bytes, semilla: str) -> Iterator[Linea]:
    bases = motor.leer_bases(dato)
    participantes = {participante.id: participante for participante in bases.participantes}
    espacios = {espacio.codigo: espacio for espacio in bases.espacios}
    for puesto in motor.sortear(bases, semilla):
        yield puesto, participantes[puesto.id], None if puesto.espacio is None else espacios[puesto.espacio]


def _por_lotes(lineas: Iterable[Linea], cuantas: int) -> Iterator[Sequence[Linea]]:
    restantes = iter(lineas)
    while lote := list(islice(restantes, cuantas)):
        yield lote


def servir(entrada: BinaryIO, salida: BinaryIO) -> None:
    """Nothing, if what came in was cut short: whoever wrote it is gone."""
    semilla, huella = entrada.readline().decode().split()
    dato = entrada.read()
    if motor.sha256_hex(dato) != huella:
        return
    for pieza in _por_lotes(_lineas(dato, semilla), _PIEZA):
        campos = [
            (_PUESTO(puesto), _ESCALARES(quien), _LISTAS(quien), None if espacio is None else _ESPACIO(espacio))
            for puesto, quien, espacio in pieza
        ]
        crudo = json.dumps(campos).encode()
        salida.write(len(crudo).to_bytes(_LARGO))
        salida.write(crudo)
    salida.write(bytes(_LARGO))
    salida.flush()


if __name__ == "__main__":
    gc.disable()  # as the engine's own command line does
    os.nice(10)  # whoever waits for an answer of the API comes first
    servir(sys.stdin.buffer, sys.stdout.buffer)
