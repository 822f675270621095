"""`/sorteo/{id}/abrir` and the other steps of a draw, to its end."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import attrs
from beanie import PydanticObjectId
from fastapi import APIRouter, Depends, Response

from app.core.dependencies import AdminDep, AuditorDep, SignedInDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.jobs.stage import ACEPTADO, DE_UN_TRABAJO, Asincrona, AsincronaDep
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
from app.modules.sorteo.schemas import ConMotivo, Ejecucion, LotteryOut, LotteryResult, ProrrogaCierre, Reapertura
from app.modules.sorteo.vista import lottery_out, lottery_result
from app.shared.exceptions import LlaveNoAdmitida, NoEncontrado, ParkNetError, TransicionInvalida
from app.shared.schemas import Id, OutputSchema

router = APIRouter(prefix="/sorteo", tags=["sorteo"], route_class=StrictRoute)
AnulacionServiceDep = Annotated[AnulacionService, Depends(de_estado("sorteo", "anulacion"))]
CierreServiceDep = Annotated[CierreService, Depends(de_estado("sorteo", "cierre"))]
EjecucionServiceDep = Annotated[EjecucionService, Depends(de_estado("sorteo", "ejecucion"))]
EncargosDep = Annotated[EncargosDeSorteo, Depends(de_estado("sorteo", "encargos"))]
PublicacionServiceDep = Annotated[PublicacionService, Depends(de_estado("sorteo", "publicacion"))]
ReaperturaServiceDep = Annotated[ReaperturaService, Depends(de_estado("sorteo", "reapertura"))]
AperturaServiceDep = Annotated[AperturaService, Depends(de_estado("sorteo", "apertura"))]


@attrs.define(kw_only=True)
class _Espera:
    """Asked first by each step that may be left to a job: what there is to answer where the caller prefers that."""

    _encargos: EncargosDeSorteo
    _asincrona: Asincrona

    async def de(self, encargar: Callable[[EncargosDeSorteo], Awaitable[PydanticObjectId | None]]) -> Response | None:
        return await self._asincrona.aceptar(await encargar(self._encargos)) if self._asincrona.pedida else None


async def _espera(encargos: EncargosDep, asincrona: AsincronaDep) -> _Espera:
    return _Espera(encargos=encargos, asincrona=asincrona)


EsperaDep = Annotated[_Espera, Depends(_espera)]


def _paso(*errores: type[ParkNetError], sale: type[OutputSchema] = LotteryOut) -> dict[str, Any]:
    """What every route of a step that may be left to a job is declared with."""
    propios = problemas(NoEncontrado, TransicionInvalida, *errores, *DE_UN_TRABAJO)
    return {"response_model": sale, "responses": propios | ACEPTADO}


@router.post(
    "/{id}/abrir",
    summary="Abrir el sorteo",
    **_paso(e.EspacioComprometido, e.DemasiadasReservas, e.CierrePasado, e.CierreTardio, e.BasesAlteradas),
)
async def abrir_sorteo(
    id: Id, apertura: AperturaServiceDep, espera: EsperaDep, quien: AdminDep
) -> LotteryOut | Response:
    """Makes the secret and publishes its hash, copies rules and spaces, and takes requests."""
    if aceptado := await espera.de(lambda jobs: jobs.encargar(Paso.abrir, id, quien)):
        return aceptado
    return lottery_out(await apertura.abrir(id))


@router.post("/{id}/prorrogar", summary="Mover el cierre", **_paso(e.AnulacionPendiente, e.BasesAlteradas))
async def prorrogar_sorteo(
    id: Id, datos: ProrrogaCierre, apertura: AperturaServiceDep, espera: EsperaDep, quien: AdminDep
) -> LotteryOut | Response:
    """Another closing time, with its reason, while the draw is open."""
    if aceptado := await espera.de(
        lambda jobs: jobs.encargar(Paso.prorrogar, id, quien, cierre=datos.cierre, motivo=datos.motivo)
    ):
        return aceptado
    return lottery_out(await apertura.prorrogar(id, cierre=datos.cierre, motivo=datos.motivo))


@router.post(
    "/{id}/cerrar",
    summary="Cerrar el sorteo",
    **_paso(e.AnulacionPendiente, e.SolicitudesPendientes, e.CierreTardio, e.BasesAlteradas),
    dependencies=[por_cuenta("pasos", 30, 60)],
)
async def cerrar_sorteo(id: Id, cierre: CierreServiceDep, espera: EsperaDep, quien: AdminDep) -> LotteryOut | Response:
    """Freezes the bases and publishes their hash."""
    if aceptado := await espera.de(lambda jobs: jobs.encargar(Paso.cerrar, id, quien)):
        return aceptado
    return lottery_out(await cierre.cerrar(id))


@router.post(
    "/{id}/reabrir",
    summary="Reabrir el sorteo",
    **_paso(e.AnulacionPendiente, e.CierreTardio, e.BasesAlteradas),
)
async def reabrir_sorteo(
    id: Id, datos: Reapertura, reapertura: ReaperturaServiceDep, espera: EsperaDep, quien: AdminDep
) -> LotteryOut | Response:
    """Before the public number can be known. The hash that was published stays listed."""
    if aceptado := await espera.de(
        lambda jobs: jobs.encargar(Paso.reabrir, id, quien, cierre=datos.cierre, motivo=datos.motivo)
    ):
        return aceptado
    return lottery_out(await reapertura.reabrir(id, motivo=datos.motivo, cierre=datos.cierre))


@router.post(
    "/{id}/ejecutar",
    summary="Ejecutar el sorteo",
    **_paso(
        e.AnulacionPendiente,
        e.EntropiaPrematura,
        e.EntropiaFijada,
        e.BasesAlteradas,
        e.MotorInterrumpido,
        sale=LotteryResult,
    ),
    dependencies=[por_cuenta("pasos", 30, 60)],
)
async def ejecutar_sorteo(
    id: Id, ejecucion: EjecucionServiceDep, espera: EsperaDep, quien: AdminDep, datos: Ejecucion | None = None
) -> LotteryResult | Response:
    """With the public number. The first accepted is the draw's for ever; the same or none gives the same again."""
    entropia = None if datos is None else datos.entropia
    if aceptado := await espera.de(lambda jobs: jobs.ejecutar(id, entropia, quien)):
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
    summary="Publicar el resultado",
    **_paso(e.AnulacionPendiente, e.BasesAlteradas),
    dependencies=[por_cuenta("pasos", 30, 60)],
)
async def publicar_sorteo(
    id: Id, publicacion: PublicacionServiceDep, espera: EsperaDep, quien: AdminDep
) -> LotteryOut | Response:
    """Assigns the spaces and starts the time to accept them."""
    if aceptado := await espera.de(lambda jobs: jobs.encargar(Paso.publicar, id, quien)):
        return aceptado
    return lottery_out(await publicacion.publicar(id))


@router.post(
    "/{id}/finalizar",
    summary="Finalizar el sorteo",
    **_paso(e.AnulacionPendiente, e.VigenciaEnCurso, e.BasesAlteradas),
)
async def finalizar_sorteo(
    id: Id, publicacion: PublicacionServiceDep, espera: EsperaDep, quien: AdminDep
) -> LotteryOut | Response:
    """Ends the waiting list. Assignments last until their own end."""
    if aceptado := await espera.de(lambda jobs: jobs.encargar(Paso.finalizar, id, quien)):
        return aceptado
    return lottery_out(await publicacion.finalizar(id))


@router.post("/{id}/anular", summary="Anular el sorteo", **_paso(e.BasesAlteradas))
async def anular_sorteo(
    id: Id, datos: ConMotivo, anulacion: AnulacionServiceDep, espera: EsperaDep, quien: AdminDep
) -> LotteryOut | Response:
    """At once while the public number cannot be known; afterwards it waits for somebody else to confirm it."""
    if aceptado := await espera.de(lambda jobs: jobs.encargar(Paso.anular, id, quien, motivo=datos.motivo)):
        return aceptado
    return lottery_out(await anulacion.anular(id, motivo=datos.motivo, quien=quien))


@router.delete("/{id}/anular", summary="Retirar la anulación", **_paso(e.SinAnulacion))
async def retirar_anulacion(
    id: Id, datos: ConMotivo, anulacion: AnulacionServiceDep, espera: EsperaDep, quien: AdminDep
) -> LotteryOut | Response:
    """While it waits; it stays listed in `anulaciones`, with the reason of both."""
    if aceptado := await espera.de(lambda jobs: jobs.retirar_anulacion(id, quien, motivo=datos.motivo)):
        return aceptado
    return lottery_out(await anulacion.retirar(id, motivo=datos.motivo))


@router.post(
    "/{id}/anular/confirmar",
    summary="Confirmar la anulación",
    **_paso(LlaveNoAdmitida, e.SinAnulacion, e.AnulacionPropia, e.ConfirmadorReciente, e.BasesAlteradas),
)
async def confirmar_anulacion(
    id: Id, anulacion: AnulacionServiceDep, espera: EsperaDep, quien: AuditorDep
) -> LotteryOut | Response:
    """By another admin, or an auditor, who was so before the draw opened."""
    if aceptado := await espera.de(lambda jobs: jobs.confirmar_anulacion(id, quien)):
        return aceptado
    return lottery_out(await anulacion.confirmar(id, quien=quien))
