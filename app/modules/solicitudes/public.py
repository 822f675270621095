"""What becomes of requests when a flat is left, a space comes back, or nobody answers in time."""

import logging
from collections.abc import Sequence

from beanie import PydanticObjectId

from app.core.acts.contract import atendiendo, del_sistema
from app.core.clock import ahora
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.estados import CON_ESPACIO, Actor, RequestStatus
from app.modules.solicitudes.models import Solicitud
from app.modules.solicitudes.movimientos.service import Movimientos
from app.modules.solicitudes.ports import Espacios
from app.modules.solicitudes.repository import SolicitudRepository, VentanillaRepository
from app.shared.exceptions import EntradaInvalida, NoEncontrado, TransicionInvalida

log = logging.getLogger(__name__)

_LOTE = 200
_POR_SALIR = {
    # In this order: who waits is let go first, lest they be offered what their own flat leaves.
    RequestStatus.pendiente: RequestStatus.cancelada,
    RequestStatus.aprobada: RequestStatus.cancelada,
    RequestStatus.en_espera: RequestStatus.retirada,
    RequestStatus.asignada: RequestStatus.declinada,
    RequestStatus.ofrecida: RequestStatus.declinada,
}
_TURNOS = [*_POR_SALIR, RequestStatus.aceptada]
_CON_LUGAR = CON_ESPACIO | {RequestStatus.aceptada}


class SalidaService:
    def __init__(
        self,
        *,
        solicitudes: SolicitudRepository,
        ventanillas: VentanillaRepository,
        movimientos: Movimientos,
        espacios: Espacios,
        uow: UnitOfWork,
    ) -> None:
        self._solicitudes = solicitudes
        self._ventanillas = ventanillas
        self._movimientos = movimientos
        self._espacios = espacios
        self._uow = uow

    async def alguno_en_solicitud(self, *, vehiculos: Sequence[PydanticObjectId]) -> bool:
        return await self._solicitudes.viva_de_vehiculos(vehiculos=vehiculos)

    async def unidad_con_historia(self, *, unidad_id: PydanticObjectId) -> bool:
        return await self._solicitudes.alguna_de(unidad_id=unidad_id)

    async def desocupadas(self, *, unidades: Sequence[PydanticObjectId], usuario_id: PydanticObjectId | None) -> None:
        """Nobody active lives in these flats any more. In a draw that is closed and not published, requests stay in
        their place, for the bases are frozen: publishing moves them on. Joins the transaction of its caller."""
        vivas = await self._solicitudes.vivas_de(unidades=unidades)
        cerrados = await self._ventanillas.siguen_cerradas({s.sorteo_id for s in vivas})
        quedan = [s for s in vivas if s.sorteo_id in cerrados and s.estado is not RequestStatus.aceptada]
        await self._solicitudes.marcar_salidas(quedan)
        for estado in _TURNOS:
            suyas = [s for s in vivas if s.estado is estado and s not in quedan]
            if estado not in _CON_LUGAR:
                a = _POR_SALIR[estado]
                await self._movimientos.mover_varias(suyas, a, actor=Actor.sistema, usuario_id=usuario_id)
                continue
            # What each lets go is offered to the next in line before another does.
            for solicitud in suyas:
                await self._dejar_lugar(solicitud, usuario_id)
        await self._solicitudes.marcar_salida_de_idas(unidades=unidades)

    async def _dejar_lugar(self, solicitud: Solicitud, usuario_id: PydanticObjectId | None) -> None:
        if solicitud.estado is RequestStatus.aceptada:
            espacio = await self._espacios.terminar(solicitud_id=solicitud.oid)
            await self.asignacion_terminada(solicitud_id=solicitud.oid, espacio=espacio)
        else:
            a = _POR_SALIR[solicitud.estado]
            await self._movimientos.mover(solicitud, a, actor=Actor.sistema, usuario_id=usuario_id)

    async def asignacion_terminada(self, *, solicitud_id: PydanticObjectId, espacio: str | None) -> None:
        """The assignment of an accepted request ended; `espacio`, when it is free again, goes to the next in line.
        Joins the transaction of its caller."""
        solicitud = await self._solicitudes.terminar_viva(solicitud_id)
        if solicitud is not None and espacio is not None:
            await self._movimientos.ofrecer(sorteo_id=solicitud.sorteo_id, codigo=espacio)

    async def liberar(self, *, sorteo_id: PydanticObjectId, codigo: str) -> Solicitud | None:
        """Offer a space that stands free to the next in line; None when nobody fits, it is not free, or the draw is
        not `publicado`. Raises NoEncontrado, and EntradaInvalida for a space that is not in the draw."""

        async def paso() -> Solicitud | None:
            if await self._ventanillas.get(sorteo_id) is None:
                raise NoEncontrado()
            if await self._espacios.espacio(sorteo_id=sorteo_id, codigo=codigo) is None:
                raise EntradaInvalida.en("espacio", "no_existe")
            return await self._movimientos.ofrecer(sorteo_id=sorteo_id, codigo=codigo)

        return await self._uow.run(paso)

    async def vencer(self) -> int:
        """Let the answers lapse that did not come in time; how many. Each in a transaction of its own, in one act of
        the system for each draw."""
        vencidas, cuantas = await self._solicitudes.vencidas(ahora=ahora(), limite=_LOTE), 0
        for sorteo_id in dict.fromkeys(solicitud.sorteo_id for solicitud in vencidas):
            with atendiendo(del_sistema("solicitudes_vencer", sorteo_id)):
                cuantas += sum([await self._vencer(s) for s in vencidas if s.sorteo_id == sorteo_id])
        return cuantas

    async def _vencer(self, solicitud: Solicitud) -> bool:
        try:
            await self._uow.run(lambda: self._movimientos.mover(solicitud, RequestStatus.vencida, actor=Actor.sistema))
        except TransicionInvalida:
            return False  # it was answered, or given more time, since it was read
        except Exception:
            # One that cannot lapse must not keep the others from it, beat after beat.
            log.exception("la solicitud %s no vence", solicitud.id)
            return False
        return True
