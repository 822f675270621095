"""Turns: one of several processes takes a step of a draw, and the others wait until the step is taken."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Protocol

import attrs
from beanie import PydanticObjectId

from app.core.acts.contract import fuera_del_acto
from app.database.deadlines import aparte
from app.modules.sorteo.estados import PASOS, Paso
from app.modules.sorteo.exceptions import MotorInterrumpido, TareaEnCurso
from app.modules.sorteo.turnos.repository import TurnoRepository
from app.shared.exceptions import NoDisponible, ParkNetError

log = logging.getLogger(__name__)


class Avance(Protocol):
    async def __call__(self, *, hecho: int, total: int | None = None) -> None:
        """Tell how many rows are done, and of how many. When this call raises, the step stops."""


async def sin_avance(*, hecho: int, total: int | None = None) -> None:
    """Nobody follows the step."""
    del hecho, total


DURACION = timedelta(seconds=5)
"""A turn lasts so long after the last sign of life of its holder, by the clock of the database."""
_PAUSA = 0.1
_PACIENCIA = 5.3
"""Seconds that a caller waits for a turn: longer than one lasts whose holder died, and within the time of a call."""


@attrs.define
class Turnos:
    _turnos: TurnoRepository

    @contextlib.asynccontextmanager
    async def tomar(self, sorteo_id: PydanticObjectId, paso: Paso) -> AsyncIterator[str]:
        """Hold the turn on a draw; yields the token under which the step writes. A holder that dies stops renewing the
        turn, and five seconds later another process may take it. Raises TareaEnCurso where its holder goes on.

        The write that ends a step also ends its turn, so no turn outlives its step."""
        ficha, desde = secrets.token_hex(8), time.monotonic()
        while True:
            intento = time.monotonic()
            with fuera_del_acto():
                tomado = await self._turnos.tomar(sorteo_id, paso=paso, ficha=ficha, duracion=DURACION)
            if tomado is not None:
                break
            sorteo = await self._turnos.get(sorteo_id)
            if sorteo is not None and sorteo.estado is PASOS[paso].a and not sorteo.por_congelar:
                yield ficha  # the step has been taken, so nobody needs its turn
                return
            if intento > desde + _PACIENCIA:
                raise TareaEnCurso()
            await asyncio.sleep(_PAUSA)
        latido = asyncio.create_task(self._renovar(sorteo_id, ficha))
        try:
            yield ficha
        except ParkNetError as error:
            if isinstance(error, NoDisponible) and not isinstance(error, MotorInterrumpido):
                raise  # what was begun may not have been taken back
            with contextlib.suppress(NoDisponible):  # the turn lapses by itself
                await aparte(lambda: self._dejar(sorteo_id, ficha))
            raise
        else:
            await self._dejar(sorteo_id, ficha)
        finally:
            # After an unforeseen error, and while the database is away, the turn is left to lapse: the process that
            # finds it takes the step up again.
            latido.cancel()

    async def sujetar(self, sorteo_id: PydanticObjectId, ficha: str) -> None:
        """The first write of a step's transaction. It locks the draw until the transaction ends: no process takes the
        turn over, and no renewal collides with a long transaction. Raises TareaEnCurso when another process has the
        turn."""
        if not await self._turnos.renovar(sorteo_id, ficha=ficha):
            raise TareaEnCurso()

    async def _dejar(self, sorteo_id: PydanticObjectId, ficha: str) -> None:
        with fuera_del_acto():
            await self._turnos.dejar(sorteo_id, ficha=ficha)

    async def _renovar(self, sorteo_id: PydanticObjectId, ficha: str) -> None:
        while True:
            await asyncio.sleep(DURACION.total_seconds() / 5)
            try:
                with fuera_del_acto():
                    sigue = await self._turnos.renovar(sorteo_id, ficha=ficha)
            except Exception:
                log.warning("no se pudo renovar el turno del sorteo %s", sorteo_id, exc_info=True)
                continue  # the next beat may come in time
            if not sigue:
                # The step has ended, or another process has the turn: no write under this token counts any more.
                return
