"""Steps of a draw as jobs. A step is queued once, and taken under the turn of its draw, as if somebody waited.

Cancelling such a job ends the wait. A cancelled opening or closing is undone, like any that stops. A draw that has its
number runs all the same, and a draw that is being published is published to its end: the clock takes those steps up.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Literal

import attrs
from beanie import PydanticObjectId

from app.core.jobs.contract import Cola, Contexto, Encargado, ResultadoOut
from app.core.security import Principal
from app.modules.sorteo.estados import CON_RESULTADO, PASOS, EstadoSorteo, Paso
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.anulacion import AnulacionService
from app.modules.sorteo.pasos.apertura import AperturaService
from app.modules.sorteo.pasos.cierre import CierreService
from app.modules.sorteo.pasos.ejecucion import EjecucionService, Entropia
from app.modules.sorteo.pasos.publicacion import PublicacionService
from app.modules.sorteo.pasos.reapertura import ReaperturaService
from app.modules.sorteo.schemas import LotteryResult
from app.modules.sorteo.service import SorteoService
from app.shared.exceptions import TransicionInvalida


class SorteoAbiertoOut(ResultadoOut):
    tipo: Literal["sorteo_abrir"]
    sorteo_id: PydanticObjectId
    estado: EstadoSorteo
    compromiso: str
    espacios_en_juego: int


class SorteoCerradoOut(ResultadoOut):
    tipo: Literal["sorteo_cerrar"]
    sorteo_id: PydanticObjectId
    estado: EstadoSorteo
    huella: str
    participantes: int


class SorteoEjecutadoOut(ResultadoOut, LotteryResult):
    tipo: Literal["sorteo_ejecutar"]


class SorteoPublicadoOut(ResultadoOut):
    tipo: Literal["sorteo_publicar"]
    sorteo_id: PydanticObjectId
    estado: EstadoSorteo
    admitidos: int
    en_espera: int


class SorteoMovidoOut(ResultadoOut):
    """Of a step that leaves nothing to count."""

    tipo: Literal["sorteo_prorrogar", "sorteo_reabrir", "sorteo_finalizar", "sorteo_anular"]
    sorteo_id: PydanticObjectId
    estado: EstadoSorteo


Dar = Callable[[PydanticObjectId, Contexto], Awaitable[Sorteo]]


@attrs.define(kw_only=True)
class EncargosDeSorteo:
    """Each call judges what can be judged at once, raises what the step itself would raise, and returns the id of the
    job; None when the step has been taken already."""

    _servicio: SorteoService
    _apertura: AperturaService
    _cierre: CierreService
    _reapertura: ReaperturaService
    _ejecucion: EjecucionService
    _publicacion: PublicacionService
    _anulacion: AnulacionService
    _cola: Cola

    async def abrir(self, id: PydanticObjectId, quien: Principal) -> PydanticObjectId | None:
        sorteo = await self._apertura.por_abrir(id)
        return None if sorteo.estado is PASOS[Paso.abrir].a else await self._encolar(Paso.abrir, id, quien)

    async def cerrar(self, id: PydanticObjectId, quien: Principal) -> PydanticObjectId | None:
        sorteo = await self._cierre.por_cerrar(id)
        return None if sorteo.estado is PASOS[Paso.cerrar].a else await self._encolar(Paso.cerrar, id, quien)

    async def ejecutar(
        self, id: PydanticObjectId, entropia: Entropia | None, quien: Principal
    ) -> PydanticObjectId | None:
        sorteo = await self._ejecucion.fijar(id, entropia)
        return None if sorteo.estado in CON_RESULTADO else await self._encolar(Paso.ejecutar, id, quien)

    async def publicar(self, id: PydanticObjectId, quien: Principal) -> PydanticObjectId | None:
        sorteo = await self._publicacion.por_publicar(id)
        return None if sorteo.estado is PASOS[Paso.publicar].a else await self._encolar(Paso.publicar, id, quien)

    async def finalizar(self, id: PydanticObjectId, quien: Principal) -> PydanticObjectId | None:
        sorteo = await self._publicacion.por_finalizar(id)
        return None if sorteo.estado is PASOS[Paso.finalizar].a else await self._encolar(Paso.finalizar, id, quien)

    async def mover(
        self, paso: Paso, id: PydanticObjectId, quien: Principal, **datos: str | datetime | None
    ) -> PydanticObjectId | None:
        """Any other step, of which only the state is judged at once. `datos`: what else it takes."""
        sorteo = await self._servicio.ver(id)
        if sorteo.estado not in PASOS[paso].desde:
            if sorteo.estado is PASOS[paso].a:
                return None
            raise TransicionInvalida()
        if paso is not Paso.anular:
            self._servicio.exigir_sin_anulacion(sorteo)
        elif sorteo.anulacion is not None:
            return None
        return await self._encolar(paso, id, quien, **datos)

    async def _encolar(
        self, paso: Paso, id: PydanticObjectId, quien: Principal, **datos: str | datetime | None
    ) -> PydanticObjectId:
        tipo = f"sorteo_{paso}"
        parametros = {"sorteo_id": id, **datos}
        # Two that move the closing to different times are two.
        unico = f"{tipo}:{id}:{datos.get('cierre') or ''}"
        return await self._cola.encolar(tipo=tipo, parametros=parametros, quien=quien, unico=unico)

    def encargados(self) -> Mapping[str, Encargado]:
        pasos: Mapping[str, tuple[Dar, type[ResultadoOut]]] = {
            "sorteo_abrir": (lambda id, c: self._apertura.abrir(id, avance=c.avanzar), SorteoAbiertoOut),
            "sorteo_prorrogar": (
                lambda id, c: self._apertura.prorrogar(
                    id, cierre=c.parametros["cierre"], motivo=c.parametros["motivo"]
                ),
                SorteoMovidoOut,
            ),
            "sorteo_cerrar": (lambda id, c: self._cierre.cerrar(id, avance=c.avanzar), SorteoCerradoOut),
            "sorteo_reabrir": (
                lambda id, c: self._reapertura.reabrir(
                    id, motivo=c.parametros["motivo"], cierre=c.parametros["cierre"]
                ),
                SorteoMovidoOut,
            ),
            "sorteo_ejecutar": (
                lambda id, c: self._ejecucion.ejecutar(id, None, avance=c.avanzar),
                SorteoEjecutadoOut,
            ),
            "sorteo_publicar": (lambda id, c: self._publicacion.publicar(id, avance=c.avanzar), SorteoPublicadoOut),
            "sorteo_finalizar": (lambda id, _: self._publicacion.finalizar(id), SorteoMovidoOut),
            "sorteo_anular": (
                lambda id, c: self._anulacion.anular(id, motivo=c.parametros["motivo"], quien=c.quien),
                SorteoMovidoOut,
            ),
        }
        return {t: PasoDeSorteo(tipo=t, dar=dar, resultado=resultado) for t, (dar, resultado) in pasos.items()}


@attrs.define(kw_only=True)
class PasoDeSorteo:
    """Takes one step as a job: an `Encargado`. The draw itself holds how far an attempt came."""

    _tipo: str
    _dar: Dar
    _resultado: type[ResultadoOut]

    async def realizar(self, *, contexto: Contexto) -> Mapping[str, Any]:
        sorteo = await self._dar(PydanticObjectId(contexto.parametros["sorteo_id"]), contexto)
        dicho = sorteo.model_dump() | {"tipo": self._tipo, "archivo": None, "sorteo_id": sorteo.id}
        return self._resultado.model_validate(dicho).propio()
