"""What residents see and do of their own: `/residentes/yo`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.core.dependencies import ResidentDep, de_estado
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.modules.residentes.condiciones.service import CondicionService
from app.modules.residentes.exceptions import (
    DemasiadasCondiciones,
    DemasiadosVehiculos,
    PlacaDuplicada,
    ResidenteInactivo,
    VehiculoEnSolicitud,
)
from app.modules.residentes.schemas import CondicionDeclarada, CondicionOut, ResidentOut, ResidentSelfUpdate
from app.modules.residentes.service import ResidenteService
from app.modules.residentes.unidades.dependencies import UnidadServiceDep
from app.modules.residentes.unidades.repository import UnidadRepository
from app.modules.residentes.unidades.schemas import UnidadOut, VehiculoCreate, VehiculoOut, VehiculoPropioUpdate
from app.shared.exceptions import NoEncontrado, SinResidente
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(prefix="/yo", route_class=StrictRoute)
ResidenteServiceDep = Annotated[ResidenteService, Depends(de_estado("residentes", "residentes"))]
CondicionServiceDep = Annotated[CondicionService, Depends(de_estado("residentes", "condiciones"))]


@router.get("", summary="Muestra al residente que llama", responses=problemas(SinResidente))
async def ver_yo(servicio: ResidenteServiceDep, quien: ResidentDep) -> ResidentOut:
    return await servicio.ver_propio(quien)


@router.patch("", summary="Cambia el teléfono propio", responses=problemas(SinResidente))
async def cambiar_yo(servicio: ResidenteServiceDep, cambios: ResidentSelfUpdate, quien: ResidentDep) -> ResidentOut:
    return await servicio.cambiar_propio(cambios, quien)


@router.get(
    "/unidades",
    summary="Lista las unidades propias",
    responses=problemas(SinResidente),
    **lista(UnidadRepository.ordenes),
)
async def listar_unidades_propias(
    servicio: UnidadServiceDep, consulta: PageQueryDep, paginar: PaginadorDep, quien: ResidentDep
) -> PageOut[UnidadOut]:
    return paginar(await servicio.listar_propias(consulta, quien))


@router.post(
    "/unidades/{id}/vehiculos",
    status_code=201,
    summary="Agrega un vehículo a una unidad propia",
    responses=problemas(SinResidente, NoEncontrado, DemasiadosVehiculos, PlacaDuplicada),
)
async def agregar_vehiculo_propio(
    request: Request, response: Response, servicio: UnidadServiceDep, id: Id, datos: VehiculoCreate, quien: ResidentDep
) -> VehiculoOut:
    vehiculo = await servicio.agregar_vehiculo_propio(id, datos, quien)
    response.headers["Location"] = f"{request.scope['path']}/{vehiculo.id}"
    return vehiculo


@router.patch(
    "/unidades/{id}/vehiculos/{vid}",
    summary="Cambia un vehículo de una unidad propia",
    responses=problemas(SinResidente, NoEncontrado, PlacaDuplicada, VehiculoEnSolicitud),
)
async def cambiar_vehiculo_propio(
    servicio: UnidadServiceDep, id: Id, vid: Id, cambios: VehiculoPropioUpdate, quien: ResidentDep
) -> VehiculoOut:
    return await servicio.cambiar_vehiculo_propio(id, vid, cambios, quien)


@router.delete(
    "/unidades/{id}/vehiculos/{vid}",
    status_code=204,
    summary="Quita un vehículo de una unidad propia",
    responses=problemas(SinResidente, NoEncontrado, VehiculoEnSolicitud),
)
async def quitar_vehiculo_propio(servicio: UnidadServiceDep, id: Id, vid: Id, quien: ResidentDep) -> None:
    await servicio.quitar_vehiculo_propio(id, vid, quien)


@router.post(
    "/condiciones",
    status_code=201,
    summary="Declara una condición propia o de quien convive",
    responses=problemas(SinResidente, ResidenteInactivo, DemasiadasCondiciones),
)
async def declarar_condicion(
    request: Request, response: Response, servicio: CondicionServiceDep, datos: CondicionDeclarada, quien: ResidentDep
) -> CondicionOut:
    condicion = await servicio.declarar(datos, quien)
    # A condition is read within its resident.
    response.headers["Location"] = request.scope["path"].removesuffix("/condiciones")
    return condicion
