"""Whoever won and does not see it does not answer. So what an answer is awaited of is looked at again and again until
the answer comes, and not only when the time is up: what hides it from its flat for days is found on the first."""

from functools import partial

import attrs
from beanie import PydanticObjectId

from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.exceptions import SolicitudAlterada
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.movimientos.repository import PrecintoRepository
from app.shared.reading import a_ratos
from app.shared.repository import Fila

_LOTE = 500
Cual = tuple[PydanticObjectId, int]
"""Of which draw, under which folio."""


@attrs.define(kw_only=True)
class VigiaDePlazos:
    """The beat of any process may call `vigilar`, as often as it likes and several at once. `_antes`: what the last
    walk through all of them saw, by id; `_vistas`: what this one did so far."""

    _precintadas: PrecintoRepository
    _precintos: Precintos
    _uow: UnitOfWork
    _ultimo: PydanticObjectId | None = attrs.field(init=False, default=None)
    _antes: dict[PydanticObjectId, Cual] = attrs.field(init=False, factory=dict)
    _vistas: dict[PydanticObjectId, Cual] = attrs.field(init=False, factory=dict)

    async def vigilar(self) -> None:
        """Look at the next of all those requests; after the last, for those that are gone, and at the first again."""
        filas = await self._precintadas.por_contestar(despues_de=self._ultimo, limite=_LOTE)
        async for algunas in a_ratos(filas, cada=50):
            for fila in algunas:
                self._vistas[fila["_id"]] = fila["sorteo_id"], fila["folio"]
                await self._mirar(fila)
        self._ultimo = filas[-1]["_id"] if len(filas) == _LOTE else None
        if self._ultimo is None:
            await self._buscar_las_idas()

    async def _mirar(self, fila: Fila) -> None:
        try:
            await self._precintos.vigilar_fila(fila)
        except SolicitudAlterada as error:
            await self._uow.run(partial(self._precintos.denunciar, error))

    async def _buscar_las_idas(self) -> None:
        """Whatever becomes of a request, it is there."""
        idas = self._antes.keys() - self._vistas.keys()
        faltan = idas - await self._precintadas.las_que_hay(idas) if idas else idas
        for sorteo_id, folio in (self._antes[id] for id in sorted(faltan)):
            falta = SolicitudAlterada(sorteo_id, donde="solicitudes", folio=folio)
            await self._uow.run(partial(self._precintos.denunciar, falta))
        self._antes, self._vistas = self._vistas, {}
