"""What the endpoints of this module take."""

from typing import Annotated, cast

import attrs
from fastapi import Depends, Query, Request

from app.modules.solicitudes.alta.service import AltaService
from app.modules.solicitudes.decisiones.service import DecisionService
from app.modules.solicitudes.espera.service import EsperaService
from app.modules.solicitudes.estados import Impedimento, RequestStatus
from app.modules.solicitudes.public import SolicitudesPublicas
from app.modules.solicitudes.resumen.service import ResumenService
from app.modules.solicitudes.schemas import Buscado, PlacaBuscada, TorreBuscada
from app.modules.solicitudes.service import Filtros, SolicitudService
from app.modules.solicitudes.ventanilla.public import VentanillaService
from app.shared.schemas import Codigo, Id, Instante


@attrs.frozen(kw_only=True)
class Solicitudes:
    """The module as it is built; its endpoints find it in `request.state.solicitudes`. `publico`, `ventanilla` and
    `resumen` are for other modules too, `espera` for the beat."""

    listas: SolicitudService
    altas: AltaService
    decisiones: DecisionService
    espera: EsperaService
    resumen: ResumenService
    publico: SolicitudesPublicas
    ventanilla: VentanillaService


def _modulo(request: Request) -> Solicitudes:
    return cast(Solicitudes, request.state.solicitudes)


async def _listas(request: Request) -> SolicitudService:
    return _modulo(request).listas


async def _altas(request: Request) -> AltaService:
    return _modulo(request).altas


async def _decisiones(request: Request) -> DecisionService:
    return _modulo(request).decisiones


async def _resumen(request: Request) -> ResumenService:
    return _modulo(request).resumen


async def _filtros(
    sorteo_id: Annotated[Id | None, Query()] = None,
    estado: Annotated[RequestStatus | None, Query()] = None,
    unidad_id: Annotated[Id | None, Query()] = None,
    torre: Annotated[TorreBuscada | None, Query(description="Vacía: unidades sin torre.")] = None,
    tipo: Annotated[Codigo | None, Query()] = None,
    placa: Annotated[PlacaBuscada | None, Query()] = None,
    impedimento: Annotated[Impedimento | None, Query()] = None,
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


SolicitudServiceDep = Annotated[SolicitudService, Depends(_listas)]
AltaServiceDep = Annotated[AltaService, Depends(_altas)]
DecisionServiceDep = Annotated[DecisionService, Depends(_decisiones)]
ResumenServiceDep = Annotated[ResumenService, Depends(_resumen)]
FiltrosDep = Annotated[Filtros, Depends(_filtros)]
