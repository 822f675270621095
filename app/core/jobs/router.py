"""`/trabajos/{id}`: how far a job is, what it refused, what it made; and to stop it."""

import asyncio
from collections.abc import AsyncIterable
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.core.dependencies import SignedInDep
from app.core.http.language import SeparadorDep
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.jobs.contract import TrabajoOut
from app.core.jobs.dependencies import EscritorDep, SeguimientoDep, TrabajoServiceDep, VisibleDep
from app.core.jobs.exceptions import SinArchivo, TrabajoTerminado
from app.core.jobs.stage import ESPERA, AsincronaDep
from app.core.security import VIDA_ACCESO
from app.shared.exceptions import NoEncontrado
from app.shared.schemas import Id

router = APIRouter(prefix="/trabajos", tags=["trabajos"], route_class=StrictRoute)

_CSV: dict[int | str, dict[str, Any]] = {200: {"description": "CSV.", "content": {"text/csv": {}}}}
_NADA_NUEVO: dict[int | str, dict[str, Any]] = {204: {"description": "Quien pregunta ya vio el último evento."}}
_ARCHIVO: dict[int | str, dict[str, Any]] = {200: {"description": "El archivo.", "content": {"application/pdf": {}}}}


@router.get("/{id}", summary="Cómo va un trabajo", responses=problemas(NoEncontrado) | ESPERA)
async def ver_trabajo(trabajo: VisibleDep, asincrona: AsincronaDep, escritor: EscritorDep) -> TrabajoOut:
    return escritor.trabajo(await asincrona.mientras(trabajo))


@router.delete("/{id}", status_code=204, summary="Cancelar", responses=problemas(NoEncontrado, TrabajoTerminado))
async def cancelar_trabajo(id: Id, trabajos: TrabajoServiceDep, quien: SignedInDep) -> None:
    await trabajos.cancelar(id, quien)


@router.get(
    "/{id}/progreso",
    response_class=EventSourceResponse,
    summary="Seguir un trabajo",
    responses=problemas(NoEncontrado) | _NADA_NUEVO,
)
async def seguir_trabajo(
    desde: SeguimientoDep, trabajos: TrabajoServiceDep, escritor: EscritorDep
) -> AsyncIterable[ServerSentEvent]:
    vista, reloj = desde.vista, asyncio.get_running_loop().time
    limite = reloj() + VIDA_ACCESO.total_seconds()
    async for actual in trabajos.seguir(desde.trabajo_id):
        if actual.version != vista:
            vista = actual.version
            nombre = "fin" if actual.terminado else "progreso"
            yield ServerSentEvent(event=nombre, id=str(vista), data=escritor.trabajo(actual))
        if reloj() > limite:
            return


@router.get(
    "/{id}/errores",
    response_class=StreamingResponse,
    summary="Las filas rechazadas, en CSV",
    responses=problemas(NoEncontrado) | _CSV,
)
async def descargar_errores(
    id: Id, trabajos: TrabajoServiceDep, escritor: EscritorDep, separador: SeparadorDep, quien: SignedInDep
) -> StreamingResponse:
    filas = escritor.rechazos(await trabajos.rechazos(id, quien), separador)
    cabeceras = {"Content-Disposition": f'attachment; filename="errores-{id}.csv"'}
    return StreamingResponse(filas, media_type="text/csv; charset=utf-8", headers=cabeceras)


@router.get(
    "/{id}/archivo",
    response_class=StreamingResponse,
    summary="El archivo que hizo un trabajo",
    responses=problemas(NoEncontrado, SinArchivo) | _ARCHIVO,
)
async def descargar_archivo(id: Id, trabajos: TrabajoServiceDep, quien: SignedInDep) -> StreamingResponse:
    entregado, contenido = await trabajos.archivo(id, quien)
    cabeceras = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(entregado.nombre)}",
        "Content-Length": str(entregado.tamano),
    }
    return StreamingResponse(contenido, media_type=entregado.tipo, headers=cabeceras)
