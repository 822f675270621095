"""`/sorteo/asignaciones`: who holds which space."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from app.core.dependencies import AdminDep, ResidentDep, SignedInDep, StaffDep, de_estado
from app.core.http.language import SeparadorDep
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.queries import varios
from app.core.http.responses import FormatoDeTablaDep, descarga, problemas, tabla
from app.core.http.route import StrictRoute
from app.modules.sorteo.asignaciones.exportacion import ExportacionDeAsignaciones
from app.modules.sorteo.asignaciones.repository import AsignacionRepository, FiltroAsignaciones
from app.modules.sorteo.asignaciones.schemas import AsignacionOut, Reclamacion, Revocacion
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.modules.sorteo.exceptions import BasesAlteradas, EspacioNoPrestado, EspacioOcupado, SinDerecho
from app.shared.exceptions import NoEncontrado, SinResidente, TransicionInvalida
from app.shared.pagination import PageOut
from app.shared.schemas import CodigoEspacio, Fecha, Id, Texto
from app.shared.sheets import FormatoDeTabla
from app.shared.utils import normalizar_placa

router = APIRouter(prefix="/sorteo/asignaciones", tags=["sorteo"], route_class=StrictRoute)
ExportacionDep = Annotated[ExportacionDeAsignaciones, Depends(de_estado("sorteo", "exportacion_de_asignaciones"))]
AsignacionServiceDep = Annotated[AsignacionService, Depends(de_estado("sorteo", "asignaciones"))]


async def _filtro(
    asignaciones: AsignacionServiceDep,
    vigente_en: Annotated[Fecha | None, Query()] = None,
    espacio: Annotated[CodigoEspacio | None, Query()] = None,
    placa: Annotated[str | None, Texto(1, 30), Query()] = None,
    sorteo_id: Annotated[Id | None, Query()] = None,
    unidad_id: Annotated[Id | None, Query()] = None,
    torre: Annotated[list[Annotated[str, Texto(1, 40)]] | None, varios()] = None,
) -> FiltroAsignaciones:
    return await asignaciones.filtro(
        vigente_en=vigente_en,
        espacio=espacio,
        placa=None if placa is None else normalizar_placa(placa),
        sorteo_id=sorteo_id,
        unidad_id=unidad_id,
        torres=torre,
    )


FiltroDep = Annotated[FiltroAsignaciones, Depends(_filtro)]


@router.get(
    "", response_model=PageOut[AsignacionOut], summary="Listar asignaciones", **lista(AsignacionRepository.ordenes)
)
async def listar_asignaciones(
    filtro: FiltroDep, consulta: PageQueryDep, asignaciones: AsignacionServiceDep, _: StaffDep, paginar: PaginadorDep
) -> PageOut[AsignacionOut]:
    """The latest first; sorts `creado_en`, `espacio`."""
    pagina = await asignaciones.listar(filtro, consulta)
    return paginar(pagina.con([AsignacionOut.model_validate(a) for a in pagina.items]))


@router.get(
    "/yo",
    response_model=PageOut[AsignacionOut],
    summary="Mis asignaciones",
    responses=problemas(SinResidente),
    **lista(AsignacionRepository.ordenes),
)
async def listar_mis_asignaciones(
    consulta: PageQueryDep, asignaciones: AsignacionServiceDep, quien: ResidentDep, paginar: PaginadorDep
) -> PageOut[AsignacionOut]:
    """Those of the flats the caller lives in."""
    pagina = await asignaciones.propias(consulta, quien)
    return paginar(pagina.con([AsignacionOut.model_validate(a) for a in pagina.items]))


@router.get("/exportar", summary="Exportar asignaciones, con nombres", **tabla())
async def exportar_asignaciones(
    filtro: FiltroDep,
    exportacion: ExportacionDep,
    separador: SeparadorDep,
    _: StaffDep,
    formato: FormatoDeTablaDep = FormatoDeTabla.csv,
) -> StreamingResponse:
    """With flats, names and plates, by space; the filters of the list."""
    partes = exportacion.exportar(filtro, formato, separador)
    return descarga(partes, nombre=f"asignaciones.{formato}", tipo=formato.tipo)


@router.get("/{id}", summary="Ver una asignación", responses=problemas(NoEncontrado))
async def ver_asignacion(id: Id, asignaciones: AsignacionServiceDep, quien: SignedInDep) -> AsignacionOut:
    """Residents see those of `/yo`, staff all."""
    return AsignacionOut.model_validate(await asignaciones.ver(id, quien))


@router.post(
    "/{id}/devolver",
    summary="Devolver un espacio",
    responses=problemas(SinResidente, NoEncontrado, TransicionInvalida, BasesAlteradas),
)
async def devolver_asignacion(id: Id, asignaciones: AsignacionServiceDep, quien: ResidentDep) -> AsignacionOut:
    """The flat gives its space back: it goes to the next in line."""
    return AsignacionOut.model_validate(await asignaciones.devolver(id, quien))


@router.post(
    "/{id}/revocar",
    summary="Revocar una asignación",
    responses=problemas(NoEncontrado, TransicionInvalida, BasesAlteradas),
)
async def revocar_asignacion(
    id: Id, datos: Revocacion, asignaciones: AsignacionServiceDep, _: AdminDep
) -> AsignacionOut:
    """Take a space away from a flat, saying why: it goes to the next in line."""
    return AsignacionOut.model_validate(await asignaciones.revocar(id, motivo=datos.motivo))


@router.post(
    "/{id}/reclamar",
    summary="Reclamar un espacio prestado",
    responses=problemas(
        NoEncontrado, EspacioNoPrestado, EspacioOcupado, SinDerecho, TransicionInvalida, BasesAlteradas
    ),
)
async def reclamar_asignacion(
    id: Id, asignaciones: AsignacionServiceDep, _: AdminDep, datos: Reclamacion | None = None
) -> AsignacionOut:
    """A reserved space that was lent is needed by who has the right to it: who was lent it is told until which day they
    keep it, and goes first in line."""
    return AsignacionOut.model_validate(await asignaciones.reclamar(id, datos or Reclamacion()))
