"""What has had its time goes, a batch at a time: for how long what is kept stands in `app/core/terms.py`.

One process at a time has the turn, so that several do not read the same rows. Nothing hangs on it: each batch names its
rows by what makes them old, whoever erases them.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import attrs

from app.core.retention.repository import TurnoRepository

log = logging.getLogger(__name__)

LOTE = 500
"""Rows that are erased at once."""
_LOTES = 20
"""Batches of one kind in a round: what is left waits for the next, and other kinds do not wait for it."""
_TURNO = timedelta(seconds=60)

Tarea = Callable[[], Awaitable[int]]
"""Erases a batch; how many it erased. Fewer than `LOTE`: nothing is left."""


@attrs.define(kw_only=True)
class Limpieza:
    _turnos: TurnoRepository
    _tareas: Mapping[str, Tarea]
    _titular: str = attrs.field(init=False, factory=lambda: secrets.token_hex(8))

    async def limpiar(self) -> None:
        """One round, while this process has the turn. Any process may, as often as it likes."""
        for que, tarea in self._tareas.items():
            borradas = 0
            for _ in range(_LOTES):
                if not await self._turnos.tomar(titular=self._titular, duracion=_TURNO):
                    return
                lote = await tarea()
                borradas += lote
                if lote < LOTE:
                    break
            if borradas:
                log.info("cumplieron su plazo y se borraron: %s, %d", que, borradas)
        await self._turnos.soltar(titular=self._titular)
