"""That this process was told to stop: known at once, and not only when its last client has gone.

A server waits for its open connections before it ends the application's lifespan. Whoever keeps one open, or has work
to hand back, asks here. The server itself may be told later: until then it takes what still comes, while whoever hands
calls out learns by `/health/ready`, and by answers that end their connection, to send no more here.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

_SENALES = (signal.SIGTERM, signal.SIGINT)


class Parada:
    """`async with Parada() as parada`: hears the signals that end a process, and hands them on to whoever heard them
    before: the first SIGTERM `drenaje` seconds later, any other at once. Outside the main thread there are none to be
    heard: then only its own end says so."""

    def __init__(self, drenaje: float = 0.0) -> None:
        self._evento = asyncio.Event()
        self._antes: dict[int, Any] = {}
        self._drenaje = drenaje
        self._oida = False
        self._pendiente: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> "Parada":
        if threading.current_thread() is threading.main_thread():
            bucle = asyncio.get_running_loop()
            for senal in _SENALES:
                self._antes[senal] = signal.getsignal(senal)
                signal.signal(senal, self._oidor(bucle, self._antes[senal]))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._evento.set()
        if self._pendiente is not None:
            self._pendiente.cancel()
        for senal, antes in self._antes.items():
            signal.signal(senal, antes)
        self._antes.clear()

    def avisar(self) -> None:
        self._evento.set()

    @property
    def avisada(self) -> bool:
        return self._evento.is_set()

    async def esperar(self, segundos: float | None = None) -> bool:
        """Sleep so long (None: until then), or less; whether it was told to stop."""
        try:
            async with asyncio.timeout(segundos):
                await self._evento.wait()
        except TimeoutError:
            return False
        return True

    def _oidor(self, bucle: asyncio.AbstractEventLoop, antes: Any) -> Callable[[int, FrameType | None], None]:
        def pasar(senal: int, marco: FrameType | None) -> None:
            if callable(antes):
                antes(senal, marco)
            elif antes is signal.SIG_DFL:
                signal.signal(senal, signal.SIG_DFL)
                signal.raise_signal(senal)

        def mas_tarde(senal: int) -> None:
            self._pendiente = bucle.call_later(self._drenaje, pasar, senal, None)

        def oir(senal: int, marco: FrameType | None) -> None:
            espera = self._drenaje > 0 and senal == signal.SIGTERM and not self._oida
            self._oida = True
            bucle.call_soon_threadsafe(self._evento.set)
            if espera:
                bucle.call_soon_threadsafe(mas_tarde, senal)
            else:
                pasar(senal, marco)

        return oir


def se_va(estado: Mapping[str, Any]) -> bool:
    """Whether the process of an application with this state was told to stop."""
    parada = estado.get("parada")
    return isinstance(parada, Parada) and parada.avisada
