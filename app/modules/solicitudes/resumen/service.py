"""What a first screen shows of requests: to staff, how many there are in each state and what waits for them; to a
resident, those that still matter."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.figures.service import Figura
from app.core.security import Principal
from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.permisos import Llamador
from app.modules.solicitudes.ports import EspacioOcupado, Ficha, Solicitante
from app.modules.solicitudes.repository import Alcance
from app.modules.solicitudes.resumen.repository import ConteoRepository, Vigentes
from app.modules.solicitudes.resumen.schemas import ClaseCounts, RequestCounts, RequestSummary
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.modules.solicitudes.vista import Vista
from app.shared.exceptions import NoEncontrado
from app.shared.reading import Fila, Ids, Lectura

MAXIMO = 100
"""Requests on a resident's first screen; a list holds all."""


@attrs.frozen(kw_only=True)
class EnEspera:
    """Of what waits: in each draw in which any is undecided, how many; how many hold a space and may still answer, and
    when the first of them lapses. `contado_en`: as of when; None, now."""

    por_decidir: Mapping[PydanticObjectId, int]
    por_responder: int
    primera: datetime | None
    contado_en: datetime | None


@attrs.define(kw_only=True)
class ResumenService:
    _cifra: Figura
    _conteos: ConteoRepository
    _ventanillas: VentanillaRepository
    _vista: Vista

    async def resumen(self, sorteo_id: PydanticObjectId | None) -> RequestSummary:
        """Of one draw, or of all. Raises NoEncontrado."""
        cifra, ventanilla = await asyncio.gather(
            self._cifra(), _nada() if sorteo_id is None else self._ventanillas.get(sorteo_id)
        )
        if sorteo_id is not None and ventanilla is None:
            raise NoEncontrado()
        filas = [fila for fila in cifra.filas if sorteo_id in (None, fila["sorteo_id"])]
        estados, clases, vivas = Counter[str](), Counter[str](), Counter[str]()
        for fila in filas:
            if fila["parte"] == "estados":
                estados[fila["estado"]] += fila["n"]
                clases[fila["clase"]] += fila["n"]
                vivas[fila["clase"]] += fila["n"] * fila["viva"]
        por_responder, primera = _por_responder(filas)
        return RequestSummary(
            contado_en=cifra.contado_en,
            total=estados.total(),
            por_estado=RequestCounts(**{estado.value: estados[estado] for estado in RequestStatus}),
            por_clase=[ClaseCounts(clase=c, total=clases[c], vivas=vivas[c]) for c in sorted(clases)],
            por_responder=por_responder,
            proximo_vencimiento=primera,
        )

    async def en_espera(self) -> EnEspera:
        cifra = await self._cifra()
        por_decidir = Counter[PydanticObjectId]()
        for fila in cifra.filas:
            if fila["parte"] == "estados" and fila["estado"] == RequestStatus.pendiente:
                por_decidir[fila["sorteo_id"]] += fila["n"]
        por_responder, primera = _por_responder(cifra.filas)
        return EnEspera(
            por_decidir=por_decidir, por_responder=por_responder, primera=primera, contado_en=cifra.contado_en
        )

    def vigentes(self, *, unidades: Ids) -> Lectura[Vigentes]:
        """For `mostrar`: the requests of these flats in draws that are not over, and what is still live of any, the
        latest first, a hundred at most."""
        return self._conteos.vigentes(unidades, limite=MAXIMO)

    async def mostrar(
        self,
        leidas: Vigentes,
        quien: Principal,
        *,
        solicitante: Solicitante,
        vecinos: Mapping[PydanticObjectId, Sequence[PydanticObjectId]],
        fichas: Mapping[PydanticObjectId, Ficha],
        ocupados: Sequence[EspacioOcupado],
    ) -> list[Fila]:
        """What the resident who calls sees of them: the fields of a RequestOut of each. `vecinos`: the active residents
        of each flat in which they live. `fichas`: of those flats; `ocupados`: what they hold."""
        todas, ventanillas = leidas
        llamador = Llamador(quien, solicitante, vecinos)
        vigentes = [s for s in todas if llamador.es_de_su_unidad(s)]
        if len(todas) == MAXIMO > len(vigentes):
            # In the place of older ones stand some of people who have left.
            vigentes, ventanillas = await self._conteos.al_alcance(Alcance(vecinos=vecinos), limite=MAXIMO)
        return await self._vista.vistas(vigentes, llamador, ventanillas=ventanillas, hechos=((fichas, {}), ocupados))


async def _nada() -> None:
    return None


def _por_responder(filas: Sequence[Mapping[str, Any]]) -> tuple[int, datetime | None]:
    """How many, and when the first of them lapses."""
    suyas = [fila for fila in filas if fila["parte"] == "por_responder"]
    return sum(fila["n"] for fila in suyas), min((fila["primera"] for fila in suyas), default=None)
