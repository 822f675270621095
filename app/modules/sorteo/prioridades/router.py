"""`/sorteo/prioridades`: the rules that give levels and balls."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AfterValidator

from app.core.dependencies import AdminDep, SignedInDep, de_estado
from app.core.http.application import PREFIJO
from app.core.http.pages import CodeQueryDep, PaginadorDep, lista
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.modules.sorteo.exceptions import PrioridadDuplicada
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.prioridades.schemas import ConjuntoCreate, PrioridadCreate, PrioridadOut, PrioridadUpdate
from app.modules.sorteo.prioridades.service import PrioridadService
from app.shared.exceptions import NoEncontrado
from app.shared.pagination import PageOut
from app.shared.schemas import normalizar

router = APIRouter(prefix="/sorteo/prioridades", tags=["sorteo"], route_class=StrictRoute)
PrioridadServiceDep = Annotated[PrioridadService, Depends(de_estado("sorteo", "prioridades"))]
CodigoEnRuta = Annotated[str, Path(description="Código de la prioridad."), AfterValidator(normalizar)]


@router.get("", summary="Listar prioridades", responses=problemas(), **lista(PrioridadRepository.ordenes))
async def listar_prioridades(
    consulta: CodeQueryDep,
    prioridades: PrioridadServiceDep,
    _: SignedInDep,
    paginar: PaginadorDep,
    activa: Annotated[bool | None, Query()] = None,
) -> PageOut[PrioridadOut]:
    pagina = await prioridades.listar(consulta, activa=activa)
    return paginar(pagina.con([PrioridadOut.model_validate(prioridad) for prioridad in pagina.items]))


@router.post("", summary="Crear una prioridad", status_code=201, responses=problemas(PrioridadDuplicada))
async def crear_prioridad(
    datos: PrioridadCreate, prioridades: PrioridadServiceDep, _: AdminDep, response: Response
) -> PrioridadOut:
    prioridad = await prioridades.crear(datos)
    response.headers["Location"] = f"{PREFIJO}/sorteo/prioridades/{prioridad.codigo}"
    return PrioridadOut.model_validate(prioridad)


# Before `/{codigo}`, which would take `conjuntos` for a code.
@router.post(
    "/conjuntos", summary="Crear un conjunto de prioridades", status_code=201, responses=problemas(PrioridadDuplicada)
)
async def crear_conjunto(
    datos: ConjuntoCreate, prioridades: PrioridadServiceDep, _: AdminDep, response: Response
) -> list[PrioridadOut]:
    """All rules of a file, or none. Files to begin with are in `docs/prioridades`."""
    creadas = await prioridades.crear_conjunto(datos)
    response.headers["Location"] = f"{PREFIJO}/sorteo/prioridades"
    return [PrioridadOut.model_validate(prioridad) for prioridad in creadas]


@router.get("/{codigo}", summary="Ver una prioridad", responses=problemas(NoEncontrado))
async def ver_prioridad(codigo: CodigoEnRuta, prioridades: PrioridadServiceDep, _: SignedInDep) -> PrioridadOut:
    return PrioridadOut.model_validate(await prioridades.ver(codigo))


@router.patch("/{codigo}", summary="Cambiar una prioridad", responses=problemas(NoEncontrado))
async def cambiar_prioridad(
    codigo: CodigoEnRuta, datos: PrioridadUpdate, prioridades: PrioridadServiceDep, _: AdminDep
) -> PrioridadOut:
    return PrioridadOut.model_validate(await prioridades.cambiar(codigo, datos))


@router.delete("/{codigo}", summary="Borrar una prioridad", status_code=204, responses=problemas(NoEncontrado))
async def borrar_prioridad(codigo: CodigoEnRuta, prioridades: PrioridadServiceDep, _: AdminDep) -> None:
    await prioridades.borrar(codigo)
