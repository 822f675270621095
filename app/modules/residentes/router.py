"""`/residentes`: people, for staff. The features under the same prefix are included first."""

from fastapi import APIRouter, Request, Response

from app.core.dependencies import StaffDep
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.responses import escrita, problemas
from app.core.http.route import StrictRoute
from app.modules.residentes.catalogo import router as catalogo
from app.modules.residentes.dependencies import (
    CondicionServiceDep,
    ConfirmarDep,
    FiltroResidentesDep,
    ResidenteServiceDep,
    ResumenServiceDep,
)
from app.modules.residentes.exceptions import (
    DemasiadasCondiciones,
    DocumentoDuplicado,
    EmailDuplicado,
    UnidadQuedariaVacia,
)
from app.modules.residentes.exportacion import router as exportacion
from app.modules.residentes.importacion import router as importacion
from app.modules.residentes.mora import router as mora
from app.modules.residentes.privacidad import router as privacidad
from app.modules.residentes.propio import router as propio
from app.modules.residentes.repository import ResidenteRepository
from app.modules.residentes.resumen.schemas import ResidentSummary
from app.modules.residentes.schemas import (
    CondicionDecidida,
    CondicionOut,
    ResidentCreate,
    ResidentOut,
    ResidentRow,
    ResidentUpdate,
)
from app.modules.residentes.unidades import router as unidades
from app.modules.residentes.unidades.dependencies import PlacaBuscada, ViviendaDep
from app.shared.exceptions import ConflictoDeInteres, NoEncontrado
from app.shared.pagination import PageOut
from app.shared.schemas import Codigo, Id

router = APIRouter(prefix="/residentes", tags=["residentes"], route_class=StrictRoute)
# Before `/{id}`, which would take `unidades` and `yo` for ids.
router.include_router(unidades.router)
router.include_router(propio.router)
router.include_router(catalogo.router)
router.include_router(mora.router)
router.include_router(importacion.router)
router.include_router(exportacion.router)
router.include_router(privacidad.router)


@router.get(
    "",
    response_model=PageOut[ResidentRow],
    summary="Lista los residentes",
    responses=problemas(),
    **lista(ResidenteRepository.ordenes),
)
async def listar_residentes(
    servicio: ResidenteServiceDep,
    filtro: FiltroResidentesDep,
    viven_en: ViviendaDep,
    consulta: PageQueryDep,
    paginar: PaginadorDep,
    quien: StaffDep,
    placa: PlacaBuscada = None,
) -> Response:
    return paginar.escrita(await servicio.listar(filtro, viven_en, placa, consulta, quien))


@router.post(
    "",
    status_code=201,
    summary="Crea un residente",
    responses=problemas(ConflictoDeInteres, DocumentoDuplicado, EmailDuplicado),
)
async def crear_residente(
    request: Request, response: Response, servicio: ResidenteServiceDep, datos: ResidentCreate, quien: StaffDep
) -> ResidentOut:
    residente = await servicio.crear(datos, quien)
    response.headers["Location"] = f"{request.scope['path']}/{residente.id}"
    return residente


@router.get("/resumen", summary="Cuenta unidades, residentes, vehículos y condiciones", responses=problemas())
async def resumir_residentes(resumen: ResumenServiceDep, _: StaffDep) -> ResidentSummary:
    return await resumen.resumen()


@router.get("/{id}", response_model=ResidentOut, summary="Muestra un residente", responses=problemas(NoEncontrado))
async def ver_residente(servicio: ResidenteServiceDep, id: Id, quien: StaffDep) -> Response:
    return escrita(await servicio.ver(id, quien))


@router.patch(
    "/{id}",
    summary="Cambia un residente",
    responses=problemas(NoEncontrado, ConflictoDeInteres, DocumentoDuplicado, EmailDuplicado),
)
async def cambiar_residente(
    servicio: ResidenteServiceDep, id: Id, cambios: ResidentUpdate, quien: StaffDep
) -> ResidentOut:
    return await servicio.cambiar(id, cambios, quien)


@router.delete(
    "/{id}",
    status_code=204,
    summary="Da de baja a un residente",
    responses=problemas(NoEncontrado, ConflictoDeInteres, UnidadQuedariaVacia),
)
async def dar_de_baja_residente(
    servicio: ResidenteServiceDep, id: Id, quien: StaffDep, confirmar: ConfirmarDep = False
) -> None:
    await servicio.dar_de_baja(id, quien, confirmada=confirmar)


@router.put(
    "/{id}/condiciones/{codigo}",
    summary="Da, confirma o rechaza una condición",
    responses=problemas(NoEncontrado, ConflictoDeInteres, DemasiadasCondiciones),
)
async def decidir_condicion(
    servicio: CondicionServiceDep, id: Id, codigo: Codigo, datos: CondicionDecidida, quien: StaffDep
) -> CondicionOut:
    return await servicio.decidir(id, codigo, datos, quien)
