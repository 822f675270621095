"""Opening what an application stands on, while it already answers that it lives.

What we need may not be there yet when a process starts: a replica set is choosing its primary, or stored data has to
be changed first. The first attempt is waited for a little; while it goes on, the process is up. When it fails because
of an outage, others follow for a minute.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

log = logging.getLogger(__name__)

Estado = Mapping[str, Any]
_PLAZO = 60.0
_PACIENCIA = 10.0
_PAUSA = 1.0


class Apertura:
    """`async with Apertura(abrir, …) as apertura`: `apertura.estado` is what `abrir` gives, None while it is not there.
    What fails at once raises here; that, and what fails later, for good or for a minute, is told to `al_rendirse`."""

    def __init__(
        self,
        abrir: Callable[[], AbstractAsyncContextManager[Estado]],
        *,
        es_caida: Callable[[BaseException], bool],
        al_rendirse: Callable[[Exception], None],
    ) -> None:
        self._abrir = abrir
        self._es_caida = es_caida
        self._al_rendirse = al_rendirse
        self._limite = time.monotonic() + _PLAZO
        self._intentado = asyncio.Event()
        self._fin = asyncio.Event()
        self.estado: Estado | None = None
        self.tarde = False
        """Whether it was not there yet when the application began to answer."""

    async def __aenter__(self) -> "Apertura":
        self._tarea = asyncio.create_task(self._vivir())
        intentado = asyncio.create_task(self._intentado.wait())
        await asyncio.wait({self._tarea, intentado}, timeout=_PACIENCIA, return_when=asyncio.FIRST_COMPLETED)
        intentado.cancel()
        self._intentado.set()
        if self._tarea.done():
            try:
                await self._tarea
            except Exception as error:
                self._al_rendirse(error)
                raise
        self.tarde = self.estado is None
        return self

    async def __aexit__(self, *_: object) -> None:
        self._fin.set()
        if self.estado is None:
            self._tarea.cancel()
            await asyncio.gather(self._tarea, return_exceptions=True)
        else:
            await self._tarea

    async def _vivir(self) -> None:
        """In one task from beginning to end: what is opened here is closed here."""
        while not self._fin.is_set():
            try:
                async with self._abrir() as estado:
                    self.estado = estado
                    self._intentado.set()
                    await self._fin.wait()
            except Exception as error:
                if self.estado is not None:
                    raise
                if not self._es_caida(error) or time.monotonic() > self._limite:
                    if not self._intentado.is_set():
                        raise
                    self._al_rendirse(error)
                    return
                if not self._intentado.is_set():
                    log.warning("la base de datos no responde; se sigue intentando durante un minuto")
                self._intentado.set()
                await asyncio.sleep(_PAUSA)
