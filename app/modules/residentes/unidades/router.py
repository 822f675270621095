"""Flats and their vehicles, for staff: `/residentes/unidades`."""

from fastapi import APIRouter, Request, Response

from app.core.dependencies import StaffDep
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.modules.residentes.exceptions import (
    DemasiadosVehiculos,
    PlacaDuplicada,
    UnidadDuplicada,
    UnidadEnUso,
    VehiculoEnSolicitud,
)
from app.modules.residentes.exportacion import router as exportacion
from app.modules.residentes.importacion import router as importacion
from app.modules.residentes.sanciones import router as sanciones
from app.modules.residentes.unidades.dependencies import FiltroUnidadesDep, PlacaBuscada, UnidadServiceDep
from app.modules.residentes.unidades.repository import UnidadRepository
from app.modules.residentes.unidades.schemas import (
    UnidadCreate,
    UnidadOut,
    UnidadUpdate,
    VehiculoCreate,
    VehiculoOut,
    VehiculoUpdate,
)
from app.shared.exceptions import ConflictoDeInteres, NoEncontrado
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(prefix="/unidades", route_class=StrictRoute)


@router.get("", summary="Lista las unidades", responses=problemas(), **lista(UnidadRepository.ordenes))
async def listar_unidades(
    servicio: UnidadServiceDep,
    filtro: FiltroUnidadesDep,
    consulta: PageQueryDep,
    paginar: PaginadorDep,
    _: StaffDep,
    placa: PlacaBuscada = None,
) -> PageOut[UnidadOut]:
    return paginar(await servicio.listar(filtro, consulta, placa=placa))


@router.post("", status_code=201, summary="Crea una unidad", responses=problemas(UnidadDuplicada, PlacaDuplicada))
async def crear_unidad(
    request: Request, response: Response, servicio: UnidadServiceDep, datos: UnidadCreate, quien: StaffDep
) -> UnidadOut:
    unidad = await servicio.crear(datos, quien)
    response.headers["Location"] = f"{request.scope['path']}/{unidad.id}"
    return unidad


# Before `/{id}`, which would take `importar` for an id.
router.include_router(importacion.de_unidades)
router.include_router(sanciones.router)
router.include_router(exportacion.de_unidades)


@router.get("/{id}", summary="Muestra una unidad", responses=problemas(NoEncontrado))
async def ver_unidad(servicio: UnidadServiceDep, id: Id, _: StaffDep) -> UnidadOut:
    return await servicio.ver(id)


@router.patch(
    "/{id}",
    summary="Cambia una unidad",
    responses=problemas(NoEncontrado, ConflictoDeInteres, UnidadDuplicada, PlacaDuplicada, VehiculoEnSolicitud),
)
async def cambiar_unidad(servicio: UnidadServiceDep, id: Id, cambios: UnidadUpdate, quien: StaffDep) -> UnidadOut:
    return await servicio.cambiar(id, cambios, quien)


@router.delete(
    "/{id}",
    status_code=204,
    summary="Borra una unidad sin residentes ni historia",
    responses=problemas(NoEncontrado, ConflictoDeInteres, UnidadEnUso),
)
async def borrar_unidad(servicio: UnidadServiceDep, id: Id, quien: StaffDep) -> None:
    await servicio.borrar(id, quien)


@router.post(
    "/{id}/vehiculos",
    status_code=201,
    summary="Agrega un vehículo a una unidad",
    responses=problemas(ConflictoDeInteres, NoEncontrado, DemasiadosVehiculos, PlacaDuplicada),
)
async def agregar_vehiculo(
    request: Request, response: Response, servicio: UnidadServiceDep, id: Id, datos: VehiculoCreate, quien: StaffDep
) -> VehiculoOut:
    vehiculo = await servicio.agregar_vehiculo(id, datos, quien)
    response.headers["Location"] = f"{request.scope['path']}/{vehiculo.id}"
    return vehiculo


@router.patch(
    "/{id}/vehiculos/{vid}",
    summary="Cambia un vehículo de una unidad",
    responses=problemas(ConflictoDeInteres, NoEncontrado, PlacaDuplicada, VehiculoEnSolicitud),
)
async def cambiar_vehiculo(
    servicio: UnidadServiceDep, id: Id, vid: Id, cambios: VehiculoUpdate, quien: StaffDep
) -> VehiculoOut:
    return await servicio.cambiar_vehiculo(id, vid, cambios, quien)


@router.delete(
    "/{id}/vehiculos/{vid}",
    status_code=204,
    summary="Quita un vehículo de una unidad",
    responses=problemas(NoEncontrado, VehiculoEnSolicitud),
)
async def quitar_vehiculo(servicio: UnidadServiceDep, id: Id, vid: Id, _: StaffDep) -> None:
    await servicio.quitar_vehiculo(id, vid)
