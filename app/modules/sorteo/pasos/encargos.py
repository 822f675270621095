"""Steps of a draw as jobs. A step is queued once, and taken under the turn of its draw, as if somebody waited.

Cancelling such a job ends the wait. A cancelled opening or closing is undone, like any that stops. A draw that has its
number runs all the same, and a draw that is being published is published to its end: the clock takes those steps up.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

import attrs
from beanie import PydanticObjectId

from app.core.jobs.contract import Cola, Contexto, Encargado, ResultadoOut
from app.core.security import Principal
from app.modules.sorteo.estados import CON_RESULTADO, PASOS, EstadoSorteo, Paso
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.apertura import AperturaService
from app.modules.sorteo.pasos.cierre import CierreService
from app.modules.sorteo.pasos.ejecucion import EjecucionService, Entropia
from app.modules.sorteo.pasos.publicacion import PublicacionService
from app.modules.sorteo.schemas import LotteryResult
from app.modules.sorteo.turnos.service import Avance


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


Dar = Callable[[PydanticObjectId, Avance], Awaitable[Sorteo]]


@attrs.define(kw_only=True)
class EncargosDeSorteo:
    """Each call judges what can be judged at once, raises what the step itself would raise, and returns the id of the
    job; None when the step has been taken already."""

    _apertura: AperturaService
    _cierre: CierreService
    _ejecucion: EjecucionService
    _publicacion: PublicacionService
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

    async def _encolar(self, paso: Paso, id: PydanticObjectId, quien: Principal) -> PydanticObjectId:
        tipo = f"sorteo_{paso}"
        return await self._cola.encolar(tipo=tipo, parametros={"sorteo_id": id}, quien=quien, unico=f"{tipo}:{id}")

    def encargados(self) -> Mapping[str, Encargado]:
        pasos: Mapping[str, tuple[Dar, type[ResultadoOut]]] = {
            "sorteo_abrir": (lambda id, avance: self._apertura.abrir(id, avance=avance), SorteoAbiertoOut),
            "sorteo_cerrar": (lambda id, avance: self._cierre.cerrar(id, avance=avance), SorteoCerradoOut),
            "sorteo_ejecutar": (
                lambda id, avance: self._ejecucion.ejecutar(id, None, avance=avance),
                SorteoEjecutadoOut,
            ),
            "sorteo_publicar": (lambda id, avance: self._publicacion.publicar(id, avance=avance), SorteoPublicadoOut),
        }
        return {t: PasoDeSorteo(tipo=t, dar=dar, resultado=resultado) for t, (dar, resultado) in pasos.items()}


@attrs.define(kw_only=True)
class PasoDeSorteo:
    """Takes one step as a job: an `Encargado`. The draw itself holds how far an attempt came."""

    _tipo: str
    _dar: Dar
    _resultado: type[ResultadoOut]

    async def realizar(self, *, contexto: Contexto) -> Mapping[str, Any]:
        sorteo = await self._dar(PydanticObjectId(contexto.parametros["sorteo_id"]), contexto.avanzar)
        dicho = sorteo.model_dump() | {"tipo": self._tipo, "archivo": None, "sorteo_id": sorteo.id}
        return self._resultado.model_validate(dicho).propio()
