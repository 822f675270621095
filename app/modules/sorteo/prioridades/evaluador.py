"""Judges many requests at once: reads their facts, and applies the rules of their draw."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import hoy
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.vigia import CambiosDeAsignaciones
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
from app.modules.sorteo.prioridades.ports import SuerteDeUnidad
from app.modules.sorteo.prioridades.suertes import DeAntes, Vistas, alteradas_de, sin_asignacion
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
    _cambios: CambiosDeAsignaciones
    _solicitudes: Solicitudes
    _padron: Padron
    _zona: ZoneInfo

    async def evaluar(
        self, sorteo: Sorteo, solicitudes: Sequence[SolicitudDelSorteo], *, vistas: Vistas | None = None
    ) -> list[Evaluada]:
        """One result for each request, in the same order. The number of queries does not depend on that of requests.
        With `vistas`, facts that somebody wrote on the database are `alterado`."""
        vivian = None if vistas is None else [s.habitantes for s in solicitudes]
        hechos = await self._hechos(solicitudes, vistas, vivian)
        return [Evaluada(s, h, evaluar(sorteo.reglas, h)) for s, h in zip(solicitudes, hechos, strict=True)]

    async def hechos(self, solicitudes: Sequence[Pretendiente]) -> list[Hechos]:
        """What is true of each now, in the same order."""
        return await self._hechos(solicitudes, None, None)

    async def _hechos(
        self,
        solicitudes: Sequence[Pretendiente],
        vistas: Vistas | None,
        vivian: Sequence[Sequence[PydanticObjectId]] | None,
    ) -> list[Hechos]:
        if not solicitudes:
            return []
        dia = hoy(self._zona)
        unidades = list({s.unidad_id for s in solicitudes})
        pares = [(s.unidad_id, s.residente_id) for s in solicitudes]
        dichas = None if vistas is None else vistas.dichas
        de_cada = await self._padron.hechos(pares=pares, el=dia, vivian=vivian, dichas=dichas)
        publicados = await self._sorteos.publicados() if vistas is None else vistas.publicados
        leidas = await self._solicitudes.suerte(unidades=unidades, con_marcas=vistas is not None)
        suertes: dict[tuple[PydanticObjectId, str], list[SuerteDeUnidad]] = defaultdict(list)
        for suerte in leidas:
            suertes[suerte.unidad_id, suerte.clase].append(suerte)
        ultimos = await self._asignaciones.ultimos(publicados)
        tuvieron = await self._asignaciones.con_espacio_en(ultimos, unidades=unidades)
        alteradas: dict[PydanticObjectId, DeAntes] = {}
        if vistas is not None:
            vistas.anotar(unidades, leidas)
            alteradas = alteradas_de(suertes, ultimos, tuvieron, publicados, vistas.afirmadas)
            alteradas |= await self._sin_asignacion(leidas, vistas)
        todos = []
        for solicitud, suyos in zip(solicitudes, de_cada, strict=True):
            perdidos = perdidos_seguidos(
                [Suerte(s.sorteo_id, s.ofrecida) for s in suertes[solicitud.unidad_id, solicitud.clase]],
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
                sancionada=suyos.sancionada,
                habitantes=tuple(suyos.habitantes),
                alterado=suyos.alterado or alteradas.get(solicitud.unidad_id),
            )
            todos.append(hecho)
        return todos

    async def _sin_asignacion(
        self, suertes: Sequence[SuerteDeUnidad], vistas: Vistas
    ) -> dict[PydanticObjectId, DeAntes]:
        """By flat, where what it holds in those days is not there as acts left it: it would be judged without."""
        debidas = {s.id: s.unidad_id for s in suertes if s.tuvo and s.sorteo_id in vistas.en_sus_dias}
        if not debidas:
            return {}
        enteras: dict[PydanticObjectId, bool] = {}
        filas, escritas = await self._asignaciones.creidas_de(list(debidas)), vistas.escritas
        if not all(self._cambios.valen(fila, escritas) for fila in filas):
            # One that changed since that was read was told of since.
            escritas = await self._cambios.dichos()
        for fila in filas:
            id = fila["solicitud_id"]
            enteras[id] = enteras.get(id, True) and self._cambios.valen(fila, escritas)
        return sin_asignacion(debidas, enteras)
