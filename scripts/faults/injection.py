"""What fails: processes of the API and servers of the database, killed, paused, stepped down, in turn and mixed."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from scripts.cluster.apis import Api
from scripts.cluster.replicas import Miembro, Replicas
from scripts.faults.ledger import ahora

POCAS = (
    *("kill -9 del primario y de una API", "el primario cede", "SIGSTOP de una API", "SIGSTOP del primario"),
    *("sin mayoría", "el disco del primario se llena"),
)
"""In these all that can fail does, at times two at once."""


@dataclass
class Hecha:
    """A fault that was. From `hasta` on everything is in its place again. `mudas`: processes of the API that could not
    answer then, whatever they are made of; one that was killed has started when it answers that it lives."""

    nombre: str
    desde: float
    hasta: float = 0.0
    mudas: set[int] = field(default_factory=set)


class Averias:
    """`corta`: seconds of what is down for a moment, `larga`: of what is down for long."""

    def __init__(self, replicas: Replicas, apis: Sequence[Api], *, corta: float, larga: float, semilla: int) -> None:
        self._replicas = replicas
        self._apis = apis
        self._corta, self._larga = corta, larga
        self._azar = random.Random(semilla)  # noqa: S311 - to do the same again
        self.hechas: list[Hecha] = []
        self.todas: dict[str, Callable[[Hecha], Awaitable[None]]] = {
            "kill -9 de una API": self._matar_api,
            "kill -9 del primario": self._matar_primario,
            "el primario cede": self._ceder,
            "SIGSTOP de una API": self._pausar_api,
            "SIGSTOP del primario": self._pausar_primario,
            "sin mayoría": self._sin_mayoria,
            "kill -9 de todas las API": self._matar_todas,
            "kill -9 del primario y de una API": self._matar_las_dos,
            "el disco del primario se llena": self._llenar,
        }

    async def provocar(self, nombre: str) -> Hecha:
        hecha = Hecha(nombre, desde=ahora())
        await self.todas[nombre](hecha)
        hecha.hasta = ahora()
        self.hechas.append(hecha)
        return hecha

    async def _matar_api(self, hecha: Hecha) -> None:
        await self._matar([self._azar.randrange(len(self._apis))], hecha)

    async def _matar_todas(self, hecha: Hecha) -> None:
        await self._matar(range(len(self._apis)), hecha)

    async def _matar_primario(self, _: Hecha) -> None:
        await self._tumbar(await self._primario())

    async def _matar_las_dos(self, hecha: Hecha) -> None:
        cual = self._azar.randrange(len(self._apis))
        await asyncio.gather(self._tumbar(await self._primario()), self._matar([cual], hecha))

    async def _ceder(self, _: Hecha) -> None:
        await asyncio.to_thread(self._replicas.ceder)

    async def _pausar_api(self, hecha: Hecha) -> None:
        cual = self._azar.randrange(len(self._apis))
        hecha.mudas.add(cual)
        self._apis[cual].senalar(signal.SIGSTOP)
        await asyncio.sleep(self._larga)
        self._apis[cual].senalar(signal.SIGCONT)

    async def _pausar_primario(self, _: Hecha) -> None:
        primario = await self._primario()
        primario.senalar(signal.SIGSTOP)
        await asyncio.sleep(self._larga)
        primario.senalar(signal.SIGCONT)

    async def _sin_mayoria(self, _: Hecha) -> None:
        otros = await asyncio.to_thread(self._replicas.secundarios)
        for otro in otros[:2]:
            otro.senalar(signal.SIGSTOP)
        await asyncio.sleep(self._larga)
        for otro in otros[:2]:
            otro.senalar(signal.SIGCONT)

    async def _llenar(self, _: Hecha) -> None:
        primario = await self._primario()
        primario.llenar_disco()
        await asyncio.sleep(self._larga)
        # Whatever is left of it goes; then there is room again.
        primario.senalar(signal.SIGKILL)
        primario.arrancar()

    async def _matar(self, cuales: Sequence[int], hecha: Hecha) -> None:
        hecha.mudas.update(cuales)
        for cual in cuales:
            self._apis[cual].senalar(signal.SIGKILL)
        await asyncio.sleep(self._corta)
        for cual in cuales:
            self._apis[cual].arrancar()
        for cual in cuales:
            await asyncio.to_thread(self._apis[cual].esperar_que_viva)

    async def _tumbar(self, miembro: Miembro) -> None:
        miembro.senalar(signal.SIGKILL)
        await asyncio.sleep(self._corta)
        miembro.arrancar()

    async def _primario(self) -> Miembro:
        while (primario := await asyncio.to_thread(self._replicas.primario)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        return primario
