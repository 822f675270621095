"""The waiting list of a draw. Its paths hang from the draw's; what it lists and moves are requests."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.core.dependencies import StaffDep, de_estado
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.modules.solicitudes.espera.service import EsperaService
from app.modules.solicitudes.exceptions import EspacioNoLibre, SolicitudAlterada
from app.modules.solicitudes.schemas import Liberacion, LiberacionOut, RequestOut
from app.shared.exceptions import NoEncontrado, TransicionInvalida
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(prefix="/sorteo", tags=["sorteo"], route_class=StrictRoute)
EsperaServiceDep = Annotated[EsperaService, Depends(de_estado("solicitudes", "espera"))]


@router.get(
    "/{id}/espera", summary="Lista de espera", responses=problemas(NoEncontrado), **lista(("lugar",), fija=True)
)
async def listar_espera(
    id: Id, consulta: PageQueryDep, espera: EsperaServiceDep, quien: StaffDep, paginar: PaginadorDep
) -> PageOut[RequestOut]:
    """Who still waits, first in line first."""
    return paginar(await espera.listar(id, consulta, quien))


@router.post(
    "/{id}/liberar",
    summary="Ofrecer un espacio libre",
    responses=problemas(NoEncontrado, TransicionInvalida, EspacioNoLibre, SolicitudAlterada),
)
async def liberar_espacio(id: Id, datos: Liberacion, espera: EsperaServiceDep, quien: StaffDep) -> LiberacionOut:
    """Offer a space of the draw that stands free to the next in line."""
    return await espera.liberar(id, datos.espacio, quien)
