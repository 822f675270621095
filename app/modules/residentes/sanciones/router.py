"""`/residentes/unidades/{id}/sanciones`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.core.dependencies import AdminDep, Roles, de_estado
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.security import Principal, Rol
from app.modules.residentes.sanciones.repository import SancionRepository
from app.modules.residentes.sanciones.schemas import SancionCreate, SancionOut
from app.modules.residentes.sanciones.service import SancionService
from app.shared.exceptions import NoEncontrado, SinResidente
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(prefix="/{id}/sanciones", route_class=StrictRoute)
SancionServiceDep = Annotated[SancionService, Depends(de_estado("residentes", "sanciones"))]
AdminOrResidentDep = Annotated[Principal, Depends(Roles(Rol.admin, Rol.residente))]


@router.get(
    "",
    summary="Lista las sanciones de una unidad",
    responses=problemas(NoEncontrado, SinResidente),
    **lista(SancionRepository.ordenes),
)
async def listar_sanciones(
    servicio: SancionServiceDep, id: Id, consulta: PageQueryDep, paginar: PaginadorDep, quien: AdminOrResidentDep
) -> PageOut[SancionOut]:
    pagina = await servicio.listar(id, consulta, quien)
    return paginar(pagina.con([SancionOut.model_validate(sancion) for sancion in pagina.items]))


@router.post("", status_code=201, summary="Impone una sanción a una unidad", responses=problemas(NoEncontrado))
async def imponer_sancion(
    request: Request, response: Response, servicio: SancionServiceDep, id: Id, datos: SancionCreate, _: AdminDep
) -> SancionOut:
    sancion = await servicio.imponer(id, datos)
    # Sanctions are read as the list of their flat.
    response.headers["Location"] = request.scope["path"]
    return SancionOut.model_validate(sancion)


@router.delete("/{sid}", status_code=204, summary="Levanta una sanción", responses=problemas(NoEncontrado))
async def levantar_sancion(servicio: SancionServiceDep, id: Id, sid: Id, _: AdminDep) -> None:
    await servicio.levantar(id, sid)
