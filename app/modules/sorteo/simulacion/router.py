"""`/sorteo/{id}/simular` and `/sorteo/{id}/probabilidad`: chances before the draw."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.core.dependencies import AuditorDep, ResidentDep, de_estado
from app.core.http.language import IdiomaDep
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.jobs.stage import TRABAJO, AsincronaDep
from app.core.quotas.stage import por_cuenta
from app.modules.sorteo.simulacion.estimacion import en_palabras, estimar
from app.modules.sorteo.simulacion.schemas import MiProbabilidadOut, SimulacionIn
from app.modules.sorteo.simulacion.service import MiProbabilidad, SimulacionService
from app.shared.exceptions import NoEncontrado, SinResidente, TransicionInvalida
from app.shared.messages import Idioma, mensaje
from app.shared.schemas import Id

router = APIRouter(prefix="/sorteo", tags=["sorteo"], route_class=StrictRoute)
SimulacionServiceDep = Annotated[SimulacionService, Depends(de_estado("sorteo", "simulacion"))]


@router.post(
    "/{id}/simular",
    summary="Simular muchos sorteos",
    status_code=202,
    responses=problemas(NoEncontrado, TransicionInvalida) | TRABAJO,
    dependencies=[por_cuenta("simulaciones", 30, 60)],
)
async def simular_sorteo(
    id: Id, datos: SimulacionIn, simulaciones: SimulacionServiceDep, asincrona: AsincronaDep, quien: AuditorDep
) -> Response:
    """Many draws of the engine among the requests of now: who would have a space, and how often. Nothing is drawn."""
    return await asincrona.responder(await simulaciones.pedir(id, datos, quien))


@router.get("/{id}/probabilidad", summary="Mi probabilidad", responses=problemas(NoEncontrado, SinResidente))
async def ver_mi_probabilidad(
    id: Id, simulaciones: SimulacionServiceDep, quien: ResidentDep, idioma: IdiomaDep
) -> list[MiProbabilidadOut]:
    """Of each request of the caller's flats, by the last simulation; none while there was none."""
    return [_mia(mia, idioma) for mia in await simulaciones.propias(id, quien)]


def _mia(mia: MiProbabilidad, idioma: Idioma) -> MiProbabilidadOut:
    repeticiones = mia.simulacion.repeticiones
    estimada = estimar(mia.ensayada.ganadas, repeticiones)
    nombre, datos = en_palabras(estimada.probabilidad)
    return MiProbabilidadOut(
        **estimada.model_dump(),
        folio=mia.ensayada.folio,
        repeticiones=repeticiones,
        simulado_en=mia.simulacion.hecha_en,
        explicacion=mensaje(nombre, idioma, datos),
    )
