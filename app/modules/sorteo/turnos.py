"""Turns: of several processes that would take a step of one draw, one does and the others wait to see it done."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.sorteo.estados import Paso
from app.modules.sorteo.exceptions import TareaEnCurso
from app.modules.sorteo.repository import SorteoRepository
from app.shared.exceptions import ParkNetError

log = logging.getLogger(__name__)

DURACION = timedelta(seconds=10)
_LATIDO = 2.0
_PAUSA = 0.1
_PACIENCIA = 300


class Turnos:
    def __init__(self, sorteos: SorteoRepository) -> None:
        self._sorteos = sorteos

    @contextlib.asynccontextmanager
    async def tomar(self, sorteo_id: PydanticObjectId, paso: Paso) -> AsyncIterator[str]:
        """Hold the turn on a draw; yields the token under which the step writes at its end. A holder that dies stops
        renewing it, and ten seconds later somebody else may go on. Raises TareaEnCurso after half a minute's wait."""
        ficha = secrets.token_hex(8)
        for _ in range(_PACIENCIA):
            if await self._sorteos.tomar_turno(sorteo_id, paso=paso, ficha=ficha, ahora=ahora(), duracion=DURACION):
                break
            await asyncio.sleep(_PAUSA)
        else:
            raise TareaEnCurso()
        latido = asyncio.create_task(self._renovar(sorteo_id, ficha))
        try:
            yield ficha
        except ParkNetError:
            await self._sorteos.dejar_turno(sorteo_id, ficha=ficha)
            raise
        else:
            await self._sorteos.dejar_turno(sorteo_id, ficha=ficha)
        finally:
            # After anything unforeseen the turn is left to lapse: whoever finds it so takes the step up again.
            latido.cancel()

    async def _renovar(self, sorteo_id: PydanticObjectId, ficha: str) -> None:
        while True:
            await asyncio.sleep(_LATIDO)
            if not await self._sorteos.renovar_turno(sorteo_id, ficha=ficha, vence_en=ahora() + DURACION):
                # Somebody took it for dead. The step's last write is under this token, and will find nothing.
                log.warning("turno perdido en el sorteo %s", sorteo_id)
                return
