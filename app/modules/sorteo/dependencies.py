"""What the endpoints of draws take."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from app.modules.sorteo.acta.service import ActaService
from app.modules.sorteo.anulacion import AnulacionService
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.modules.sorteo.cierre import CierreService
from app.modules.sorteo.consulta import ConsultaService
from app.modules.sorteo.ejecucion import EjecucionService
from app.modules.sorteo.encargos import EncargosDeSorteo
from app.modules.sorteo.publicacion import PublicacionService
from app.modules.sorteo.service import SorteoService


@dataclass(frozen=True, slots=True)
class ServiciosDeSorteo:
    """The services of draws, under one key of `request.state`."""

    sorteos: SorteoService
    cierre: CierreService
    ejecucion: EjecucionService
    publicacion: PublicacionService
    anulacion: AnulacionService
    consulta: ConsultaService
    asignaciones: AsignacionService
    actas: ActaService


async def _servicios(request: Request) -> ServiciosDeSorteo:
    return cast(ServiciosDeSorteo, request.state.sorteo)


_Servicios = Annotated[ServiciosDeSorteo, Depends(_servicios)]


async def _sorteos(servicios: _Servicios) -> SorteoService:
    return servicios.sorteos


async def _cierre(servicios: _Servicios) -> CierreService:
    return servicios.cierre


async def _ejecucion(servicios: _Servicios) -> EjecucionService:
    return servicios.ejecucion


async def _publicacion(servicios: _Servicios) -> PublicacionService:
    return servicios.publicacion


async def _anulacion(servicios: _Servicios) -> AnulacionService:
    return servicios.anulacion


async def _consulta(servicios: _Servicios) -> ConsultaService:
    return servicios.consulta


async def _asignaciones(servicios: _Servicios) -> AsignacionService:
    return servicios.asignaciones


async def _actas(servicios: _Servicios) -> ActaService:
    return servicios.actas


async def _encargos(request: Request) -> EncargosDeSorteo:
    return cast(EncargosDeSorteo, request.state.encargos_de_sorteo)


SorteoServiceDep = Annotated[SorteoService, Depends(_sorteos)]
CierreServiceDep = Annotated[CierreService, Depends(_cierre)]
EjecucionServiceDep = Annotated[EjecucionService, Depends(_ejecucion)]
PublicacionServiceDep = Annotated[PublicacionService, Depends(_publicacion)]
AnulacionServiceDep = Annotated[AnulacionService, Depends(_anulacion)]
ConsultaServiceDep = Annotated[ConsultaService, Depends(_consulta)]
EncargosDep = Annotated[EncargosDeSorteo, Depends(_encargos)]
AsignacionServiceDep = Annotated[AsignacionService, Depends(_asignaciones)]
ActaServiceDep = Annotated[ActaService, Depends(_actas)]
