"""Steps of a draw as jobs. A step is queued once, and taken under the turn of its draw, as if somebody waited.

Cancelling such a job ends the wait. A cancelled closing is undone, like any closing that stops. A draw that has its
number runs all the same, and a draw that is being published is published to its end: the clock takes those steps up.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.jobs.contract import Cola, Contexto, Encargado
from app.core.security import Principal
from app.modules.sorteo.estados import CON_RESULTADO, PASOS, Paso
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.cierre import CierreService
from app.modules.sorteo.pasos.ejecucion import EjecucionService, Entropia
from app.modules.sorteo.pasos.publicacion import PublicacionService
from app.modules.sorteo.schemas import LotteryResult
from app.modules.sorteo.turnos.service import Avance

Dar = Callable[[PydanticObjectId, Avance], Awaitable[Sorteo]]


@attrs.define(kw_only=True)
class EncargosDeSorteo:
    """Each call judges what can be judged at once, raises what the step itself would raise, and returns the id of the
    job; None when the step has been taken already."""

    _cierre: CierreService
    _ejecucion: EjecucionService
    _publicacion: PublicacionService
    _cola: Cola

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
        return {
            "sorteo_cerrar": PasoDeSorteo(
                dar=lambda id, avance: self._cierre.cerrar(id, avance=avance), resultado=_cerrado
            ),
            "sorteo_ejecutar": PasoDeSorteo(
                dar=lambda id, avance: self._ejecucion.ejecutar(id, None, avance=avance), resultado=_ejecutado
            ),
            "sorteo_publicar": PasoDeSorteo(
                dar=lambda id, avance: self._publicacion.publicar(id, avance=avance), resultado=_publicado
            ),
        }


@attrs.define(kw_only=True)
class PasoDeSorteo:
    """Takes one step as a job: an `Encargado`. The draw itself holds how far an attempt came."""

    _dar: Dar
    _resultado: Callable[[Sorteo], Mapping[str, Any]]

    async def realizar(self, *, contexto: Contexto) -> Mapping[str, Any]:
        sorteo = await self._dar(PydanticObjectId(contexto.parametros["sorteo_id"]), contexto.avanzar)
        return self._resultado(sorteo)


def _cerrado(sorteo: Sorteo) -> Mapping[str, Any]:
    return _de(sorteo) | {"huella": sorteo.huella, "participantes": sorteo.participantes}


def _ejecutado(sorteo: Sorteo) -> Mapping[str, Any]:
    return LotteryResult.model_validate(sorteo.model_dump() | {"sorteo_id": sorteo.id}).model_dump(mode="json")


def _publicado(sorteo: Sorteo) -> Mapping[str, Any]:
    return _de(sorteo) | {"admitidos": sorteo.admitidos, "en_espera": sorteo.en_espera}


def _de(sorteo: Sorteo) -> dict[str, Any]:
    return {"sorteo_id": str(sorteo.id), "estado": sorteo.estado.value}
