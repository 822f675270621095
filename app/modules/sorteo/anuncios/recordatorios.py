"""Reminders of draws: a draw closes soon, an assignment ends soon. Any process may send them at any time: a reminder is
marked as sent in the transaction that sends it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import attrs

from app.core.clock import ahora, hoy
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.sorteo.anuncios.service import Anuncios
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.apertura import ANTES_DEL_CIERRE
from app.modules.sorteo.ports import Solicitudes
from app.modules.sorteo.repository import SorteoRepository

ANTES_DEL_FIN = timedelta(days=15)
LOTE = 200


@attrs.define(kw_only=True)
class Recordatorios:
    _sorteos: SorteoRepository
    _asignaciones: AsignacionRepository
    _solicitudes: Solicitudes
    _anuncios: Anuncios
    _uow: UnitOfWork
    _zona: ZoneInfo

    async def recordar(self) -> None:
        momento = ahora()
        for sorteo in await self._sorteos.por_cerrar(ahora=momento, hasta=momento + ANTES_DEL_CIERRE):
            await self._de_cierre(sorteo)
        while await self._uow.run(self._de_fin) == LOTE:
            pass

    @una_transaccion
    async def _de_cierre(self, sorteo: Sorteo) -> None:
        if await self._sorteos.marcar_cierre_avisado(sorteo):
            await self._anuncios.por_cerrar(sorteo)

    async def _de_fin(self) -> int:
        """Remind of one batch of assignments that end. The number of assignments in the batch."""
        dia = hoy(self._zona)
        lote = await self._asignaciones.por_terminar(desde=dia, hasta=dia + ANTES_DEL_FIN, limite=LOTE)
        if lote:
            await self._asignaciones.marcar_avisadas([a.oid for a in lote])
            quienes = await self._solicitudes.a_quienes(ids=[a.solicitud_id for a in lote])
            await self._anuncios.por_terminar([(id, a) for a in lote for id in quienes[a.solicitud_id]])
        return len(lote)
