"""`/sorteo/{id}/reclamos`: what flats object to, and the answers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.core.dependencies import AdminDep, ResidentDep, SignedInDep, de_estado
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.queries import varios
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.quotas.stage import por_cuenta
from app.modules.sorteo.exceptions import ReclamoRespondido
from app.modules.sorteo.reclamos.models import EstadoReclamo
from app.modules.sorteo.reclamos.repository import ReclamoRepository
from app.modules.sorteo.reclamos.schemas import ReclamoIn, ReclamoOut, RespuestaDeReclamo
from app.modules.sorteo.reclamos.service import ReclamoService
from app.shared.exceptions import NoEncontrado, SinResidente, TransicionInvalida
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(prefix="/sorteo/{id}/reclamos", tags=["sorteo"], route_class=StrictRoute)
ReclamoServiceDep = Annotated[ReclamoService, Depends(de_estado("sorteo", "reclamos"))]


@router.post(
    "",
    status_code=201,
    summary="Presentar un reclamo",
    responses=problemas(SinResidente, NoEncontrado, TransicionInvalida),
    dependencies=[por_cuenta("reclamos", 20, 3600)],
)
async def presentar_reclamo(
    request: Request, response: Response, id: Id, datos: ReclamoIn, reclamos: ReclamoServiceDep, quien: ResidentDep
) -> ReclamoOut:
    """From the opening until the draw ends."""
    presentado = await reclamos.presentar(id, datos, quien)
    response.headers["Location"] = request.scope["path"]
    return presentado


@router.get(
    "",
    response_model=PageOut[ReclamoOut],
    summary="Listar reclamos",
    responses=problemas(NoEncontrado),
    **lista(ReclamoRepository.ordenes),
)
async def listar_reclamos(
    id: Id,
    consulta: PageQueryDep,
    reclamos: ReclamoServiceDep,
    quien: SignedInDep,
    paginar: PaginadorDep,
    estado: Annotated[list[EstadoReclamo] | None, varios()] = None,
) -> PageOut[ReclamoOut]:
    """By folio. Staff see all of the draw."""
    return paginar(await reclamos.listar(id, consulta, quien, estados=estado))


@router.patch("/{rid}", summary="Responder un reclamo", responses=problemas(NoEncontrado, ReclamoRespondido))
async def responder_reclamo(
    id: Id, rid: Id, datos: RespuestaDeReclamo, reclamos: ReclamoServiceDep, quien: AdminDep
) -> ReclamoOut:
    """Once, with the reasons; who handed it in is told."""
    return await reclamos.responder(id, rid, datos, quien)
