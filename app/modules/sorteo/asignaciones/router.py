"""`/sorteo/asignaciones`: who holds which space."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.core.dependencies import AdminDep, ResidentDep, StaffDep, de_estado
from app.core.http.pages import LISTA, PageQueryDep, PaginadorDep
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.modules.sorteo.asignaciones.schemas import AsignacionOut, Revocacion
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.shared.exceptions import NoEncontrado, SinResidente, TransicionInvalida
from app.shared.pagination import PageOut
from app.shared.schemas import CodigoEspacio, Fecha, Id, Texto
from app.shared.utils import normalizar_placa

router = APIRouter(prefix="/sorteo/asignaciones", tags=["sorteo"], route_class=StrictRoute)
AsignacionServiceDep = Annotated[AsignacionService, Depends(de_estado("sorteo", "asignaciones"))]


@router.get("", response_model=PageOut[AsignacionOut], summary="Listar asignaciones", **LISTA)
async def listar_asignaciones(
    consulta: PageQueryDep,
    asignaciones: AsignacionServiceDep,
    _: StaffDep,
    paginar: PaginadorDep,
    vigente_en: Annotated[Fecha | None, Query()] = None,
    espacio: Annotated[CodigoEspacio | None, Query()] = None,
    placa: Annotated[str | None, Texto(1, 30), Query()] = None,
    torre: Annotated[str | None, Texto(1, 40), Query()] = None,
) -> PageOut[AsignacionOut]:
    """The latest first; sorts `creado_en`, `espacio`."""
    pagina = await asignaciones.listar(
        vigente_en=vigente_en,
        espacio=espacio,
        placa=None if placa is None else normalizar_placa(placa),
        torre=torre,
        consulta=consulta,
    )
    return paginar(pagina.con([AsignacionOut.model_validate(a) for a in pagina.items]))


@router.get(
    "/yo",
    response_model=PageOut[AsignacionOut],
    summary="Mis asignaciones",
    responses=problemas(SinResidente),
    **LISTA,
)
async def listar_mis_asignaciones(
    consulta: PageQueryDep, asignaciones: AsignacionServiceDep, quien: ResidentDep, paginar: PaginadorDep
) -> PageOut[AsignacionOut]:
    """Those of the flats the caller lives in."""
    pagina = await asignaciones.propias(consulta, quien)
    return paginar(pagina.con([AsignacionOut.model_validate(a) for a in pagina.items]))


@router.post(
    "/{id}/devolver",
    summary="Devolver un espacio",
    responses=problemas(SinResidente, NoEncontrado, TransicionInvalida),
)
async def devolver_asignacion(id: Id, asignaciones: AsignacionServiceDep, quien: ResidentDep) -> AsignacionOut:
    """The flat gives its space back: it goes to the next in line."""
    return AsignacionOut.model_validate(await asignaciones.devolver(id, quien))


@router.post("/{id}/revocar", summary="Revocar una asignación", responses=problemas(NoEncontrado, TransicionInvalida))
async def revocar_asignacion(
    id: Id, datos: Revocacion, asignaciones: AsignacionServiceDep, _: AdminDep
) -> AsignacionOut:
    """Take a space away from a flat, saying why: it goes to the next in line."""
    return AsignacionOut.model_validate(await asignaciones.revocar(id, motivo=datos.motivo))
