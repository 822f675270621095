"""Approval by the rules: where `aprobacion` is `automatica`, a request is approved when its last impediment goes."""

from collections.abc import Collection

import attrs
from beanie import PydanticObjectId

from app.core.acts.contract import atendiendo, del_sistema
from app.core.clock import ahora
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.estados import Actor, RequestStatus
from app.modules.solicitudes.impedimentos import Juez
from app.modules.solicitudes.models import Ventanilla
from app.modules.solicitudes.movimientos.service import Movimientos
from app.modules.solicitudes.repository import SolicitudRepository
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository

LOTE = 500


@attrs.define(kw_only=True)
class Aprobaciones:
    """The beat of any process may call `atender`, as often as it likes and several at once.

    `_vistas`: the folio up to which this process has come in each draw. A process that begins anew begins with the
    first; nothing but the round is lost.
    """

    _solicitudes: SolicitudRepository
    _ventanillas: VentanillaRepository
    _movimientos: Movimientos
    _juez: Juez
    _uow: UnitOfWork
    _vistas: dict[PydanticObjectId, int] = attrs.field(factory=dict, init=False)

    async def reconsiderar(self, *, unidades: Collection[PydanticObjectId]) -> None:
        """Facts of those flats have just changed. Joins the transaction of its caller."""
        for ventanilla in await self._automaticas():
            await self._aprobar(ventanilla, despues_de=0, unidades=unidades)

    async def atender(self) -> None:
        """What changed without anybody telling: an assignment ended, a sanction or a right ran out. One batch of each
        draw a call: however many wait, the beat goes on to what is next."""
        hasta: dict[PydanticObjectId, int] = {}
        for ventanilla in await self._automaticas():
            desde = self._vistas.get(ventanilla.oid, 0)
            with atendiendo(del_sistema("solicitudes_aprobar", ventanilla.oid)):
                ultimo = await self._uow.run(lambda v=ventanilla, n=desde: self._aprobar(v, despues_de=n))  # type: ignore[misc]
            hasta[ventanilla.oid] = ultimo or 0
        self._vistas = hasta

    async def _automaticas(self) -> list[Ventanilla]:
        momento = ahora()
        abiertas = await self._ventanillas.abiertas(None)
        return [v for v in abiertas if v.terminos.aprobacion == "automatica" and v.recibe(momento)]

    async def _aprobar(
        self, ventanilla: Ventanilla, *, despues_de: int, unidades: Collection[PydanticObjectId] | None = None
    ) -> int | None:
        """One batch by folio; the last folio that was looked at, None when there are no more."""
        lote = await self._solicitudes.pendientes(
            ventanilla.oid, despues_de=despues_de, unidades=unidades, limite=0 if unidades is not None else LOTE
        )
        juicios = await self._juez.juzgar([(ventanilla, solicitud) for solicitud in lote])
        libres = [solicitud for solicitud, juicio in zip(lote, juicios, strict=True) if not juicio]
        await self._movimientos.mover_varias(
            libres, RequestStatus.aprobada, actor=Actor.sistema, terminos=ventanilla.terminos
        )
        return lote[-1].folio if len(lote) == LOTE else None
