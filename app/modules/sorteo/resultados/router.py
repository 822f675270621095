"""`/sorteo/{id}/…`: what can be read of a draw, and how to check it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from app.core.dependencies import PUBLICA, ResidentDep, SignedInDep, StaffDep, de_estado
from app.core.http.language import IdiomaDep, SeparadorDep
from app.core.http.pages import PaginadorDep, RowQueryDep, lista
from app.core.http.queries import varios
from app.core.http.responses import FormatoDeTablaDep, archivos, descarga, problemas, tabla
from app.core.http.route import StrictRoute
from app.core.quotas.stage import por_cuenta, por_direccion
from app.modules.sorteo.exceptions import BasesAlteradas, NoDisponibleTodavia
from app.modules.sorteo.models import Publicado
from app.modules.sorteo.resultados.exportacion import ExportacionService
from app.modules.sorteo.resultados.repository import ParticipanteRepository, ResultadoRepository
from app.modules.sorteo.resultados.schemas import (
    EvaluacionOut,
    ExclusionesOut,
    MiResultadoOut,
    ResultadoOut,
    VerificacionOut,
)
from app.modules.sorteo.resultados.service import Archivo, ResultadosService
from app.modules.sorteo.resultados.verificacion import verificacion
from app.modules.sorteo.resultados.vista import mi_resultado, resultado
from app.shared.exceptions import NoEncontrado, SinResidente
from app.shared.pagination import PageOut
from app.shared.schemas import Id
from app.shared.sheets import FormatoDeTabla

router = APIRouter(prefix="/sorteo", tags=["sorteo"], route_class=StrictRoute)
ExportacionServiceDep = Annotated[ExportacionService, Depends(de_estado("sorteo", "exportacion_de_resultados"))]
ResultadosServiceDep = Annotated[ResultadosService, Depends(de_estado("sorteo", "resultados"))]

_MOSTRADO = problemas(NoEncontrado, NoDisponibleTodavia, BasesAlteradas)
_PROBLEMAS = problemas(NoEncontrado, NoDisponibleTodavia)
_DE_RESIDENTE = problemas(NoEncontrado, NoDisponibleTodavia, SinResidente)
_TIPO = "application/jsonl"
_JSONL: dict[str, Any] = {
    "response_class": StreamingResponse,
    # Their version is the hash that was published.
    "responses": _PROBLEMAS | archivos(_TIPO) | {304: {}},
}


def _descarga(cual: Publicado, archivo: Archivo) -> StreamingResponse:
    etiqueta = {"ETag": f'"{archivo.huella}"'}
    return descarga(archivo.partes, nombre=f"{cual}.jsonl", tipo=_TIPO, cabeceras=etiqueta)


@router.get(
    "/{id}/evaluacion",
    response_model=PageOut[EvaluacionOut],
    summary="Evaluación de las solicitudes",
    responses=_PROBLEMAS,
    dependencies=[por_cuenta("evaluaciones", 120, 60)],
    **lista(ParticipanteRepository.ordenes, fija=True),
)
async def ver_evaluacion(
    id: Id, consulta: RowQueryDep, sorteo: ResultadosServiceDep, quien: StaffDep, paginar: PaginadorDep
) -> PageOut[EvaluacionOut]:
    """Level, balls, rules and impediments of each, by folio: live while it is open, frozen at the closing."""
    return paginar(await sorteo.evaluacion(id, consulta, quien))


@router.get("/{id}/evaluacion/yo", summary="Mi evaluación", responses=_DE_RESIDENTE)
async def ver_mi_evaluacion(id: Id, sorteo: ResultadosServiceDep, quien: ResidentDep) -> list[EvaluacionOut]:
    return await sorteo.evaluacion_propia(id, quien)


@router.get("/{id}/reglas", summary="Descargar las reglas", **_JSONL)
async def descargar_reglas(id: Id, sorteo: ResultadosServiceDep, quien: SignedInDep) -> StreamingResponse:
    """What `huella_reglas` is the hash of: parameters, rules and spaces as they were when it opened."""
    return _descarga(Publicado.reglas, await sorteo.archivo(id, Publicado.reglas, quien))


@router.get("/{id}/bases", summary="Descargar las bases", dependencies=[por_cuenta("archivos", 60, 60)], **_JSONL)
async def descargar_bases(
    id: Id,
    sorteo: ResultadosServiceDep,
    quien: SignedInDep,
    huella: Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")] = None,
) -> StreamingResponse:
    """The exact bytes that `huella` is the hash of; with another in the query, one of `huellas_anteriores`."""
    return _descarga(Publicado.bases, await sorteo.archivo(id, Publicado.bases, quien, huella=huella))


@router.get("/{id}/padron", summary="Descargar el padrón", dependencies=[por_cuenta("archivos", 60, 60)], **_JSONL)
async def descargar_padron(id: Id, sorteo: ResultadosServiceDep, quien: SignedInDep) -> StreamingResponse:
    """The exact bytes that `huella_padron` is the hash of: a salted line for each folio, opened to its own flat."""
    return _descarga(Publicado.padron, await sorteo.archivo(id, Publicado.padron, quien))


@router.get(
    "/{id}/resultado", summary="Descargar el resultado", dependencies=[por_cuenta("archivos", 60, 60)], **_JSONL
)
async def descargar_resultado(id: Id, sorteo: ResultadosServiceDep, quien: SignedInDep) -> StreamingResponse:
    """The exact bytes that `huella_resultado` is the hash of."""
    return _descarga(Publicado.resultado, await sorteo.archivo(id, Publicado.resultado, quien))


@router.get(
    "/{id}/resultados",
    summary="Listar resultados",
    responses=_MOSTRADO,
    **lista(ResultadoRepository.ordenes, fija=True),
)
async def listar_resultados(
    id: Id,
    consulta: RowQueryDep,
    sorteo: ResultadosServiceDep,
    quien: SignedInDep,
    paginar: PaginadorDep,
    estado: Annotated[list[Literal["ganador", "espera"]] | None, varios()] = None,
) -> PageOut[ResultadoOut]:
    """By position. Only staff see whose flat it is."""
    con_espacio = "ganador" in estado if estado is not None and len(set(estado)) == 1 else None
    pagina, nombres = await sorteo.resultados(id, consulta, quien, con_espacio=con_espacio)
    return paginar(pagina.con([resultado(fila, nombres) for fila in pagina.items]))


@router.get(
    "/{id}/resultados/exportar",
    summary="Exportar los resultados, con nombres",
    **tabla(NoEncontrado, NoDisponibleTodavia, BasesAlteradas),
)
async def exportar_resultados(
    id: Id,
    exportaciones: ExportacionServiceDep,
    separador: SeparadorDep,
    quien: StaffDep,
    formato: FormatoDeTablaDep = FormatoDeTabla.csv,
) -> StreamingResponse:
    """For the assembly and the gate: folio, place, flat, names, plate, space, state."""
    partes = await exportaciones.exportar(id, formato, separador, quien)
    return descarga(partes, nombre=f"resultados-{id}.{formato}", tipo=formato.tipo)


@router.get("/{id}/resultados/yo", summary="Mis resultados", responses=_DE_RESIDENTE | problemas(BasesAlteradas))
async def ver_mis_resultados(
    id: Id, sorteo: ResultadosServiceDep, quien: ResidentDep, idioma: IdiomaDep
) -> list[MiResultadoOut]:
    """One for each request of the caller's flats, with the reason in a sentence."""
    return [mi_resultado(mio, idioma) for mio in await sorteo.resultados_propios(id, quien)]


@router.get("/{id}/exclusiones", summary="Lo que quedó fuera", responses=_MOSTRADO)
async def ver_exclusiones(id: Id, sorteo: ResultadosServiceDep, quien: SignedInDep) -> ExclusionesOut:
    """Spaces left out, requests refused, facts that staff changed while it was open."""
    return await sorteo.exclusiones(id, quien)


@router.get(
    "/{id}/verificacion",
    summary="Verificar el sorteo",
    responses=_PROBLEMAS,
    openapi_extra=PUBLICA,
    dependencies=[por_direccion("verificaciones", 120, 60)],
)
async def ver_verificacion(id: Id, sorteo: ResultadosServiceDep) -> VerificacionOut:
    """For anybody, from the opening on: the hashes, what they are of, and the commands that check them."""
    return verificacion(*await sorteo.publico(id))
