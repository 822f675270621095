"""`/sorteo/{id}/abrir` and the other steps of a draw, to its end."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.core.dependencies import AdminDep, AuditorDep, SignedInDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.idempotency.stage import por_pasos
from app.core.jobs.stage import ACEPTADO, DE_UN_TRABAJO, AsincronaDep
from app.core.quotas.stage import por_cuenta
from app.modules.sorteo import exceptions as e
from app.modules.sorteo.drand.schemas import RondaDrandIn
from app.modules.sorteo.estados import Paso
from app.modules.sorteo.pasos.anulacion import AnulacionService
from app.modules.sorteo.pasos.apertura import AperturaService
from app.modules.sorteo.pasos.cierre import CierreService
from app.modules.sorteo.pasos.ejecucion import EjecucionService
from app.modules.sorteo.pasos.encargos import EncargosDeSorteo
from app.modules.sorteo.pasos.publicacion import PublicacionService
from app.modules.sorteo.pasos.reapertura import ReaperturaService
from app.modules.sorteo.schemas import (
    ConMotivo,
    Ejecucion,
    LotteryOut,
    LotteryResult,
    ProrrogaCierre,
    Reapertura,
)
from app.modules.sorteo.vista import lottery_out, lottery_result
from app.shared.exceptions import LlaveNoAdmitida, NoEncontrado, TransicionInvalida
from app.shared.schemas import Id

router = APIRouter(prefix="/sorteo", tags=["sorteo"], route_class=StrictRoute)
AnulacionServiceDep = Annotated[AnulacionService, Depends(de_estado("sorteo", "anulacion"))]
CierreServiceDep = Annotated[CierreService, Depends(de_estado("sorteo", "cierre"))]
EjecucionServiceDep = Annotated[EjecucionService, Depends(de_estado("sorteo", "ejecucion"))]
EncargosDep = Annotated[EncargosDeSorteo, Depends(de_estado("sorteo", "encargos"))]
PublicacionServiceDep = Annotated[PublicacionService, Depends(de_estado("sorteo", "publicacion"))]
ReaperturaServiceDep = Annotated[ReaperturaService, Depends(de_estado("sorteo", "reapertura"))]
AperturaServiceDep = Annotated[AperturaService, Depends(de_estado("sorteo", "apertura"))]


@router.post(
    "/{id}/abrir",
    response_model=LotteryOut,
    summary="Abrir el sorteo",
    responses=problemas(
        NoEncontrado,
        TransicionInvalida,
        e.EspacioComprometido,
        e.DemasiadasReservas,
        e.CierrePasado,
        e.CierreTardio,
        e.BasesAlteradas,
        *DE_UN_TRABAJO,
    )
    | ACEPTADO,
)
async def abrir_sorteo(
    id: Id, apertura: AperturaServiceDep, encargos: EncargosDep, asincrona: AsincronaDep, quien: AdminDep
) -> LotteryOut | Response:
    """Makes the secret and publishes its hash, copies rules and spaces, and takes requests."""
    if asincrona.pedida and (aceptado := await asincrona.aceptar(await encargos.abrir(id, quien))):
        return aceptado
    return lottery_out(await apertura.abrir(id))


@router.post(
    "/{id}/prorrogar",
    response_model=LotteryOut,
    summary="Mover el cierre",
    responses=problemas(NoEncontrado, TransicionInvalida, e.AnulacionPendiente, *DE_UN_TRABAJO) | ACEPTADO,
)
async def prorrogar_sorteo(
    id: Id,
    datos: ProrrogaCierre,
    apertura: AperturaServiceDep,
    encargos: EncargosDep,
    asincrona: AsincronaDep,
    quien: AdminDep,
) -> LotteryOut | Response:
    """Another closing time, with its reason, while the draw is open."""
    if asincrona.pedida:
        trabajo = await encargos.mover(Paso.prorrogar, id, quien, cierre=datos.cierre, motivo=datos.motivo)
        if aceptado := await asincrona.aceptar(trabajo):
            return aceptado
    return lottery_out(await apertura.prorrogar(id, cierre=datos.cierre, motivo=datos.motivo))


@router.post(
    "/{id}/cerrar",
    response_model=LotteryOut,
    summary="Cerrar el sorteo",
    responses=problemas(
        NoEncontrado,
        TransicionInvalida,
        e.AnulacionPendiente,
        e.SolicitudesPendientes,
        e.CierreTardio,
        e.BasesAlteradas,
        *DE_UN_TRABAJO,
    )
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
    "/{id}/reabrir",
    response_model=LotteryOut,
    summary="Reabrir el sorteo",
    responses=problemas(
        NoEncontrado, TransicionInvalida, e.AnulacionPendiente, e.CierreTardio, e.BasesAlteradas, *DE_UN_TRABAJO
    )
    | ACEPTADO,
)
async def reabrir_sorteo(
    id: Id,
    datos: Reapertura,
    reapertura: ReaperturaServiceDep,
    encargos: EncargosDep,
    asincrona: AsincronaDep,
    quien: AdminDep,
) -> LotteryOut | Response:
    """Before the public number can be known. The hash that was published stays listed."""
    if asincrona.pedida:
        trabajo = await encargos.mover(Paso.reabrir, id, quien, cierre=datos.cierre, motivo=datos.motivo)
        if aceptado := await asincrona.aceptar(trabajo):
            return aceptado
    return lottery_out(await reapertura.reabrir(id, motivo=datos.motivo, cierre=datos.cierre))


@router.post(
    "/{id}/ejecutar",
    response_model=LotteryResult,
    summary="Ejecutar el sorteo",
    responses=problemas(
        NoEncontrado,
        TransicionInvalida,
        e.AnulacionPendiente,
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
    "/{id}/ronda",
    summary="Entregar la ronda de drand",
    responses=problemas(
        NoEncontrado,
        TransicionInvalida,
        e.AnulacionPendiente,
        e.EntropiaPrematura,
        e.EntropiaFijada,
        e.MotorInterrumpido,
        e.BasesAlteradas,
    ),
    dependencies=[por_cuenta("rondas", 6, 60)],
)
async def entregar_ronda(id: Id, datos: RondaDrandIn, ejecucion: EjecucionServiceDep, quien: SignedInDep) -> LotteryOut:
    """By anybody who is signed in, where `ejecuta_sola`: the clock runs the draw with it."""
    return lottery_out(await ejecucion.entregar(id, datos, quien))


@router.post(
    "/{id}/publicar",
    response_model=LotteryOut,
    summary="Publicar el resultado",
    responses=problemas(NoEncontrado, TransicionInvalida, e.AnulacionPendiente, e.BasesAlteradas, *DE_UN_TRABAJO)
    | ACEPTADO,
    dependencies=[por_cuenta("pasos", 30, 60)],
)
async def publicar_sorteo(
    id: Id, publicacion: PublicacionServiceDep, encargos: EncargosDep, asincrona: AsincronaDep, quien: AdminDep
) -> LotteryOut | Response:
    """Assigns the spaces and starts the time to accept them."""
    if asincrona.pedida and (aceptado := await asincrona.aceptar(await encargos.publicar(id, quien))):
        return aceptado
    return lottery_out(await publicacion.publicar(id))


@router.post(
    "/{id}/finalizar",
    response_model=LotteryOut,
    summary="Finalizar el sorteo",
    responses=problemas(NoEncontrado, TransicionInvalida, e.AnulacionPendiente, e.VigenciaEnCurso, *DE_UN_TRABAJO)
    | ACEPTADO,
)
async def finalizar_sorteo(
    id: Id, publicacion: PublicacionServiceDep, encargos: EncargosDep, asincrona: AsincronaDep, quien: AdminDep
) -> LotteryOut | Response:
    """Ends the waiting list. Assignments last until their own end."""
    if asincrona.pedida and (aceptado := await asincrona.aceptar(await encargos.finalizar(id, quien))):
        return aceptado
    return lottery_out(await publicacion.finalizar(id))


@router.post(
    "/{id}/anular",
    response_model=LotteryOut,
    summary="Anular el sorteo",
    responses=problemas(NoEncontrado, TransicionInvalida, e.BasesAlteradas, *DE_UN_TRABAJO) | ACEPTADO,
)
async def anular_sorteo(
    id: Id,
    datos: ConMotivo,
    anulacion: AnulacionServiceDep,
    encargos: EncargosDep,
    asincrona: AsincronaDep,
    quien: AdminDep,
) -> LotteryOut | Response:
    """At once while the public number cannot be known; afterwards it waits for somebody else to confirm it."""
    if asincrona.pedida:
        trabajo = await encargos.mover(Paso.anular, id, quien, motivo=datos.motivo)
        if aceptado := await asincrona.aceptar(trabajo):
            return aceptado
    return lottery_out(await anulacion.anular(id, motivo=datos.motivo, quien=quien))


@router.delete(
    "/{id}/anular",
    summary="Retirar la anulación",
    responses=problemas(NoEncontrado, TransicionInvalida, e.SinAnulacion),
)
async def retirar_anulacion(id: Id, datos: ConMotivo, anulacion: AnulacionServiceDep, _: AdminDep) -> LotteryOut:
    """While it waits; it stays listed in `anulaciones`, with the reason of both."""
    return lottery_out(await anulacion.retirar(id, motivo=datos.motivo))


@router.post(
    "/{id}/anular/confirmar",
    summary="Confirmar la anulación",
    responses=problemas(
        NoEncontrado,
        TransicionInvalida,
        LlaveNoAdmitida,
        e.SinAnulacion,
        e.AnulacionPropia,
        e.ConfirmadorReciente,
        e.BasesAlteradas,
    ),
)
@por_pasos
async def confirmar_anulacion(id: Id, anulacion: AnulacionServiceDep, quien: AuditorDep) -> LotteryOut:
    """By another admin, or an auditor, who was so before the draw opened."""
    return lottery_out(await anulacion.confirmar(id, quien=quien))
