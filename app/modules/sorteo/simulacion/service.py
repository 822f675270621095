"""Asking for a simulation, and reading what the last one found."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import attrs
from beanie import PydanticObjectId

from app.core.jobs.contract import Cola
from app.core.security import Principal
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.ports import Propias, Solicitudes
from app.modules.sorteo.prioridades.models import Regla
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.simulacion.models import Ensayada, Simulacion
from app.modules.sorteo.simulacion.repository import EnsayadaRepository, SimulacionRepository
from app.modules.sorteo.simulacion.schemas import TOPE, SimulacionIn
from app.shared.exceptions import EntradaInvalida, SinResidente, TransicionInvalida

TIPO = "sorteo_simular"
SIMULABLES = frozenset({EstadoSorteo.abierto, EstadoSorteo.cerrado})


@dataclass(frozen=True, slots=True)
class MiProbabilidad:
    ensayada: Ensayada
    simulacion: Simulacion


@attrs.define(kw_only=True)
class SimulacionService:
    _sorteos: SorteoService
    _prioridades: PrioridadRepository
    _simulaciones: SimulacionRepository
    _ensayadas: EnsayadaRepository
    _solicitudes: Solicitudes
    _propias: Propias
    _cola: Cola

    async def pedir(self, id: PydanticObjectId, datos: SimulacionIn, quien: Principal) -> PydanticObjectId:
        """The job. Raises NoEncontrado, TransicionInvalida, EntradaInvalida."""
        sorteo = await self._sorteos.ver(id, quien)
        if sorteo.estado not in SIMULABLES:
            raise TransicionInvalida()
        otras = await self._otras_reglas(sorteo, datos)
        await self._exigir_tope(sorteo, datos.repeticiones)
        return await self._cola.encolar(
            tipo=TIPO,
            parametros={
                "sorteo_id": id,
                "repeticiones": datos.repeticiones,
                # A simulation has a seed of its own: whoever knows this seed knows nothing of the draw's secret.
                "semilla": secrets.token_hex(32),
                "otras_reglas": None if otras is None else [regla.model_dump(mode="json") for regla in otras],
            },
            quien=quien,
            unico=f"{TIPO}:{id}:{datos.repeticiones}:{datos.sin_regla}:{datos.con_regla}",
        )

    async def propias(self, id: PydanticObjectId, quien: Principal) -> list[MiProbabilidad]:
        """The chances of the requests of the caller's flats, by folio; empty while nobody has simulated the draw.
        Raises NoEncontrado, SinResidente."""
        await self._sorteos.ver(id, quien)
        if quien.residente_id is None:
            raise SinResidente()
        simulacion = await self._simulaciones.get(id)
        if simulacion is None:
            return []
        ids = await self._propias.propias(residente_id=quien.residente_id)
        return [MiProbabilidad(e, simulacion) for e in await self._ensayadas.de_solicitudes(simulacion, ids)]

    async def _otras_reglas(self, sorteo: Sorteo, datos: SimulacionIn) -> Sequence[Regla] | None:
        """The rules to compare with those of the draw; None where that was not asked."""
        if datos.sin_regla is None and datos.con_regla is None:
            return None
        if datos.sin_regla is not None and datos.sin_regla not in {regla.codigo for regla in sorteo.reglas}:
            raise EntradaInvalida.en("sin_regla", "no_existe")
        otras = [regla for regla in sorteo.reglas if regla.codigo not in (datos.sin_regla, datos.con_regla)]
        if datos.con_regla is not None:
            prioridad = await self._prioridades.get_by_codigo(datos.con_regla)
            if prioridad is None:
                raise EntradaInvalida.en("con_regla", "no_existe")
            otras.append(prioridad.regla())
        return otras

    async def _exigir_tope(self, sorteo: Sorteo, repeticiones: int) -> None:
        cuantas = sorteo.participantes
        if cuantas is None:
            cuantas = await self._solicitudes.cuantas(sorteo_id=sorteo.oid)
        maximo = max(1, TOPE // max(1, cuantas))
        if repeticiones > maximo:
            raise EntradaInvalida.en("repeticiones", "fuera_de_rango", le=maximo)
