"""Judges many requests at once: reads their facts, and applies the rules of their draw."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import hoy
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.motor import Participante
from app.modules.sorteo.ports import Padron, Pretendiente, SolicitudDelSorteo, Solicitudes
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
    hechos: Hechos
    evaluacion: Evaluacion

    @property
    def condiciones(self) -> frozenset[str]:
        return self.hechos.condiciones

    @property
    def habitantes(self) -> Sequence[PydanticObjectId]:
        return self.hechos.habitantes

    def en_bases(self, reservas: Collection[str]) -> Participante:
        """Its line of the bases of a draw with spaces of those reserves."""
        return Participante(
            id=str(self.solicitud.folio),
            nivel=self.evaluacion.nivel,
            boletas=self.evaluacion.boletas,
            tipos=tuple(self.solicitud.tipos),
            condiciones=tuple(sorted(self.condiciones.intersection(reservas))),
            preferencias=tuple(self.solicitud.preferencias),
        )


@attrs.define(kw_only=True)
class Evaluador:
    _sorteos: SorteoRepository
    _asignaciones: AsignacionRepository
    _solicitudes: Solicitudes
    _padron: Padron
    _zona: ZoneInfo

    async def evaluar(
        self, sorteo: Sorteo, solicitudes: Sequence[SolicitudDelSorteo], *, con_marcas: bool = False
    ) -> list[Evaluada]:
        """One result for each request, in the same order. The number of queries does not depend on that of requests.
        `con_marcas`: facts that somebody wrote on the database are `alterado`."""
        hechos = await self.hechos(solicitudes, con_marcas=con_marcas)
        return [Evaluada(s, h, evaluar(sorteo.reglas, h)) for s, h in zip(solicitudes, hechos, strict=True)]

    async def hechos(self, solicitudes: Sequence[Pretendiente], *, con_marcas: bool = False) -> list[Hechos]:
        """What is true of each now, in the same order."""
        if not solicitudes:
            return []
        dia = hoy(self._zona)
        unidades = list({s.unidad_id for s in solicitudes})
        pares = [(s.unidad_id, s.residente_id) for s in solicitudes]
        de_cada = await self._padron.hechos(pares=pares, el=dia, con_marcas=con_marcas)
        publicados = await self._sorteos.publicados()
        suertes: dict[tuple[PydanticObjectId, str], list[Suerte]] = defaultdict(list)
        for suerte in await self._solicitudes.suerte(unidades=unidades):
            suertes[suerte.unidad_id, suerte.clase].append(Suerte(suerte.sorteo_id, suerte.ofrecida))
        tuvieron = await self._asignaciones.con_espacio_en_el_anterior(unidades=unidades, publicados=publicados)
        todos = []
        for solicitud, suyos in zip(solicitudes, de_cada, strict=True):
            perdidos = perdidos_seguidos(
                suertes[solicitud.unidad_id, solicitud.clase],
                publicados,
                suyos.perdidos_previos.get(solicitud.clase, 0),
            )
            hecho = Hechos(
                condiciones=suyos.condiciones if solicitud.usa_condiciones else frozenset(),
                tenencia=suyos.tenencia,
                torre=suyos.torre,
                antiguedad_meses=None if suyos.fecha_ingreso is None else meses_cumplidos(suyos.fecha_ingreso, dia),
                sorteos_perdidos=perdidos,
                sanciones_vigentes=suyos.sanciones_vigentes,
                tuvo_espacio_anterior=(solicitud.unidad_id, solicitud.clase) in tuvieron,
                al_dia=suyos.al_dia,
                tipo_vehiculo=solicitud.clase,
                electrico=solicitud.electrico,
                habitantes=tuple(suyos.habitantes),
                alterado=suyos.alterado,
            )
            todos.append(hecho)
        return todos
