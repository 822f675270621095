"""`/sorteo/{id}/acta` and `/expediente`: the minutes of a draw, and all that it takes to check it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from app.core.dependencies import AdminDep, AuditorDep, SignedInDep, de_estado
from app.core.http.language import IdiomaDep, SeparadorDep
from app.core.http.responses import TABLAS, archivos, descarga, problemas
from app.core.http.route import StrictRoute
from app.core.quotas.stage import por_cuenta
from app.modules.sorteo.acta.expediente import ExpedienteService
from app.modules.sorteo.acta.schemas import ActaIn, ActaOut, Formato
from app.modules.sorteo.acta.service import ActaService
from app.modules.sorteo.exceptions import BasesAlteradas, NoDisponibleTodavia
from app.shared.exceptions import NoEncontrado, TransicionInvalida
from app.shared.schemas import DeLista, Id
from app.shared.sheets import FormatoDeTabla

router = APIRouter(prefix="/sorteo", tags=["sorteo"], route_class=StrictRoute)
ActaServiceDep = Annotated[ActaService, Depends(de_estado("sorteo", "actas"))]
ExpedienteServiceDep = Annotated[ExpedienteService, Depends(de_estado("sorteo", "expedientes"))]

_PDF, _ZIP = "application/pdf", "application/zip"


@router.put("/{id}/acta", summary="Escribir el acta", responses=problemas(NoEncontrado, TransicionInvalida))
async def escribir_acta(id: Id, datos: ActaIn, actas: ActaServiceDep, _: AdminDep) -> ActaOut:
    """Who was there, what happened, who signs: whole, over what was written before."""
    acta = await actas.escribir(id, datos)
    return ActaOut.model_validate(acta.model_dump() | {"sorteo_id": id})


@router.get(
    "/{id}/acta",
    summary="Descargar el acta",
    response_class=StreamingResponse,
    responses=problemas(NoEncontrado, NoDisponibleTodavia, BasesAlteradas) | archivos(_PDF, *TABLAS),
    dependencies=[por_cuenta("actas", 20, 60)],
)
async def descargar_acta(
    id: Id,
    actas: ActaServiceDep,
    quien: SignedInDep,
    idioma: IdiomaDep,
    separador: SeparadorDep,
    formato: Annotated[Formato, DeLista(), Query()] = Formato.pdf,
) -> StreamingResponse:
    """In the language asked for. A draft for staff until the draw is published; for everybody from then on."""
    documento = await actas.documento(id, formato, quien, idioma=idioma, separador=separador)
    tipo = _PDF if formato is Formato.pdf else FormatoDeTabla(formato).tipo
    return descarga(documento.partes, nombre=documento.nombre, tipo=tipo)


@router.get(
    "/{id}/expediente",
    summary="Descargar el expediente",
    response_class=StreamingResponse,
    responses=problemas(NoEncontrado, NoDisponibleTodavia, BasesAlteradas) | archivos(_ZIP),
    dependencies=[por_cuenta("actas", 20, 60)],
)
async def descargar_expediente(id: Id, expedientes: ExpedienteServiceDep, quien: AuditorDep) -> StreamingResponse:
    """A ZIP with all that it takes to check a draw offline, and a page on how."""
    partes = await expedientes.reunir(id, quien)
    return descarga(partes, nombre=f"expediente-{id}.zip", tipo=_ZIP)
