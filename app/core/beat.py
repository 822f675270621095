"""The beat: what happens by itself, again and again, in every process. All of it may run in several at once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import attrs

log = logging.getLogger(__name__)

Tarea = Callable[[], Awaitable[object]]


@attrs.define
class Latido:
    """`async with Latido(tareas, segundos)`; with 0 seconds it never beats. `al_final` is done once, when it ends."""

    _tareas: Sequence[Tarea]
    _segundos: float
    _al_final: Sequence[Tarea] = attrs.field(default=(), kw_only=True)
    _bucle: asyncio.Task[None] | None = attrs.field(default=None, init=False)

    async def __aenter__(self) -> None:
        if self._segundos > 0:
            self._bucle = asyncio.create_task(self._latir())

    async def __aexit__(self, *_: object) -> None:
        if self._bucle is not None:
            self._bucle.cancel()
            await asyncio.gather(self._bucle, return_exceptions=True)
        await _hacer(self._al_final)

    async def _latir(self) -> None:
        while True:
            await _hacer(self._tareas)
            await asyncio.sleep(self._segundos)


async def _hacer(tareas: Sequence[Tarea]) -> None:
    for tarea in tareas:
        try:
            await tarea()
        except Exception:
            # The next beat tries again; one that failed must not be the last.
            log.exception("falló la tarea periódica %s", _nombre(tarea))


def _nombre(tarea: Tarea) -> str:
    return getattr(tarea, "__qualname__", type(tarea).__name__)
