"""`exportar` and `plantilla`, of `/residentes` and of `/residentes/unidades`: files of the roll."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from app.core.dependencies import StaffDep, de_estado
from app.core.http.language import IdiomaDep, SeparadorDep
from app.core.http.responses import FormatoDeTablaDep, descarga, tabla
from app.core.http.route import StrictRoute
from app.modules.residentes.exportacion.service import ExportacionService
from app.shared.sheets import FormatoDeTabla

router = APIRouter(route_class=StrictRoute)
de_unidades = APIRouter(route_class=StrictRoute)
ExportacionServiceDep = Annotated[ExportacionService, Depends(de_estado("residentes", "exportacion"))]


@router.get("/exportar", summary="Los residentes en un archivo", **tabla())
async def exportar_residentes(
    servicio: ExportacionServiceDep,
    separador: SeparadorDep,
    _: StaffDep,
    formato: FormatoDeTablaDep = FormatoDeTabla.csv,
) -> StreamingResponse:
    partes = servicio.residentes(formato, separador)
    return descarga(partes, nombre=f"residentes.{formato}", tipo=formato.tipo)


@router.get("/plantilla", summary="Una plantilla para importar", **tabla())
async def descargar_plantilla(
    servicio: ExportacionServiceDep,
    separador: SeparadorDep,
    idioma: IdiomaDep,
    _: StaffDep,
    formato: FormatoDeTablaDep = FormatoDeTabla.xlsx,
) -> StreamingResponse:
    partes = servicio.plantilla(formato, separador, idioma)
    return descarga(partes, nombre=f"plantilla.{formato}", tipo=formato.tipo)


@de_unidades.get("/exportar", summary="Las unidades en un archivo", **tabla())
async def exportar_unidades(
    servicio: ExportacionServiceDep,
    separador: SeparadorDep,
    _: StaffDep,
    formato: FormatoDeTablaDep = FormatoDeTabla.csv,
) -> StreamingResponse:
    partes = servicio.unidades(formato, separador)
    return descarga(partes, nombre=f"unidades.{formato}", tipo=formato.tipo)


@de_unidades.get("/plantilla", summary="Una plantilla para importar unidades", **tabla())
async def descargar_plantilla_de_unidades(
    servicio: ExportacionServiceDep,
    separador: SeparadorDep,
    idioma: IdiomaDep,
    _: StaffDep,
    formato: FormatoDeTablaDep = FormatoDeTabla.xlsx,
) -> StreamingResponse:
    partes = servicio.plantilla_de_unidades(formato, separador, idioma)
    return descarga(partes, nombre=f"plantilla-unidades.{formato}", tipo=formato.tipo)
