"""`/residentes/condiciones`: the conditions that there are."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import AfterValidator

from app.core.dependencies import AdminDep, SignedInDep, de_estado
from app.core.http.pages import CodeQueryDep, PaginadorDep, lista
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.modules.residentes.catalogo.repository import CatalogoRepository
from app.modules.residentes.catalogo.schemas import CondicionDelCatalogoOut, CondicionNueva, CondicionUpdate
from app.modules.residentes.catalogo.service import CatalogoService
from app.modules.residentes.exceptions import CondicionDuplicada, CondicionEnUso
from app.shared.exceptions import NoEncontrado
from app.shared.pagination import PageOut
from app.shared.schemas import normalizar

router = APIRouter(prefix="/condiciones", route_class=StrictRoute)
CodigoEnRuta = Annotated[str, Path(description="Código de la condición."), AfterValidator(normalizar)]
CatalogoServiceDep = Annotated[CatalogoService, Depends(de_estado("residentes", "catalogo"))]


@router.get("", summary="Lista las condiciones que hay", responses=problemas(), **lista(CatalogoRepository.ordenes))
async def listar_condiciones(
    servicio: CatalogoServiceDep, consulta: CodeQueryDep, paginar: PaginadorDep, _: SignedInDep
) -> PageOut[CondicionDelCatalogoOut]:
    pagina = await servicio.listar(consulta)
    return paginar(pagina.con([CondicionDelCatalogoOut.model_validate(condicion) for condicion in pagina.items]))


@router.post("", status_code=201, summary="Crea una condición", responses=problemas(CondicionDuplicada))
async def crear_condicion(
    request: Request, response: Response, servicio: CatalogoServiceDep, datos: CondicionNueva, _: AdminDep
) -> CondicionDelCatalogoOut:
    condicion = await servicio.crear(datos)
    response.headers["Location"] = f"{request.scope['path']}/{condicion.codigo}"
    return CondicionDelCatalogoOut.model_validate(condicion)


@router.get("/{codigo}", summary="Muestra una condición", responses=problemas(NoEncontrado))
async def ver_condicion(servicio: CatalogoServiceDep, codigo: CodigoEnRuta, _: SignedInDep) -> CondicionDelCatalogoOut:
    return CondicionDelCatalogoOut.model_validate(await servicio.ver(codigo))


@router.patch("/{codigo}", summary="Cambia una condición", responses=problemas(NoEncontrado))
async def cambiar_condicion(
    servicio: CatalogoServiceDep, codigo: CodigoEnRuta, datos: CondicionUpdate, _: AdminDep
) -> CondicionDelCatalogoOut:
    return CondicionDelCatalogoOut.model_validate(await servicio.cambiar(codigo, datos))


@router.delete(
    "/{codigo}",
    status_code=204,
    summary="Borra una condición que nada nombra",
    responses=problemas(NoEncontrado, CondicionEnUso),
)
async def borrar_condicion(servicio: CatalogoServiceDep, codigo: CodigoEnRuta, _: AdminDep) -> None:
    await servicio.borrar(codigo)
