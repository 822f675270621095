"""Whoever does the jobs: one in every process, which take them from each other's hands without ever two doing one.

A job is taken up by a conditional update under a new `ficha`, and kept by saying every second that it is being worked
on. A process that dies says nothing more, and five seconds later another goes on from the job's `punto`; one that is
told to stop gives its jobs back at once. After five attempts that broke off, the job has failed.
"""

import asyncio
import logging
import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import attrs

from app.core import tracing
from app.core.acts.contract import Llamada, atendiendo
from app.core.clock import ahora
from app.core.jobs import context as de_trabajo
from app.core.jobs.context import ContextoDeTrabajo
from app.core.jobs.contract import (
    Encargado,
    EstadoTrabajo,
    TrabajoCancelado,
    TrabajoInterrumpido,
    TrabajoPerdido,
    Vigencia,
)
from app.core.jobs.files import ArchivoService
from app.core.jobs.models import FalloGuardado, Trabajo
from app.core.jobs.repository import RechazoRepository, TrabajoRepository
from app.core.jobs.service import SE_GUARDA, Marcas, al_terminar
from app.core.shutdown import Parada
from app.database.unit_of_work import UnitOfWork
from app.shared.exceptions import EnOtrasManos, NoDisponible, ParkNetError

log = logging.getLogger(__name__)

INTENTOS = 5
_ESPERAS = tuple(timedelta(seconds=s) for s in (1, 5, 20, 60))
"""After the first attempt that failed, after the second…"""
_ERROR_INTERNO = FalloGuardado(codigo="error_interno", status=500, datos={})


@attrs.define(kw_only=True)
class Trabajador:
    """`async with Trabajador(...)`: while it is open, jobs are done: `a_la_vez` at once, looked for every `sondeo`
    seconds and whenever `despertar` is called. `guarda`: how long a job that has ended is kept."""

    _trabajos: TrabajoRepository
    _rechazos: RechazoRepository
    _archivos: ArchivoService
    _marcas: Marcas
    _uow: UnitOfWork
    _parada: Parada
    _sondeo: float
    _a_la_vez: int
    _guarda: timedelta = SE_GUARDA
    _encargados: Mapping[str, Encargado] = attrs.field(init=False, factory=dict)
    _vigencia: Vigencia = attrs.field(init=False)
    _aviso: asyncio.Event = attrs.field(init=False, factory=asyncio.Event)
    _bucle: asyncio.Task[None] | None = attrs.field(init=False, default=None)

    def encargar(self, encargados: Mapping[str, Encargado], vigencia: Vigencia) -> None:
        """Who does which `tipo`, and who knows whether its asker still may. They may need what queues jobs, so they are
        named after all is built."""
        self._encargados, self._vigencia = encargados, vigencia

    @property
    def tipos(self) -> Collection[str]:
        """The kinds of jobs that it does."""
        return self._encargados.keys()

    def despertar(self) -> None:
        self._aviso.set()

    async def __aenter__(self) -> "Trabajador":
        self._bucle = asyncio.create_task(self._atender())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._bucle is not None:
            self._bucle.cancel()
            await asyncio.gather(self._bucle, return_exceptions=True)

    async def _atender(self) -> None:
        en_curso: set[asyncio.Task[None]] = set()
        avisa_la_parada = asyncio.create_task(self._avisar_al_parar())

        def termino(tarea: asyncio.Task[None]) -> None:
            en_curso.discard(tarea)
            self._aviso.set()

        try:
            while not self._parada.avisada:
                # First cleared, then looked: what comes in between is not slept over.
                self._aviso.clear()
                trabajo = await self._tomar() if len(en_curso) < self._a_la_vez else None
                if trabajo is None:
                    await self._dormir()
                    continue
                tarea = asyncio.create_task(self._realizar(trabajo))
                en_curso.add(tarea)
                tarea.add_done_callback(termino)
        finally:
            suyas = [avisa_la_parada, *en_curso]
            for tarea in suyas:
                tarea.cancel()
            await asyncio.gather(*suyas, return_exceptions=True)

    async def _avisar_al_parar(self) -> None:
        await self._parada.esperar()
        self._aviso.set()

    async def _dormir(self) -> None:
        try:
            async with asyncio.timeout(self._sondeo):
                await self._aviso.wait()
        except TimeoutError:
            return

    async def _tomar(self) -> Trabajo | None:
        try:
            return await self._trabajos.tomar(
                tipos=self.tipos, ficha=secrets.token_hex(8), momento=ahora(), duracion=de_trabajo.DURACION
            )
        except Exception:
            log.exception("no se pudo tomar un trabajo")  # the next look may be luckier
            return None

    async def _realizar(self, trabajo: Trabajo) -> None:
        if trabajo.ficha is None:
            raise RuntimeError("a job is done under the ficha it was taken with")
        contexto = ContextoDeTrabajo(
            trabajo,
            ficha=trabajo.ficha,
            trabajos=self._trabajos,
            rechazos=self._rechazos,
            archivos=self._archivos,
            vigencia=self._vigencia,
        )
        renovacion = asyncio.create_task(contexto.mantener())
        try:
            with tracing.tarea(f"trabajo {trabajo.tipo}"):
                await self._hasta_el_fin(trabajo, contexto)
        except Exception:
            # How it ended could not be written. It is taken up again when its time has run out.
            log.exception("quedó sin terminar el trabajo %s", trabajo.id)
        finally:
            renovacion.cancel()

    async def _hasta_el_fin(self, trabajo: Trabajo, contexto: ContextoDeTrabajo) -> None:
        try:
            await self._intentar(trabajo, contexto)
        except TrabajoPerdido:
            log.warning("otro proceso sigue con el trabajo %s", trabajo.id)
        except TrabajoCancelado:
            await self._terminar(trabajo, EstadoTrabajo.cancelado, {})
        except EnOtrasManos:
            await self._devolver(trabajo)
        except NoDisponible as error:
            log.warning("se interrumpió el trabajo %s (%s): %s", trabajo.id, trabajo.tipo, error.codigo)
            await self._otra_vez(trabajo, _fallo(error))
        except ParkNetError as error:
            await self._terminar(trabajo, EstadoTrabajo.fallido, {"fallo": _fallo(error).model_dump()})
        except asyncio.CancelledError:
            await self._devolver(trabajo)
            raise
        except Exception:
            log.exception("se interrumpió el trabajo %s (%s)", trabajo.id, trabajo.tipo)
            await self._otra_vez(trabajo, _ERROR_INTERNO)
        finally:
            # Nothing, once the job names it as its own.
            await contexto.soltar_entregado()

    async def _intentar(self, trabajo: Trabajo, contexto: ContextoDeTrabajo) -> None:
        if trabajo.cancelar:
            raise TrabajoCancelado()
        if trabajo.intentos > INTENTOS:
            fallo = _fallo(TrabajoInterrumpido())
            await self._terminar(trabajo, EstadoTrabajo.fallido, {"fallo": fallo.model_dump()})
            return
        await self._marcas.exigir(trabajo)
        await contexto.exigir_vigente()
        with atendiendo(_llamada(trabajo, contexto)):
            resultado = await self._encargados[trabajo.tipo].realizar(contexto=contexto)
        poner = contexto.al_final | {"resultado": None if resultado is None else dict(resultado)}
        if await self._terminar(trabajo, EstadoTrabajo.hecho, poner):
            contexto.entregado = None

    async def _terminar(self, trabajo: Trabajo, estado: EstadoTrabajo, poner: Mapping[str, Any]) -> bool:
        """The write that ends it; False when it is somebody else's by now."""
        cuantas = await self._rechazos.cuantos(trabajo.oid)
        fin = al_terminar(estado, self._guarda) | {"errores": cuantas, "entrada": None} | dict(poner)

        async def terminar() -> bool:
            if await self._trabajos.escribir(trabajo.oid, ficha=trabajo.ficha or "", poner=fin) is None:
                return False
            await self._marcas.decir_fin(trabajo.oid, estado)
            return True

        if not await self._uow.run(terminar):
            return False
        if trabajo.entrada is not None:
            await self._archivos.borrar(archivo=trabajo.entrada.ref)
        return True

    async def _otra_vez(self, trabajo: Trabajo, fallo: FalloGuardado) -> None:
        """Later, if there are attempts left."""
        if trabajo.intentos >= INTENTOS:
            log.error("el trabajo %s (%s) queda fallido tras %d intentos", trabajo.id, trabajo.tipo, INTENTOS)
            await self._terminar(trabajo, EstadoTrabajo.fallido, {"fallo": fallo.model_dump()})
            return
        await self._soltar(trabajo, ahora() + _ESPERAS[trabajo.intentos - 1], 0)

    async def _devolver(self, trabajo: Trabajo) -> None:
        """At once, and it was no attempt: nothing went wrong."""
        await self._soltar(trabajo, ahora(), -1)

    async def _soltar(self, trabajo: Trabajo, cuando: datetime, intentos: int) -> None:
        poner = {"estado": EstadoTrabajo.en_cola, "ficha": None, "libre_desde": cuando}
        await self._trabajos.escribir(trabajo.oid, ficha=trabajo.ficha or "", poner=poner, sumar={"intentos": intentos})


def _llamada(trabajo: Trabajo, contexto: ContextoDeTrabajo) -> Llamada:
    """What it does is the act of who asked for it."""
    de = trabajo.llamada
    if de is None:
        return Llamada(operacion=trabajo.tipo, quien=contexto.quien, objetos=(str(trabajo.id),), es_acto=True)
    return Llamada(
        operacion=de.operacion,
        traza=de.traza,
        direccion=de.direccion,
        quien=contexto.quien,
        objetos=tuple(de.objetos),
        campos=tuple(de.campos),
        es_acto=True,
    )


def _fallo(error: ParkNetError) -> FalloGuardado:
    # BSON knows instants and no days.
    datos = {
        n: v.isoformat() if isinstance(v, date) and not isinstance(v, datetime) else v for n, v in error.datos.items()
    }
    return FalloGuardado(codigo=error.codigo, status=error.status, datos=datos)
