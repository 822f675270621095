"""`/residentes/exportar`, `/residentes/unidades/exportar` and `/residentes/plantilla`: files of the roll."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from app.core.dependencies import StaffDep, de_estado
from app.core.http.language import IdiomaDep, SeparadorDep
from app.core.http.responses import TABLAS, FormatoDeTablaDep, archivos, descarga, problemas
from app.core.http.route import StrictRoute
from app.core.quotas.stage import EXPORTACIONES
from app.modules.residentes.exportacion.service import ExportacionService
from app.shared.sheets import FormatoDeTabla

router = APIRouter(route_class=StrictRoute)
de_unidades = APIRouter(route_class=StrictRoute)
ExportacionServiceDep = Annotated[ExportacionService, Depends(de_estado("residentes", "exportacion"))]


@router.get(
    "/exportar",
    response_class=StreamingResponse,
    summary="Los residentes en un archivo",
    responses=problemas() | archivos(*TABLAS),
    dependencies=[EXPORTACIONES],
)
async def exportar_residentes(
    servicio: ExportacionServiceDep,
    separador: SeparadorDep,
    _: StaffDep,
    formato: FormatoDeTablaDep = FormatoDeTabla.csv,
) -> StreamingResponse:
    partes = servicio.residentes(formato, separador)
    return descarga(partes, nombre=f"residentes.{formato}", tipo=formato.tipo)


@router.get(
    "/plantilla",
    response_class=StreamingResponse,
    summary="Una plantilla para importar",
    responses=problemas() | archivos(*TABLAS),
    dependencies=[EXPORTACIONES],
)
async def descargar_plantilla(
    servicio: ExportacionServiceDep,
    separador: SeparadorDep,
    idioma: IdiomaDep,
    _: StaffDep,
    formato: FormatoDeTablaDep = FormatoDeTabla.xlsx,
) -> StreamingResponse:
    partes = servicio.plantilla(formato, separador, idioma)
    return descarga(partes, nombre=f"plantilla.{formato}", tipo=formato.tipo)


@de_unidades.get(
    "/exportar",
    response_class=StreamingResponse,
    summary="Las unidades en un archivo",
    responses=problemas() | archivos(*TABLAS),
    dependencies=[EXPORTACIONES],
)
async def exportar_unidades(
    servicio: ExportacionServiceDep,
    separador: SeparadorDep,
    _: StaffDep,
    formato: FormatoDeTablaDep = FormatoDeTabla.csv,
) -> StreamingResponse:
    partes = servicio.unidades(formato, separador)
    return descarga(partes, nombre=f"unidades.{formato}", tipo=formato.tipo)
