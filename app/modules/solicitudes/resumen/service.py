"""What a first screen shows of requests: to staff, how many there are in each state and what waits for them; to a
resident, those that still matter."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal
from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.permisos import Permisos
from app.modules.solicitudes.resumen.repository import ConteoRepository
from app.modules.solicitudes.resumen.schemas import ClaseCounts, RequestCounts, RequestSummary
from app.modules.solicitudes.schemas import RequestOut
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.modules.solicitudes.vista import Vista
from app.shared.exceptions import NoEncontrado

MAXIMO = 100
"""Requests on a resident's first screen; a list holds all."""


@attrs.define(kw_only=True)
class ResumenService:
    """Each part is one query or one aggregation that an index answers; those that need nothing of one another are
    asked at once."""

    _conteos: ConteoRepository
    _ventanillas: VentanillaRepository
    _permisos: Permisos
    _vista: Vista

    async def resumen(self, sorteo_id: PydanticObjectId | None) -> RequestSummary:
        """Of one draw, or of all. Raises NoEncontrado."""
        cuentas, (por_responder, primero), ventanilla = await asyncio.gather(
            self._conteos.contar(sorteo_id=sorteo_id),
            self._conteos.por_responder(sorteo_id=sorteo_id, ahora=ahora()),
            _nada() if sorteo_id is None else self._ventanillas.get(sorteo_id),
        )
        if sorteo_id is not None and ventanilla is None:
            raise NoEncontrado()
        estados, clases, vivas = Counter[RequestStatus](), Counter[str](), Counter[str]()
        for (estado, clase, viva), n in cuentas.items():
            estados[estado] += n
            clases[clase] += n
            vivas[clase] += n * viva
        return RequestSummary(
            total=estados.total(),
            por_estado=RequestCounts(**{estado.value: estados[estado] for estado in RequestStatus}),
            por_clase=[ClaseCounts(clase=c, total=clases[c], vivas=vivas[c]) for c in sorted(clases)],
            por_responder=por_responder,
            proximo_vencimiento=primero,
        )

    async def por_decidir(self) -> Mapping[PydanticObjectId, int]:
        """How many wait for staff, in each draw in which any does."""
        return await self._conteos.contar_pendientes()

    async def por_responder(self) -> tuple[int, datetime | None]:
        """How many hold a space and may still answer, and when the first of them lapses."""
        return await self._conteos.por_responder(sorteo_id=None, ahora=ahora())

    async def en_curso(self, quien: Principal) -> list[RequestOut]:
        """What the resident who calls sees of draws that are not over, and what is still live of any; the latest
        first, a hundred at most."""
        llamador, sorteos = await asyncio.gather(self._permisos.llamador(quien), self._ventanillas.en_curso())
        alcance = await self._permisos.alcance(llamador)
        vigentes = await self._conteos.vigentes(alcance, sorteos=sorteos, limite=MAXIMO)
        return await self._vista.varias(vigentes, llamador)


async def _nada() -> None:
    return None
