"""The job of a simulation: who takes part now, many draws among them, and what came of it for each.

While the draw is open, requests are judged by the facts of now, as its closing would judge them, and those still to be
decided count as approved. Once it is closed, what the closing froze takes part; other rules are judged by the facts of
now. What an attempt wrote that broke off, nobody reads; the next attempt deletes it.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.acts.contract import fuera_del_acto
from app.core.clock import ahora
from app.core.jobs.contract import Contexto
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo import motor
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.pruebas import bases_de
from app.modules.sorteo.ports import Solicitudes
from app.modules.sorteo.prioridades.evaluacion import evaluar
from app.modules.sorteo.prioridades.evaluador import Evaluada, Evaluador
from app.modules.sorteo.prioridades.models import Regla
from app.modules.sorteo.repository import EspacioEnJuegoRepository
from app.modules.sorteo.resultados.models import en_bases
from app.modules.sorteo.resultados.repository import ParticipanteRepository
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.simulacion.estimacion import Ensayado, escribir_csv, lado, por_solicitud
from app.modules.sorteo.simulacion.models import Ensayada, Simulacion
from app.modules.sorteo.simulacion.proceso import corridas
from app.modules.sorteo.simulacion.repository import EnsayadaRepository, SimulacionRepository
from app.modules.sorteo.simulacion.schemas import SimulacionOut
from app.modules.sorteo.simulacion.service import SIMULABLES
from app.shared.exceptions import TransicionInvalida

LOTE = 1000
A_LA_VISTA = 1000
"""Up to so many requests stand in the result of the job. All are in its file."""


@attrs.define(kw_only=True)
class Simulador:
    """An `Encargado`."""

    _sorteos: SorteoService
    _en_juego: EspacioEnJuegoRepository
    _participantes: ParticipanteRepository
    _simulaciones: SimulacionRepository
    _ensayadas: EnsayadaRepository
    _evaluador: Evaluador
    _solicitudes: Solicitudes
    _uow: UnitOfWork

    async def realizar(self, *, contexto: Contexto) -> Mapping[str, Any]:
        """See SimulacionOut. Raises TransicionInvalida when the draw has gone on meanwhile."""
        pedido = contexto.parametros
        sorteo = await self._sorteos.ver(PydanticObjectId(pedido["sorteo_id"]))
        if sorteo.estado not in SIMULABLES:
            raise TransicionInvalida()
        repeticiones, semilla = int(pedido["repeticiones"]), str(pedido["semilla"])
        otras = pedido["otras_reglas"]
        await contexto.avanzar(hecho=0, total=repeticiones)
        with fuera_del_acto():
            await self._ensayadas.borrar(sorteo.oid, trabajo=contexto.trabajo_id)
        ensayados = await self._ensayados_de(
            sorteo, None if otras is None else [Regla.model_validate(regla) for regla in otras]
        )
        lados = [[e.actual for e in ensayados], *([] if otras is None else [[e.con_otras for e in ensayados]])]
        ganadas = await _correr(await self._bases(sorteo, lados), semilla, contexto)
        await self._guardar(sorteo, ensayados, ganadas[0], contexto)
        solicitudes = por_solicitud(ensayados, ganadas, repeticiones)
        archivo = await asyncio.to_thread(escribir_csv, solicitudes)
        await contexto.entregar(nombre="probabilidades.csv", tipo="text/csv", contenido=archivo)
        clases = [e.clase for e in ensayados]
        vistos = [lado(suyos, clases, cuentas, repeticiones) for suyos, cuentas in zip(lados, ganadas, strict=True)]
        salida = SimulacionOut(
            tipo="sorteo_simular",
            archivo=None,
            sorteo_id=str(sorteo.id),
            repeticiones=repeticiones,
            participantes=len(ensayados),
            semilla=semilla,
            actual=vistos[0],
            otra=None if otras is None else vistos[1],
            solicitudes=solicitudes if len(solicitudes) <= A_LA_VISTA else None,
        )
        return salida.propio()

    async def _ensayados_de(self, sorteo: Sorteo, otras: Sequence[Regla] | None) -> list[Ensayado]:
        """The requests that take part, in the order of the bases."""
        reservas = {e.reserva for e in await self._en_juego.en_juego(sorteo.oid) if e.reserva is not None}
        ensayados = [
            Ensayado(
                solicitud_id=evaluada.solicitud.id,
                clase=evaluada.solicitud.clase,
                actual=actual,
                otra=None if otras is None else _con_reglas(actual, otras, evaluada),
            )
            async for actual, evaluada in self._que_participan(sorteo, reservas)
        ]
        return sorted(ensayados, key=lambda e: e.actual.id)

    async def _que_participan(
        self, sorteo: Sorteo, reservas: Collection[str]
    ) -> AsyncIterator[tuple[motor.Participante, Evaluada]]:
        ultimo = 0
        while lote := await self._solicitudes.por_folio(sorteo_id=sorteo.oid, despues_de=ultimo, limite=LOTE):
            ultimo = lote[-1].folio
            congelados = await self._participantes.por_folios(sorteo, [s.folio for s in lote])
            for evaluada in await self._evaluador.evaluar(sorteo, lote):
                if sorteo.intento is None:
                    if not evaluada.solicitud.impedimentos:
                        yield evaluada.en_bases(reservas), evaluada
                elif (suyo := congelados.get(evaluada.solicitud.folio)) is not None and not suyo["impedimentos"]:
                    yield en_bases(suyo), evaluada

    async def _bases(self, sorteo: Sorteo, lados: Sequence[Sequence[motor.Participante]]) -> list[bytes]:
        espacios = await self._en_juego.en_juego(sorteo.oid)
        return [await asyncio.to_thread(motor.escribir_bases, bases_de(sorteo, espacios, suyos)) for suyos in lados]

    async def _guardar(
        self, sorteo: Sorteo, ensayados: Sequence[Ensayado], ganadas: Sequence[int], contexto: Contexto
    ) -> None:
        """Write the rows and, when all are there, make them those of the last simulation."""
        repeticiones = int(contexto.parametros["repeticiones"])
        filas = [
            Ensayada(
                sorteo_id=sorteo.oid,
                trabajo_id=contexto.trabajo_id,
                solicitud_id=ensayado.solicitud_id,
                folio=int(ensayado.actual.id),
                ganadas=n,
            )
            for ensayado, n in zip(ensayados, ganadas, strict=True)
        ]
        with fuera_del_acto():
            for desde in range(0, len(filas), LOTE):
                await self._uow.run(partial(self._anotar, filas[desde : desde + LOTE], contexto))
        simulacion = Simulacion(
            id=sorteo.oid, trabajo_id=contexto.trabajo_id, repeticiones=repeticiones, hecha_en=ahora()
        )

        async def poner() -> bool:
            await contexto.guardar(punto={}, hecho=repeticiones)
            return await self._simulaciones.poner(simulacion)

        es_la_ultima = await self._uow.run(poner)
        with fuera_del_acto():
            await self._ensayadas.borrar(
                sorteo.oid, trabajo={"$lt": contexto.trabajo_id} if es_la_ultima else contexto.trabajo_id
            )

    async def _anotar(self, lote: Sequence[Ensayada], contexto: Contexto) -> None:
        await contexto.guardar(punto={}, hecho=int(contexto.parametros["repeticiones"]))
        await self._ensayadas.insert_many(lote)


async def _correr(bases: Sequence[bytes], semilla: str, contexto: Contexto) -> list[list[int]]:
    repeticiones = int(contexto.parametros["repeticiones"])
    async with corridas(bases, semilla=semilla, repeticiones=repeticiones) as dichos:
        async for dicho in dichos:
            if not isinstance(dicho, int):
                return dicho
            await contexto.avanzar(hecho=dicho)
    raise RuntimeError("the process ends with what it counted")


def _con_reglas(actual: motor.Participante, reglas: Sequence[Regla], evaluada: Evaluada) -> motor.Participante:
    otra = evaluar(reglas, evaluada.hechos)
    return replace(actual, nivel=otra.nivel, boletas=otra.boletas)
