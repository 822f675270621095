"""What the closing of a draw does to its requests: it refuses those that a rule keeps out, and approves the undecided.

As many as one transaction holds are moved by the closing itself. Of a city there are more: the draw is closed and
`por_congelar`, and they follow in batches under the turn of the closing. The participants that were frozen say what
becomes of each, so any process can go on where another stopped: the beat does, and so does a run before it begins."""

from collections.abc import Mapping
from functools import partial

import attrs
from beanie import PydanticObjectId

from app.core.acts.contract import fuera_del_acto
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.exceptions import TareaEnCurso
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.ports import Solicitudes
from app.modules.sorteo.repository import SorteoRepository
from app.modules.sorteo.resultados.repository import ParticipanteRepository
from app.modules.sorteo.turnos.service import Turnos

LOTE = 1000
_FOLIOS = 10_000


@attrs.define(kw_only=True)
class Congelacion:
    _sorteos: SorteoRepository
    _participantes: ParticipanteRepository
    _solicitudes: Solicitudes
    _turnos: Turnos
    _uow: UnitOfWork

    async def empezar(self, id: PydanticObjectId, rechazos: Mapping[int, str]) -> bool:
        """Refuse and approve in the transaction that closes the draw, as far as one transaction holds. Returns whether
        there is more to move."""
        if len(rechazos) >= LOTE:
            return True
        await self._solicitudes.rechazar(sorteo_id=id, rechazos=rechazos)
        return await self._solicitudes.aprobar(sorteo_id=id, limite=LOTE) == LOTE

    async def terminar(self, sorteo: Sorteo, ficha: str) -> Sorteo:
        """Move the rest, if there is any, under the turn of `ficha`. Raises TareaEnCurso when another process has the
        turn."""
        if not sorteo.por_congelar:
            return sorteo
        with fuera_del_acto():
            for folio in range(0, await self._solicitudes.cuantas(sorteo_id=sorteo.oid), _FOLIOS):
                rechazos = await self._participantes.rechazos(sorteo, despues_de=folio, hasta=folio + _FOLIOS)
                for lote in _lotes(rechazos):
                    await self._uow.run(partial(self._rechazar, sorteo.oid, ficha, lote))
            aprobadas = LOTE
            while aprobadas == LOTE:
                aprobadas = await self._uow.run(partial(self._aprobar, sorteo.oid, ficha))
            congelado = await self._uow.run(partial(self._acabar, sorteo.oid, ficha))
        if congelado is None:
            raise TareaEnCurso()
        return congelado

    async def _rechazar(self, id: PydanticObjectId, ficha: str, rechazos: Mapping[int, str]) -> None:
        await self._turnos.sujetar(id, ficha)
        await self._solicitudes.rechazar(sorteo_id=id, rechazos=rechazos)

    async def _aprobar(self, id: PydanticObjectId, ficha: str) -> int:
        await self._turnos.sujetar(id, ficha)
        return await self._solicitudes.aprobar(sorteo_id=id, limite=LOTE)

    async def _acabar(self, id: PydanticObjectId, ficha: str) -> Sorteo | None:
        return await self._sorteos.pasar(id, desde=EstadoSorteo.cerrado, ficha=ficha, poner={"por_congelar": False})


def _lotes(rechazos: Mapping[int, str]) -> list[dict[int, str]]:
    todos = list(rechazos.items())
    return [dict(todos[i : i + LOTE]) for i in range(0, len(todos), LOTE)]
