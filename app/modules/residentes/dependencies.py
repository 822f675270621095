"""What the operations take: services from `request.state`, and what lists are asked for."""

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends, Query, Request
from pydantic import AfterValidator

from app.core.http.uploads import SubidaDe
from app.modules.residentes.importacion import ImportacionService
from app.modules.residentes.models import EstadoCuenta, EstadoResidente
from app.modules.residentes.repository import FiltroResidentes, FiltroUnidades
from app.modules.residentes.resumen import ResumenService
from app.modules.residentes.service import ResidenteService
from app.modules.residentes.service_unidades import UnidadService
from app.shared.utils import normalizar_placa


async def _unidades(request: Request) -> UnidadService:
    return cast(UnidadService, request.state.unidades)


async def _residentes(request: Request) -> ResidenteService:
    return cast(ResidenteService, request.state.residentes)


async def _resumen(request: Request) -> ResumenService:
    return cast(ResumenService, request.state.resumen_de_residentes)


async def _importacion(request: Request) -> ImportacionService:
    return cast(ImportacionService, request.state.importacion_de_residentes)


CSV = SubidaDe("text/csv")
ArchivoCsvDep = Annotated[AsyncIterator[bytes], Depends(CSV)]
ImportacionServiceDep = Annotated[ImportacionService, Depends(_importacion)]
UnidadServiceDep = Annotated[UnidadService, Depends(_unidades)]
ResidenteServiceDep = Annotated[ResidenteService, Depends(_residentes)]
ResumenServiceDep = Annotated[ResumenService, Depends(_resumen)]

Buscado = Annotated[
    str | None, Query(min_length=1, max_length=100, description="Comienzos de palabras, sin importar tildes.")
]
Torre = Annotated[str | None, Query(max_length=40, description="Vacía: unidades sin torre.")]
Apartamento = Annotated[str | None, Query(max_length=40)]
PlacaBuscada = Annotated[Annotated[str, AfterValidator(normalizar_placa)] | None, Query(max_length=40)]


async def _filtro_unidades(q: Buscado = None, torre: Torre = None, al_dia: bool | None = None) -> FiltroUnidades:
    return FiltroUnidades(q=q, torre=torre, al_dia=al_dia)


async def _viven_en(torre: Torre = None, apartamento: Apartamento = None, al_dia: bool | None = None) -> FiltroUnidades:
    return FiltroUnidades(torre=torre, apartamento=apartamento, al_dia=al_dia)


async def _filtro_residentes(
    q: Buscado = None,
    estado: EstadoResidente | None = None,
    condicion: Annotated[str | None, Query(max_length=40)] = None,
    cuenta: EstadoCuenta | None = None,
) -> FiltroResidentes:
    return FiltroResidentes(q=q, estado=estado, condicion=condicion, cuenta=cuenta)


FiltroUnidadesDep = Annotated[FiltroUnidades, Depends(_filtro_unidades)]
ViviendaDep = Annotated[FiltroUnidades, Depends(_viven_en)]
FiltroResidentesDep = Annotated[FiltroResidentes, Depends(_filtro_residentes)]
