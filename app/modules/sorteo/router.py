"""`/sorteo`: a draw from its parameters to its end."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.dependencies import AdminDep, AuditorDep, SignedInDep
from app.core.http.application import PREFIJO
from app.core.http.pages import LISTA, PageQueryDep, PaginadorDep
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.idempotency.stage import por_pasos
from app.core.jobs.stage import ACEPTADO, DE_UN_TRABAJO, AsincronaDep
from app.core.quotas.stage import por_cuenta
from app.modules.sorteo import exceptions as e
from app.modules.sorteo.dependencies import (
    AnulacionServiceDep,
    CierreServiceDep,
    EjecucionServiceDep,
    EncargosDep,
    PublicacionServiceDep,
    SorteoServiceDep,
)
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.schemas import (
    ConMotivo,
    Ejecucion,
    LotteryOut,
    LotteryParams,
    LotteryParamsUpdate,
    LotteryResult,
    ProrrogaCierre,
    Reapertura,
)
from app.modules.sorteo.vista import lottery_out, lottery_result
from app.shared.exceptions import LlaveNoAdmitida, NoEncontrado, TransicionInvalida
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(prefix="/sorteo", tags=["sorteo"], route_class=StrictRoute)


@router.post("", status_code=201, summary="Crear un sorteo", responses=problemas(e.RepeticionInvalida))
async def crear_sorteo(datos: LotteryParams, sorteos: SorteoServiceDep, _: AdminDep, response: Response) -> LotteryOut:
    """A draft: nothing is committed until it opens."""
    sorteo = await sorteos.crear(datos)
    response.headers["Location"] = f"{PREFIJO}/sorteo/{sorteo.id}"
    return lottery_out(sorteo)


@router.get("", response_model=PageOut[LotteryOut], summary="Listar sorteos", **LISTA)
async def listar_sorteos(
    consulta: PageQueryDep,
    sorteos: SorteoServiceDep,
    quien: SignedInDep,
    paginar: PaginadorDep,
    estado: Annotated[EstadoSorteo | None, Query()] = None,
) -> PageOut[LotteryOut]:
    """The latest first. Residents do not see drafts."""
    pagina = await sorteos.listar(estado, consulta, quien)
    return paginar(pagina.con([lottery_out(sorteo) for sorteo in pagina.items]))


@router.get("/{id}", summary="Ver un sorteo", responses=problemas(NoEncontrado))
async def ver_sorteo(id: Id, sorteos: SorteoServiceDep, quien: SignedInDep) -> LotteryOut:
    return lottery_out(await sorteos.ver(id, quien))


@router.patch(
    "/{id}",
    summary="Cambiar un borrador",
    responses=problemas(NoEncontrado, TransicionInvalida, e.RepeticionInvalida),
)
async def editar_sorteo(id: Id, datos: LotteryParamsUpdate, sorteos: SorteoServiceDep, _: AdminDep) -> LotteryOut:
    return lottery_out(await sorteos.editar(id, datos))


@router.post(
    "/{id}/abrir",
    summary="Abrir el sorteo",
    responses=problemas(
        NoEncontrado,
        TransicionInvalida,
        e.EspacioComprometido,
        e.DemasiadasReservas,
        e.CierrePasado,
        e.CierreTardio,
    ),
)
async def abrir_sorteo(id: Id, sorteos: SorteoServiceDep, _: AdminDep) -> LotteryOut:
    """Makes the secret and publishes its hash, copies rules and spaces, and takes requests."""
    return lottery_out(await sorteos.abrir(id))


@router.post("/{id}/prorrogar", summary="Mover el cierre", responses=problemas(NoEncontrado, TransicionInvalida))
async def prorrogar_sorteo(id: Id, datos: ProrrogaCierre, sorteos: SorteoServiceDep, _: AdminDep) -> LotteryOut:
    """Another closing time, with its reason, while the draw is open."""
    return lottery_out(await sorteos.prorrogar(id, cierre=datos.cierre, motivo=datos.motivo))


@router.post(
    "/{id}/cerrar",
    response_model=LotteryOut,
    summary="Cerrar el sorteo",
    responses=problemas(NoEncontrado, TransicionInvalida, e.SolicitudesPendientes, e.CierreTardio, *DE_UN_TRABAJO)
    | ACEPTADO,
    dependencies=[por_cuenta("pasos", 30, 60)],
)
async def cerrar_sorteo(
    id: Id, cierre: CierreServiceDep, encargos: EncargosDep, asincrona: AsincronaDep, quien: AdminDep
) -> LotteryOut | Response:
    """Freezes the bases and publishes their hash."""
    if asincrona.pedida and (aceptado := await asincrona.aceptar(await encargos.cerrar(id, quien))):
        return aceptado
    return lottery_out(await cierre.cerrar(id))


@router.post(
    "/{id}/reabrir", summary="Reabrir el sorteo", responses=problemas(NoEncontrado, TransicionInvalida, e.CierreTardio)
)
async def reabrir_sorteo(id: Id, datos: Reapertura, cierre: CierreServiceDep, _: AdminDep) -> LotteryOut:
    """Before the public number can be known. The hash that was published stays listed."""
    return lottery_out(await cierre.reabrir(id, motivo=datos.motivo, cierre=datos.cierre))


@router.post(
    "/{id}/ejecutar",
    response_model=LotteryResult,
    summary="Ejecutar el sorteo",
    responses=problemas(
        NoEncontrado,
        TransicionInvalida,
        e.EntropiaPrematura,
        e.EntropiaFijada,
        e.BasesAlteradas,
        e.MotorInterrumpido,
        *DE_UN_TRABAJO,
    )
    | ACEPTADO,
    dependencies=[por_cuenta("pasos", 30, 60)],
)
async def ejecutar_sorteo(
    id: Id,
    ejecucion: EjecucionServiceDep,
    encargos: EncargosDep,
    asincrona: AsincronaDep,
    quien: AdminDep,
    datos: Ejecucion | None = None,
) -> LotteryResult | Response:
    """With the public number. The first accepted is the draw's for ever; the same or none gives the same again."""
    entropia = None if datos is None else datos.entropia
    if asincrona.pedida and (aceptado := await asincrona.aceptar(await encargos.ejecutar(id, entropia, quien))):
        return aceptado
    return lottery_result(await ejecucion.ejecutar(id, entropia))


@router.post(
    "/{id}/publicar",
    response_model=LotteryOut,
    summary="Publicar el resultado",
    responses=problemas(NoEncontrado, TransicionInvalida, *DE_UN_TRABAJO) | ACEPTADO,
    dependencies=[por_cuenta("pasos", 30, 60)],
)
async def publicar_sorteo(
    id: Id, publicacion: PublicacionServiceDep, encargos: EncargosDep, asincrona: AsincronaDep, quien: AdminDep
) -> LotteryOut | Response:
    """Assigns the spaces and starts the time to accept them."""
    if asincrona.pedida and (aceptado := await asincrona.aceptar(await encargos.publicar(id, quien))):
        return aceptado
    return lottery_out(await publicacion.publicar(id))


@router.post("/{id}/finalizar", summary="Finalizar el sorteo", responses=problemas(NoEncontrado, TransicionInvalida))
@por_pasos
async def finalizar_sorteo(id: Id, publicacion: PublicacionServiceDep, _: AdminDep) -> LotteryOut:
    """Ends the waiting list. Assignments last until their own end."""
    return lottery_out(await publicacion.finalizar(id))


@router.post("/{id}/anular", summary="Anular el sorteo", responses=problemas(NoEncontrado, TransicionInvalida))
@por_pasos
async def anular_sorteo(id: Id, datos: ConMotivo, anulacion: AnulacionServiceDep, quien: AdminDep) -> LotteryOut:
    """At once while the public number cannot be known; afterwards it waits for somebody else to confirm it."""
    return lottery_out(await anulacion.anular(id, motivo=datos.motivo, quien=quien))


@router.post(
    "/{id}/anular/confirmar",
    summary="Confirmar la anulación",
    responses=problemas(NoEncontrado, TransicionInvalida, LlaveNoAdmitida, e.SinAnulacion, e.AnulacionPropia),
)
@por_pasos
async def confirmar_anulacion(id: Id, anulacion: AnulacionServiceDep, quien: AuditorDep) -> LotteryOut:
    """By another admin, or an auditor, who was so before the draw opened."""
    return lottery_out(await anulacion.confirmar(id, quien=quien))
