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
from app.modules.sorteo.historial.models import Suceso
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

    tipo: Literal[
        "sorteo_prorrogar",
        "sorteo_reabrir",
        "sorteo_finalizar",
        "sorteo_anular",
        "sorteo_retirar_anulacion",
        "sorteo_confirmar_anulacion",
    ]
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

    async def encargar(
        self, paso: Paso, id: PydanticObjectId, quien: Principal, **datos: str | datetime | None
    ) -> PydanticObjectId | None:
        """Any step but `ejecutar`. `datos`: what else it takes."""
        juicios: Mapping[Paso, Callable[[PydanticObjectId], Awaitable[Sorteo]]] = {
            Paso.abrir: self._apertura.por_abrir,
            Paso.cerrar: self._cierre.por_cerrar,
            Paso.publicar: self._publicacion.por_publicar,
            Paso.finalizar: self._publicacion.por_finalizar,
        }
        sorteo = await (juicios[paso](id) if paso in juicios else self._por_mover(paso, id))
        dado = sorteo.estado is PASOS[paso].a and sorteo.estado not in PASOS[paso].desde
        if dado or (paso is Paso.anular and sorteo.anulacion is not None):
            return None
        return await self._encolar(paso, id, quien, **datos)

    async def ejecutar(
        self, id: PydanticObjectId, entropia: Entropia | None, quien: Principal
    ) -> PydanticObjectId | None:
        sorteo = await self._ejecucion.fijar(id, entropia)
        return None if sorteo.estado in CON_RESULTADO else await self._encolar(Paso.ejecutar, id, quien)

    async def _por_mover(self, paso: Paso, id: PydanticObjectId) -> Sorteo:
        """Of a step of which only the state is judged at once."""
        sorteo = await self._servicio.ver(id)
        if sorteo.estado in PASOS[paso].desde:
            if paso is not Paso.anular:
                self._servicio.exigir_sin_anulacion(sorteo)
        elif sorteo.estado is not PASOS[paso].a:
            raise TransicionInvalida()
        return sorteo

    async def retirar_anulacion(
        self, id: PydanticObjectId, quien: Principal, *, motivo: str
    ) -> PydanticObjectId | None:
        sorteo = await self._anulacion.por_retirar(id)
        if sorteo.anulacion is None:
            return None
        return await self._encolar(Suceso.retirar_anulacion, id, quien, motivo=motivo)

    async def confirmar_anulacion(self, id: PydanticObjectId, quien: Principal) -> PydanticObjectId | None:
        sorteo = await self._anulacion.por_confirmar(id, quien=quien)
        if sorteo.estado is PASOS[Paso.anular].a:
            return None
        return await self._encolar(Suceso.confirmar_anulacion, id, quien)

    async def _encolar(
        self, paso: Paso | Suceso, id: PydanticObjectId, quien: Principal, **datos: str | datetime | None
    ) -> PydanticObjectId:
        tipo = f"sorteo_{paso}"
        parametros = {"sorteo_id": id, **datos}
        # Two that move the closing to different times are two.
        unico = f"{tipo}:{id}:{datos.get('cierre') or ''}"
        return await self._cola.encolar(tipo=tipo, parametros=parametros, quien=quien, unico=unico)

    def encargados(self) -> Mapping[str, Encargado]:
        pasos: Mapping[str, tuple[Dar, type[ResultadoOut]]] = {
            "sorteo_abrir": (lambda id, c: self._apertura.abrir(id, avance=c.avanzar), SorteoAbiertoOut),
            "sorteo_prorrogar": (lambda id, c: self._apertura.prorrogar(id, **_mas(c)), SorteoMovidoOut),
            "sorteo_cerrar": (lambda id, c: self._cierre.cerrar(id, avance=c.avanzar), SorteoCerradoOut),
            "sorteo_reabrir": (lambda id, c: self._reapertura.reabrir(id, **_mas(c)), SorteoMovidoOut),
            "sorteo_ejecutar": (lambda id, c: self._ejecucion.ejecutar(id, None, avance=c.avanzar), SorteoEjecutadoOut),
            "sorteo_publicar": (lambda id, c: self._publicacion.publicar(id, avance=c.avanzar), SorteoPublicadoOut),
            "sorteo_finalizar": (lambda id, _: self._publicacion.finalizar(id), SorteoMovidoOut),
            "sorteo_anular": (lambda id, c: self._anulacion.anular(id, quien=c.quien, **_mas(c)), SorteoMovidoOut),
            "sorteo_retirar_anulacion": (lambda id, c: self._anulacion.retirar(id, **_mas(c)), SorteoMovidoOut),
            "sorteo_confirmar_anulacion": (
                lambda id, c: self._anulacion.confirmar(id, quien=c.quien),
                SorteoMovidoOut,
            ),
        }
        return {t: PasoDeSorteo(tipo=t, dar=dar, resultado=resultado) for t, (dar, resultado) in pasos.items()}


def _mas(contexto: Contexto) -> dict[str, Any]:
    """What a step takes beside its draw."""
    return {campo: valor for campo, valor in contexto.parametros.items() if campo != "sorteo_id"}


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
