"""`/auditoria`: what was done, by whom, and the proof that nothing of it was taken away."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from app.core.dependencies import AuditorDep, de_estado
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.queries import varios
from app.core.http.responses import archivos, descarga, problemas
from app.core.http.route import StrictRoute
from app.core.quotas.stage import por_cuenta
from app.modules.auditoria.repository import ApunteRepository, Buscado
from app.modules.auditoria.schemas import FORMA_DE_CABEZA, ApunteOut, VerificacionDeAuditoriaOut, leer_cabeza
from app.modules.auditoria.service import AuditoriaService
from app.shared.pagination import PageOut
from app.shared.schemas import Id, Instante

router = APIRouter(prefix="/auditoria", tags=["auditoria"], route_class=StrictRoute)
AuditoriaServiceDep = Annotated[AuditoriaService, Depends(de_estado("auditoria", "servicio"))]
_JSONL = "application/jsonl"
Accion = Annotated[str, Field(max_length=80)]
CabezaDep = Annotated[
    str | None,
    Query(pattern=FORMA_DE_CABEZA, description="`n:mac` que alguien guardó: la cadena debe contenerla todavía."),
]


@router.get("", summary="Lo que se ha hecho", responses=problemas(), **lista(ApunteRepository.ordenes))
async def listar_auditoria(
    servicio: AuditoriaServiceDep,
    consulta: PageQueryDep,
    paginar: PaginadorDep,
    _: AuditorDep,
    actor: Annotated[Id | None, Query(description="La cuenta que lo hizo.")] = None,
    accion: Annotated[list[Accion] | None, varios("El nombre de la acción.")] = None,
    objeto: Annotated[str | None, Query(max_length=40, description="Id o código de lo que se tocó.")] = None,
    desde: Annotated[Instante | None, Query(description="Desde este instante.")] = None,
    hasta: Annotated[Instante | None, Query(description="Antes de este instante.")] = None,
) -> PageOut[ApunteOut]:
    """Actos del personal y sucesos de seguridad, los últimos primero. De lo que se escribió, solo los nombres de los
    campos."""
    buscado = Buscado(actor=actor, acciones=accion, objeto=objeto, desde=desde, hasta=hasta)
    pagina = await servicio.listar(consulta, buscado)
    return paginar(pagina.con([ApunteOut.de(apunte) for apunte in pagina.items]))


@router.get(
    "/verificacion",
    summary="Comprobar la cadena",
    responses=problemas(),
    dependencies=[por_cuenta("auditoria", 10, 60)],
)
async def verificar_auditoria(
    servicio: AuditoriaServiceDep, _: AuditorDep, cabeza: CabezaDep = None
) -> VerificacionDeAuditoriaOut:
    """Recorre la cadena entera: si algo se cambió, se quitó, se movió o se cortó, dice qué y en qué número."""
    conocidas = [] if cabeza is None else [leer_cabeza(cabeza)]
    return VerificacionDeAuditoriaOut.de(await servicio.verificar(conocidas))


@router.get(
    "/exportar",
    summary="Descargar la cadena",
    response_class=StreamingResponse,
    responses=problemas() | archivos(_JSONL),
    dependencies=[por_cuenta("auditoria", 10, 60)],
)
async def exportar_auditoria(servicio: AuditoriaServiceDep, _: AuditorDep) -> StreamingResponse:
    """Una línea por apunte. `python -m app.modules.auditoria.verificar` la comprueba sin la API."""
    return descarga(servicio.exportar(), nombre="auditoria.jsonl", tipo=_JSONL)
