"""How many there are of everything, for first screens, without anybody waiting while a whole city is counted.

What is few is counted when somebody asks. What is many is counted by the beat, and the answer says of which instant the
count is: that makes it right in every process, however long ago another one counted. Processes share their counts in
the database, so a new process has them at once, and one count serves all.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from datetime import timedelta
from functools import partial

import attrs

from app.core.clock import ahora
from app.core.figures.models import Cifra, Filas
from app.core.figures.repository import CifraRepository
from app.database.deadlines import sin_prisa

POCAS = 5_000
"""So many are counted in some milliseconds."""
CADA = timedelta(seconds=20)
VECES = 20
"""Counting takes a twentieth of the time at most, for all processes together."""
_SIN_LATIDO = 10
"""So many terms after its count, a figure that no beat renews is counted by who asks."""

Contador = Callable[[], Awaitable[Filas]]
Figura = Callable[[], Awaitable[Cifra]]


@attrs.define(kw_only=True)
class Cifras:
    """By the name of each figure, who counts it and how it was counted last."""

    _guardadas: CifraRepository
    _contadores: dict[str, Contador] = attrs.field(factory=dict, init=False)
    _vistas: Mapping[str, Cifra] = attrs.field(factory=dict, init=False)
    _en_curso: dict[str, asyncio.Task[Cifra]] = attrs.field(factory=dict, init=False)
    _por_empezar: dict[str, asyncio.Task[Cifra]] = attrs.field(factory=dict, init=False)

    def encargar(self, nombre: str, contador: Contador) -> Figura:
        self._contadores[nombre] = contador
        return partial(self.de, nombre)

    async def de(self, nombre: str) -> Cifra:
        """The figure of that name: of now, or of many things as the beat counted them last."""
        vista = self._vistas.get(nombre)
        if vista is not None and vista.cuantas > POCAS and not _vencida(vista, _SIN_LATIDO):
            return vista
        cifra = await self._de_ahora(nombre)
        self._vistas = {**self._vistas, nombre: cifra}
        return attrs.evolve(cifra, contado_en=None)

    async def renovar(self) -> None:
        """Count what is due, once for all processes, and learn what others counted."""
        vistas = await self._guardadas.todas()
        for nombre in self._contadores:
            # Processes that started together do not count together.
            if nombre not in vistas or _vencida(vistas[nombre], 1 + random.random() / 2):  # noqa: S311
                with sin_prisa():
                    vistas[nombre] = await self._contar(nombre)
                await self._guardadas.guardar(nombre, vistas[nombre])
            self._vistas = {**self._vistas, nombre: vistas[nombre]}

    async def _de_ahora(self, nombre: str) -> Cifra:
        """A count that begins after this call. All who ask while one is made share the next."""
        if nombre not in self._por_empezar:
            # In a context of its own: neither the time nor the transaction of one caller is that of the others.
            tarea = asyncio.create_task(self._tras(self._en_curso.get(nombre), nombre), context=Context())
            self._por_empezar[nombre] = tarea
        return await asyncio.shield(self._por_empezar[nombre])

    async def _tras(self, anterior: asyncio.Task[Cifra] | None, nombre: str) -> Cifra:
        if anterior is not None:
            await asyncio.wait([anterior])
        self._en_curso[nombre] = self._por_empezar.pop(nombre)
        return await self._contar(nombre)

    async def _contar(self, nombre: str) -> Cifra:
        momento, inicio = ahora(), time.perf_counter()
        filas = await self._contadores[nombre]()
        return Cifra(filas=filas, contado_en=momento, tardo=time.perf_counter() - inicio)


def _vencida(cifra: Cifra, plazos: float) -> bool:
    plazo = max(CADA, timedelta(seconds=cifra.tardo * VECES))
    return cifra.contado_en is None or ahora() - cifra.contado_en > plazo * plazos
