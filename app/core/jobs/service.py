"""Jobs: work that takes longer than a client should wait, done by whichever process gets to it, once.

For who builds upon this (everything named here is in `app/core/jobs/contract.py`):

*To have work done later*, a module names `Cola` in its `ports.py` (from `app.core.jobs.contract`) and is handed
this service. `await cola.encolar(tipo="auth_cartas", parametros={"residentes": [...]}, quien=quien)` gives the id of
the job; called in a transaction, the job is there when that commits. `unico="sorteo_ejecutar:<id>"`: while one so named
has not ended, it is that one. Judge what can be judged before: what is refused at once is answered at once.

*To do it*, a class with `async def realizar(self, *, contexto: Contexto) -> dict | None` (`Encargado`), which the
module's `montaje.py` hands out under its `tipo` and `wiring.py` puts into the mapping `tipo` → handler. A batch is

    async def lote() -> None:
        await contexto.guardar(punto={"desde": ultimo}, hecho=n, total=total)   # first: nobody else is at it now
        ...                                                                     # writes of any module
        await contexto.rechazar(filas=[Rechazo(linea=7, campo="torre", codigo="muy_largo", datos={"max_length": 40})])
    await uow.run(lote)

and a handler begins from `contexto.punto`, which is `{}` the first time. What it counts for its `resultado` belongs in
the `punto`. A ParkNetError ends the job as `fallido` with its `codigo`; NoDisponible and anything unforeseen is tried
again (see `Trabajador`). A cancel makes the next call on the context raise: let it pass.

*A file that comes in*: `Archivos` (`guardar`, `leer`); hand what `guardar` gave to `encolar` as `entrada`, and it is
erased when the job ends. *A file that comes out*: `await contexto.entregar(nombre="cartas.pdf", tipo="application/pdf",
contenido=pdf)`. Who asked for the job, and nobody else, fetches it from `GET /trabajos/{id}/archivo` for a day;
`resultado.archivo` says `nombre`, `tipo`, `tamano`, `vence_en`. What is shown once may be in it, and nowhere else.

*To answer*: an endpoint takes `AsincronaDep` (`app/core/jobs/stage.py`) and ends with
`return await asincrona.responder(trabajo_id)`: 202 with `Location`, or 200 when it ended within `Prefer: wait`. What
also answers by itself asks `asincrona.pedida` first, then `asincrona.aceptar(trabajo_id)`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.acts.contract import llamada_en_curso
from app.core.clock import ahora
from app.core.idempotency.contract import anotar_hecho, hecho_antes
from app.core.jobs.contract import Bitacora, Entregado, EstadoTrabajo, RefDeArchivo, TrabajoVisto
from app.core.jobs.exceptions import SinArchivo, TrabajoAlterado, TrabajoTerminado
from app.core.jobs.files import ArchivoService
from app.core.jobs.models import ArchivoGuardado, FilaRechazada, LlamadaGuardada, Trabajo
from app.core.jobs.repository import RechazoRepository, TrabajoRepository
from app.core.jobs.views import dueno_de, visto
from app.core.sealing import Precinto
from app.core.security import Principal, Rol
from app.core.shutdown import Parada
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.shared.exceptions import NoEncontrado, hallado
from app.shared.transaction import al_confirmar, current_session

log = logging.getLogger(__name__)

SE_GUARDA = timedelta(days=30)
_FIN = "trabajo_terminado"
_PAUSAS = (0.05, 0.1, 0.2, 0.4)
"""Seconds between two looks at a job that somebody waits for: soon at first, then the last of them again and again."""


@attrs.define(kw_only=True)
class Marcas:
    """A job bears a mark of who asked, when and for what, under a key that is not in the database: whoever puts one
    there, or writes another name or other parameters into it, has nothing done by it and leaves a trace. Nor does who
    puts one back that has ended, for the audit was told of that, or one that was taken away and is old by now."""

    _precinto: Precinto
    _trabajos: TrabajoRepository
    _bitacora: Bitacora
    _uow: UnitOfWork

    def de(self, trabajo: Trabajo) -> str:
        return self._precinto.de(self._trabajos.lo_pedido(trabajo))

    async def exigir(self, trabajo: Trabajo) -> None:
        """Raises TrabajoAlterado."""
        entera = trabajo.marca is not None and self._precinto.vale(trabajo.marca, self._trabajos.lo_pedido(trabajo))
        reciente = ahora() - trabajo.creado_en < SE_GUARDA
        if entera and reciente and not await self._bitacora.dichos(objeto=trabajo.oid, tipos=[_FIN]):
            return
        log.error("el trabajo %s (%s) no es el que alguien pidió", trabajo.id, trabajo.tipo)
        datos = {"tipo": trabajo.tipo}
        await self._uow.run(
            lambda: self._bitacora.suceso(tipo=TrabajoAlterado.codigo, hecho=False, datos=datos, objeto=trabajo.oid)
        )
        raise TrabajoAlterado()

    async def decir_fin(self, id: PydanticObjectId, estado: EstadoTrabajo) -> None:
        """In the transaction in which it ends."""
        await self._bitacora.aparte(tipo=_FIN, datos={"estado": estado.value}, objeto=id)


@attrs.define(kw_only=True)
class TrabajoService:
    """`al_encolar`: told, in this process, when there is a new job to be seen. `guarda`: how long one that has ended
    can still be asked about."""

    _trabajos: TrabajoRepository
    _rechazos: RechazoRepository
    _archivos: ArchivoService
    _parada: Parada
    _uow: UnitOfWork
    _marcas: Marcas
    _al_encolar: Callable[[], None]
    _guarda: timedelta = SE_GUARDA

    async def encolar(
        self,
        *,
        tipo: str,
        parametros: Mapping[str, Any],
        quien: Principal,
        unico: str | None = None,
        entrada: RefDeArchivo | None = None,
    ) -> PydanticObjectId:
        """See `Cola`. Of a call repeated under its key because it was taken for dead, the job that it had queued."""
        if (antes := hecho_antes()) is not None:
            return PydanticObjectId(antes)
        momento = ahora()

        async def fn() -> PydanticObjectId:
            nuevo = Trabajo(
                id=PydanticObjectId(),
                tipo=tipo,
                parametros=dict(parametros),
                dueno=dueno_de(quien),
                quien=asdict(quien),
                llamada=_llamada(),
                unico=unico,
                entrada=None if entrada is None else ArchivoGuardado(**asdict(entrada)),
                libre_desde=momento,
                creado_en=momento,
            )
            nuevo.marca = self._marcas.de(nuevo)
            trabajo = await self._trabajos.encolar(nuevo)
            await anotar_hecho(str(trabajo.oid))
            al_confirmar(self._al_encolar)
            return trabajo.oid

        return await self._uow.run(fn)

    async def ver(self, trabajo_id: PydanticObjectId, quien: Principal) -> TrabajoVisto:
        """Raises NoEncontrado, also for somebody else's."""
        return visto(await self._exigir(trabajo_id, quien, Rol.admin, Rol.auditor))

    async def esperar(self, *, trabajo_id: PydanticObjectId, segundos: float) -> TrabajoVisto:
        """The job as it is when it has ended, or after so long, or when this process is told to stop. In a transaction
        it waits for nothing: what others do would not be seen there."""
        if current_session() is not None:
            segundos = 0
        ultimo: TrabajoVisto | None = None
        limite = asyncio.get_running_loop().time() + segundos
        async for ultimo in self.seguir(trabajo_id):
            if ultimo.terminado or asyncio.get_running_loop().time() >= limite:
                break
        if ultimo is None:
            raise NoEncontrado()
        return ultimo

    async def seguir(self, trabajo_id: PydanticObjectId) -> AsyncIterator[TrabajoVisto]:
        """The job again and again, changed or not, whichever process runs it; the last one has ended. Ends also when
        the job is gone, or this process is told to stop."""
        vuelta = 0
        while (trabajo := await self._trabajos.get(trabajo_id)) is not None:
            actual = visto(trabajo)
            yield actual
            if actual.terminado or await self._parada.esperar(_PAUSAS[min(vuelta, len(_PAUSAS) - 1)]):
                return
            vuelta += 1

    async def rechazos(self, trabajo_id: PydanticObjectId, quien: Principal) -> AsyncIterator[FilaRechazada]:
        """The rows that it refused, by line. Raises NoEncontrado."""
        await self._exigir(trabajo_id, quien, Rol.admin, Rol.auditor)
        return self._rechazos.de_trabajo(trabajo_id)

    async def archivo(self, trabajo_id: PydanticObjectId, quien: Principal) -> tuple[Entregado, AsyncIterator[bytes]]:
        """The file that it made: for who asked for it alone. Raises NoEncontrado, SinArchivo."""
        trabajo = await self._exigir(trabajo_id, quien)
        entregado = visto(trabajo).archivo
        if trabajo.archivo is None or entregado is None or entregado.vence_en <= ahora():
            raise SinArchivo()
        return entregado, self._archivos.leer(archivo=trabajo.archivo.ref)

    @una_transaccion
    async def cancelar(self, trabajo_id: PydanticObjectId, quien: Principal) -> None:
        """At once while it is queued; a running one stops at its next step. Again is the same again. Raises
        NoEncontrado, TrabajoTerminado."""
        trabajo = await self._exigir(trabajo_id, quien, Rol.admin)
        match trabajo.estado:
            case EstadoTrabajo.hecho | EstadoTrabajo.fallido:
                raise TrabajoTerminado()
            case EstadoTrabajo.en_cola:
                fin = al_terminar(EstadoTrabajo.cancelado, self._guarda)
                if await self._trabajos.cancelar_en_cola(trabajo_id, poner=fin) is not None:
                    await self._marcas.decir_fin(trabajo_id, EstadoTrabajo.cancelado)
                if trabajo.entrada is not None:
                    await self._archivos.borrar(archivo=trabajo.entrada.ref)
            case EstadoTrabajo.en_curso if not trabajo.cancelar:
                await self._trabajos.pedir_cancelar(trabajo_id)

    async def borrar_caducados(self, *, limite: int) -> int:
        """Jobs that have had their time, or rows that such refused, up to `limite`; how many."""
        ids = await self._trabajos.caducados(momento=ahora(), limite=limite)
        if ids and (rechazos := await self._rechazos.borrar_lote(ids, limite=limite)):
            # Not all of the first ones may be gone: the jobs come when no row is left.
            return max(rechazos, limite)
        await self._trabajos.borrar(ids)
        return len(ids)

    async def _exigir(self, trabajo_id: PydanticObjectId, quien: Principal, *tambien: Rol) -> Trabajo:
        """The job, for who asked for it while they have the role in which they did (what an operador was to hand out
        is nothing to a resident), and for these roles whosever it is."""
        trabajo = hallado(await self._trabajos.get(trabajo_id))
        suyo = trabajo.dueno == dueno_de(quien) and trabajo.quien["rol"] == quien.rol
        if not suyo and quien.rol not in tambien:
            raise NoEncontrado()
        return trabajo


def al_terminar(estado: EstadoTrabajo, guarda: timedelta) -> dict[str, Any]:
    """What is written of any job that ends, and is kept for `guarda`."""
    momento = ahora()
    return {
        "estado": estado,
        "terminado_en": momento,
        "borrar_en": momento + guarda,
        "libre_desde": None,
        "ficha": None,
        "unico": None,
    }


def _llamada() -> LlamadaGuardada | None:
    llamada = llamada_en_curso()
    if llamada is None:
        return None
    return LlamadaGuardada(
        operacion=llamada.operacion,
        traza=llamada.traza,
        direccion=llamada.direccion,
        objetos=list(llamada.objetos),
        campos=list(llamada.campos),
    )
