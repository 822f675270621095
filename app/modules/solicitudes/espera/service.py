"""Reminding people of the time they have to answer. Any process may do it, as often as it likes and several at once:
who was reminded is marked in the transaction that tells them."""

from app.core.clock import ahora
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.movimientos.noticias import Noticias
from app.modules.solicitudes.movimientos.service import ANTES_DEL_PLAZO
from app.modules.solicitudes.repository import SolicitudRepository

_LOTE = 200


class PlazoService:
    def __init__(self, *, solicitudes: SolicitudRepository, noticias: Noticias, uow: UnitOfWork) -> None:
        self._solicitudes = solicitudes
        self._noticias = noticias
        self._uow = uow

    async def recordar(self) -> None:
        while await self._uow.run(self._lote) == _LOTE:
            pass

    async def _lote(self) -> int:
        momento = ahora()
        lote = await self._solicitudes.por_recordar(ahora=momento, hasta=momento + ANTES_DEL_PLAZO, limite=_LOTE)
        if lote:
            await self._solicitudes.marcar_recordadas([s.oid for s in lote])
            await self._noticias.por_vencer(lote)
        return len(lote)
