"""The heads of the audit's chain that draws publish: at their steps, and whenever somebody asks."""

from collections.abc import Sequence

from app.core.clock import ahora
from app.modules.sorteo.estados import Paso
from app.modules.sorteo.models import CabezaDePaso
from app.modules.sorteo.ports import Auditoria, CabezaDeAuditoria
from app.modules.sorteo.repository import SorteoRepository


class Testigos:
    def __init__(self, sorteos: SorteoRepository, auditoria: Auditoria) -> None:
        self._sorteos = sorteos
        self._auditoria = auditoria

    async def de_ahora(self) -> CabezaDeAuditoria | None:
        return await self._auditoria.cabeza()

    async def de_paso(self, paso: Paso) -> dict[str, object]:
        """What the update that takes a step adds to its draw; nothing while the chain is empty."""
        cabeza = await self._auditoria.cabeza()
        if cabeza is None:
            return {}
        testigo = CabezaDePaso(paso=paso, n=cabeza.n, mac=cabeza.mac, cuando=ahora())
        return {"$push": {"cabezas": testigo.model_dump()}}

    async def cabezas(self) -> Sequence[CabezaDePaso]:
        """All that were published at steps."""
        return await self._sorteos.cabezas()
