"""What the endpoints of this module take."""

from typing import Annotated, cast

from fastapi import Depends, Query, Request

from app.modules.solicitudes.alta.service import AltaService
from app.modules.solicitudes.decisiones.service import DecisionService
from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.public import SalidaService
from app.modules.solicitudes.resumen.service import ResumenService
from app.modules.solicitudes.schemas import Buscado, PlacaBuscada, TorreBuscada
from app.modules.solicitudes.service import Filtros, SolicitudService
from app.shared.schemas import Codigo, Id, Instante


async def _solicitudes(request: Request) -> SolicitudService:
    return cast(SolicitudService, request.state.solicitudes)


async def _altas(request: Request) -> AltaService:
    return cast(AltaService, request.state.altas)


async def _decisiones(request: Request) -> DecisionService:
    return cast(DecisionService, request.state.decisiones)


async def _salidas(request: Request) -> SalidaService:
    return cast(SalidaService, request.state.salidas)


async def _resumen(request: Request) -> ResumenService:
    return cast(ResumenService, request.state.resumen_de_solicitudes)


async def _filtros(
    sorteo_id: Annotated[Id | None, Query()] = None,
    estado: Annotated[RequestStatus | None, Query()] = None,
    unidad_id: Annotated[Id | None, Query()] = None,
    torre: Annotated[TorreBuscada | None, Query(description="Vacía: unidades sin torre.")] = None,
    tipo: Annotated[Codigo | None, Query()] = None,
    placa: Annotated[PlacaBuscada | None, Query()] = None,
    impedimento: Annotated[Codigo | None, Query()] = None,
    vence_antes: Annotated[Instante | None, Query()] = None,
    q: Annotated[Buscado | None, Query(description="Nombre o documento de quien pide.")] = None,
) -> Filtros:
    return Filtros(
        sorteo_id=sorteo_id,
        estado=estado,
        unidad_id=unidad_id,
        torre=torre,
        tipo=tipo,
        placa=placa,
        impedimento=impedimento,
        vence_antes=vence_antes,
        q=q,
    )


SolicitudServiceDep = Annotated[SolicitudService, Depends(_solicitudes)]
AltaServiceDep = Annotated[AltaService, Depends(_altas)]
DecisionServiceDep = Annotated[DecisionService, Depends(_decisiones)]
ResumenServiceDep = Annotated[ResumenService, Depends(_resumen)]
SalidaServiceDep = Annotated[SalidaService, Depends(_salidas)]
FiltrosDep = Annotated[Filtros, Depends(_filtros)]
