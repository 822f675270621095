"""`/sorteo/{id}/acta`: the minutes of a draw."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from app.core.dependencies import AdminDep, SignedInDep, de_estado
from app.core.http.responses import TABLAS, archivos, descarga, problemas
from app.core.http.route import StrictRoute
from app.core.quotas.stage import por_cuenta
from app.modules.sorteo.acta.schemas import ActaIn, ActaOut, Formato
from app.modules.sorteo.acta.service import ActaService
from app.modules.sorteo.exceptions import NoDisponibleTodavia
from app.shared.exceptions import NoEncontrado, TransicionInvalida
from app.shared.schemas import DeLista, Id
from app.shared.sheets import FormatoDeTabla

router = APIRouter(prefix="/sorteo", tags=["sorteo"], route_class=StrictRoute)
ActaServiceDep = Annotated[ActaService, Depends(de_estado("sorteo", "actas"))]

_PDF = "application/pdf"


@router.put("/{id}/acta", summary="Escribir el acta", responses=problemas(NoEncontrado, TransicionInvalida))
async def escribir_acta(id: Id, datos: ActaIn, actas: ActaServiceDep, _: AdminDep) -> ActaOut:
    """Who was there, what happened, who signs: whole, over what was written before."""
    acta = await actas.escribir(id, datos)
    return ActaOut.model_validate(acta.model_dump() | {"sorteo_id": id})


@router.get(
    "/{id}/acta",
    summary="Descargar el acta",
    response_class=StreamingResponse,
    responses=problemas(NoEncontrado, NoDisponibleTodavia) | archivos(_PDF, *TABLAS),
    dependencies=[por_cuenta("actas", 20, 60)],
)
async def descargar_acta(
    id: Id,
    actas: ActaServiceDep,
    quien: SignedInDep,
    formato: Annotated[Formato, DeLista(), Query()] = Formato.pdf,
) -> StreamingResponse:
    """A draft for staff until the draw is published; for everybody from then on."""
    documento = await actas.documento(id, formato, quien)
    tipo = _PDF if formato is Formato.pdf else FormatoDeTabla(formato).tipo
    return descarga(documento.partes, nombre=documento.nombre, tipo=tipo)
