"""What a first screen shows of draws: open draws and, to staff, the next step of every draw in course."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.resumen.repository import BreveRepository, SorteoBreve, SorteoPublico
from app.shared.pagination import Page, PageQuery
from app.shared.reading import Lectura


class PasoPendiente(StrEnum):
    """What somebody, or the clock, is to do next with a draw."""

    editar = "editar"
    abrir = "abrir"
    cerrar = "cerrar"
    ejecutar = "ejecutar"
    publicar = "publicar"
    finalizar = "finalizar"
    anular = "anular"
    confirmar_anulacion = "confirmar_anulacion"


@dataclass(frozen=True, slots=True)
class Pendiente:
    """`desde`: when the step can first be taken; None, at any time. `hasta`: until when; None, without end.
    `por_si_solo`: the clock takes the step at `desde`."""

    sorteo: SorteoBreve
    paso: PasoPendiente
    desde: datetime | None = None
    hasta: datetime | None = None
    por_si_solo: bool = False


@attrs.define(kw_only=True)
class ResumenService:
    _sorteos: BreveRepository
    _zona: ZoneInfo

    def abiertos(self) -> Lectura[list[SorteoBreve]]:
        """The latest first."""
        return self._sorteos.en_estados({EstadoSorteo.abierto})

    async def por_ids(self, *, ids: Collection[PydanticObjectId]) -> list[SorteoBreve]:
        return await self._sorteos.por_ids(ids)

    async def publicos(self, *, consulta: PageQuery) -> Page[SorteoPublico]:
        """Opened draws, which anybody may see, the latest first."""
        return await self._sorteos.publicos(consulta)

    def pendientes(self) -> Lectura[list[Pendiente]]:
        """The next step of every draw in course, in the order in which the steps can be taken."""
        return self._sorteos.en_curso().luego(self._en_orden)

    def _en_orden(self, sorteos: Iterable[SorteoBreve]) -> list[Pendiente]:
        momento = ahora()
        pendientes = [self._siguiente(sorteo, momento) for sorteo in sorteos]
        return sorted(pendientes, key=lambda p: max(p.desde or momento, momento))

    def _siguiente(self, sorteo: SorteoBreve, momento: datetime) -> Pendiente:
        anulacion, conocible = sorteo.anulacion, None if sorteo.ensayo else sorteo.disponible_desde
        if anulacion is not None:
            if anulacion.efecto_en is None:
                return Pendiente(sorteo, PasoPendiente.confirmar_anulacion)
            return Pendiente(sorteo, PasoPendiente.anular, desde=anulacion.efecto_en, por_si_solo=True)
        tarde = conocible is not None and conocible <= momento
        match sorteo.estado:
            case EstadoSorteo.borrador:
                if tarde:
                    return Pendiente(sorteo, PasoPendiente.editar)
                hasta = sorteo.cierre or conocible
                automatica = sorteo.apertura is not None
                return Pendiente(sorteo, PasoPendiente.abrir, sorteo.apertura, hasta, por_si_solo=automatica)
            case EstadoSorteo.abierto:
                if tarde:
                    return Pendiente(sorteo, PasoPendiente.anular)
                automatico = sorteo.cierre is not None
                return Pendiente(sorteo, PasoPendiente.cerrar, sorteo.cierre, conocible, por_si_solo=automatico)
            case EstadoSorteo.cerrado:
                return Pendiente(sorteo, PasoPendiente.ejecutar, conocible, por_si_solo=sorteo.entropia is not None)
            case EstadoSorteo.ejecutado if sorteo.ensayo:
                return Pendiente(sorteo, PasoPendiente.anular)
            case EstadoSorteo.ejecutado:
                automatica = sorteo.publica_en is not None
                return Pendiente(sorteo, PasoPendiente.publicar, sorteo.publica_en, por_si_solo=automatica)
        return Pendiente(sorteo, PasoPendiente.finalizar, desde=self._tras(sorteo.vigencia.hasta), por_si_solo=True)

    def _tras(self, dia: date) -> datetime | None:
        """The midnight that ends `dia`; None in the last year of the calendar."""
        return None if dia.year == date.max.year else datetime.combine(dia + timedelta(days=1), time(), self._zona)
