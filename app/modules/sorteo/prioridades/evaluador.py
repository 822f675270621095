"""Judges many requests at once: reads their facts, and applies the rules of their draw."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import hoy
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.ports import Padron, SolicitudDelSorteo, Solicitudes
from app.modules.sorteo.prioridades.evaluacion import (
    Evaluacion,
    Hechos,
    Suerte,
    evaluar,
    meses_cumplidos,
    perdidos_seguidos,
)
from app.modules.sorteo.repository import SorteoRepository


@dataclass(frozen=True, slots=True)
class Evaluada:
    solicitud: SolicitudDelSorteo
    evaluacion: Evaluacion
    condiciones: frozenset[str]


@attrs.define(kw_only=True)
class Evaluador:
    _sorteos: SorteoRepository
    _asignaciones: AsignacionRepository
    _solicitudes: Solicitudes
    _padron: Padron
    _zona: ZoneInfo

    async def evaluar(self, sorteo: Sorteo, solicitudes: Sequence[SolicitudDelSorteo]) -> list[Evaluada]:
        """One result for each request, in the same order. The number of queries does not depend on that of requests."""
        if not solicitudes:
            return []
        dia = hoy(self._zona)
        unidades = sorted({s.unidad_id for s in solicitudes})
        hechos = await self._padron.hechos(pares=[(s.unidad_id, s.residente_id) for s in solicitudes], el=dia)
        publicados = await self._sorteos.publicados()
        suertes: dict[tuple[PydanticObjectId, str], list[Suerte]] = defaultdict(list)
        for suerte in await self._solicitudes.suerte(unidades=unidades):
            suertes[suerte.unidad_id, suerte.clase].append(Suerte(suerte.sorteo_id, suerte.ofrecida))
        tuvieron = await self._asignaciones.con_espacio_en_el_anterior(unidades=unidades, publicados=publicados)
        evaluadas = []
        for solicitud, suyos in zip(solicitudes, hechos, strict=True):
            perdidos = perdidos_seguidos(
                suertes[solicitud.unidad_id, solicitud.clase],
                publicados,
                suyos.perdidos_previos.get(solicitud.clase, 0),
            )
            condiciones = suyos.condiciones if solicitud.usa_condiciones else frozenset()
            hecho = Hechos(
                condiciones=condiciones,
                tenencia=suyos.tenencia,
                torre=suyos.torre,
                antiguedad_meses=None if suyos.fecha_ingreso is None else meses_cumplidos(suyos.fecha_ingreso, dia),
                sorteos_perdidos=perdidos,
                tuvo_espacio_anterior=(solicitud.unidad_id, solicitud.clase) in tuvieron,
                al_dia=suyos.al_dia,
                tipo_vehiculo=solicitud.clase,
                electrico=solicitud.electrico,
            )
            evaluadas.append(Evaluada(solicitud, evaluar(sorteo.reglas, hecho), condiciones))
        return evaluadas
