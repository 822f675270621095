"""`/solicitudes`: what residents ask for."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from app.core.dependencies import ResidentDep, SignedInDep, StaffDep, de_estado
from app.core.http.application import PREFIJO
from app.core.http.language import SeparadorDep
from app.core.http.pages import PageQueryDep, PaginadorDep, RowQueryDep, lista
from app.core.http.responses import FormatoDeTablaDep, descarga, problemas, tabla
from app.core.http.route import StrictRoute
from app.core.idempotency.stage import por_pasos
from app.core.quotas.stage import por_cuenta
from app.modules.solicitudes import exceptions as e
from app.modules.solicitudes.alta.service import AltaService
from app.modules.solicitudes.archivos.exportacion import ExportacionService
from app.modules.solicitudes.archivos.router import router as archivos_router
from app.modules.solicitudes.decisiones.schemas import EstadoMasivo, EstadoMasivoOut, EstadoUpdate, Prorroga
from app.modules.solicitudes.decisiones.service import DecisionService
from app.modules.solicitudes.dependencies import FiltrosDep
from app.modules.solicitudes.movimientos.repository import MovimientoRepository
from app.modules.solicitudes.repository import SolicitudRepository
from app.modules.solicitudes.resumen.schemas import RequestSummary
from app.modules.solicitudes.resumen.service import ResumenService
from app.modules.solicitudes.schemas import MovimientoOut, RequestCreate, RequestOut, RequestUpdate, escribir_solicitud
from app.modules.solicitudes.service import SolicitudService
from app.shared.exceptions import ConflictoDeInteres, NoEncontrado, SinResidente, TransicionInvalida
from app.shared.pagination import PageOut
from app.shared.schemas import Id
from app.shared.sheets import FormatoDeTabla

SolicitudServiceDep = Annotated[SolicitudService, Depends(de_estado("solicitudes", "listas"))]
AltaServiceDep = Annotated[AltaService, Depends(de_estado("solicitudes", "altas"))]
ExportacionServiceDep = Annotated[ExportacionService, Depends(de_estado("solicitudes", "exportacion"))]
DecisionServiceDep = Annotated[DecisionService, Depends(de_estado("solicitudes", "decisiones"))]
ResumenServiceDep = Annotated[ResumenService, Depends(de_estado("solicitudes", "resumen"))]
router = APIRouter(prefix="/solicitudes", tags=["solicitudes"], route_class=StrictRoute)
# Before `/{id}`, which would take `importar` for an id.
router.include_router(archivos_router)


@router.get("/exportar", summary="Las solicitudes en un archivo", **tabla())
async def exportar_solicitudes(
    filtros: FiltrosDep,
    servicio: ExportacionServiceDep,
    separador: SeparadorDep,
    quien: StaffDep,
    formato: FormatoDeTablaDep = FormatoDeTabla.csv,
) -> StreamingResponse:
    partes = servicio.exportar(filtros, formato, separador, quien)
    return descarga(partes, nombre=f"solicitudes.{formato}", tipo=formato.tipo)


@router.post(
    "",
    status_code=201,
    summary="Pedir un espacio",
    responses=problemas(
        SinResidente,
        e.SorteoNoAbierto,
        e.ResidenteInactivo,
        e.VehiculoAjeno,
        e.NoAlDia,
        e.SolicitudDuplicada,
        e.UnidadConSolicitud,
        e.YaTieneEspacio,
        e.SinEspacioCompatible,
        e.SolicitudAlterada,
    ),
    dependencies=[por_cuenta("solicitudes", 120, 60)],
)
async def crear_solicitud(
    datos: RequestCreate, altas: AltaServiceDep, quien: ResidentDep, response: Response
) -> RequestOut:
    """Hand in a request in an open draw: a resident for their flat, staff for any."""
    solicitud = await altas.crear(datos, quien)
    response.headers["Location"] = f"{PREFIJO}/solicitudes/{solicitud.id}"
    return solicitud


@router.get(
    "",
    response_model=PageOut[RequestOut],
    summary="Listar solicitudes",
    responses=problemas(),
    **lista(SolicitudRepository.ordenes),
)
async def listar_solicitudes(
    filtros: FiltrosDep,
    consulta: PageQueryDep,
    solicitudes: SolicitudServiceDep,
    quien: SignedInDep,
    paginar: PaginadorDep,
) -> Response:
    """Residents see their own and those of their flats, staff all. Sorts: `creado_en` (latest first), `folio`."""
    pagina = await solicitudes.listar(filtros, consulta, quien)
    return paginar.escrita(pagina.con([escribir_solicitud(vista) for vista in pagina.items]))


@router.post(
    "/estado",
    response_model=EstadoMasivoOut,
    summary="Decidir muchas solicitudes",
    responses=problemas(),
    dependencies=[por_cuenta("decisiones", 60, 60)],
)
@por_pasos
async def decidir_solicitudes(datos: EstadoMasivo, decisiones: DecisionServiceDep, quien: StaffDep) -> EstadoMasivoOut:
    """Move all of `ids`, or all that match `filtro`; those that cannot be are named with the rule."""
    return await decisiones.decidir_varias(datos, quien)


@router.get("/resumen", summary="Contar solicitudes", responses=problemas(NoEncontrado))
async def resumir_solicitudes(
    resumen: ResumenServiceDep, _: StaffDep, sorteo_id: Annotated[Id | None, Query()] = None
) -> RequestSummary:
    """By state and by kind of vehicle, of one draw or of all; and the answers that are awaited."""
    return await resumen.resumen(sorteo_id)


@router.get("/{id}", summary="Ver una solicitud", responses=problemas(NoEncontrado, e.SolicitudAlterada))
async def ver_solicitud(id: Id, solicitudes: SolicitudServiceDep, quien: SignedInDep) -> RequestOut:
    return await solicitudes.ver(id, quien)


@router.patch(
    "/{id}",
    summary="Cambiar una solicitud",
    responses=problemas(
        NoEncontrado,
        ConflictoDeInteres,
        e.SorteoNoAbierto,
        TransicionInvalida,
        e.VehiculoAjeno,
        e.SolicitudDuplicada,
        e.UnidadConSolicitud,
        e.YaTieneEspacio,
        e.SinEspacioCompatible,
        e.SolicitudAlterada,
    ),
)
async def cambiar_solicitud(
    id: Id, datos: RequestUpdate, solicitudes: SolicitudServiceDep, quien: ResidentDep
) -> RequestOut:
    """Another vehicle of the flat, other wishes, while the draw takes requests. What is absent stays."""
    return await solicitudes.cambiar(id, datos, quien)


@router.get(
    "/{id}/historial",
    summary="Historial de una solicitud",
    responses=problemas(NoEncontrado, e.SolicitudAlterada),
    **lista(MovimientoRepository.ordenes),
)
async def ver_historial(
    id: Id, consulta: RowQueryDep, solicitudes: SolicitudServiceDep, quien: SignedInDep, paginar: PaginadorDep
) -> PageOut[MovimientoOut]:
    """Every move and change, the oldest first."""
    return paginar(await solicitudes.historial(id, consulta, quien))


@router.patch(
    "/{id}/estado",
    summary="Mover una solicitud",
    responses=problemas(
        *(NoEncontrado, ConflictoDeInteres, TransicionInvalida, e.PlazoVencido, e.YaTieneEspacio, e.SolicitudAlterada)
    ),
)
async def mover_solicitud(
    id: Id, datos: EstadoUpdate, decisiones: DecisionServiceDep, quien: ResidentDep
) -> RequestOut:
    """To one of its `acciones`, or to where the same flat or person has moved it already, which changes nothing. Staff
    refusing, or answering on behalf of a flat, say why."""
    return await decisiones.decidir(id, datos, quien)


@router.post(
    "/{id}/prorroga",
    summary="Dar más plazo",
    responses=problemas(NoEncontrado, ConflictoDeInteres, TransicionInvalida, e.SolicitudAlterada),
)
async def prorrogar_solicitud(id: Id, datos: Prorroga, decisiones: DecisionServiceDep, quien: StaffDep) -> RequestOut:
    """More time to answer an assignment or an offer."""
    return await decisiones.prorrogar(id, datos, quien)
