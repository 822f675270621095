"""What becomes of requests when a flat is left, a space comes back, or nobody answers in time."""

from collections.abc import Sequence

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.estados import Actor, Fase, RequestStatus
from app.modules.solicitudes.models import Solicitud
from app.modules.solicitudes.movimientos import Movimientos
from app.modules.solicitudes.ports import Espacios
from app.modules.solicitudes.repository import SolicitudRepository, VentanillaRepository
from app.shared.exceptions import TransicionInvalida

_LOTE = 200
_POR_SALIR = {
    RequestStatus.pendiente: RequestStatus.cancelada,
    RequestStatus.aprobada: RequestStatus.cancelada,
    RequestStatus.en_espera: RequestStatus.retirada,
    RequestStatus.asignada: RequestStatus.declinada,
    RequestStatus.ofrecida: RequestStatus.declinada,
}


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

    async def vehiculo_en_solicitud(self, *, vehiculo_id: PydanticObjectId) -> bool:
        return await self._solicitudes.viva_de_vehiculo(vehiculo_id=vehiculo_id, sorteo_id=None)

    async def unidad_con_historia(self, *, unidad_id: PydanticObjectId) -> bool:
        return await self._solicitudes.find_one({"unidad_id": unidad_id}) is not None

    async def desocupadas(self, *, unidades: Sequence[PydanticObjectId], usuario_id: PydanticObjectId | None) -> None:
        """Nobody active lives in these flats any more. In a draw that is closed and not published, requests stay in
        their place, for the bases are frozen: publishing moves them on."""
        vivas = await self._solicitudes.find({"unidad_id": {"$in": list(unidades)}, "viva": True})
        for solicitud in vivas:
            if solicitud.estado is RequestStatus.aceptada:
                espacio = await self._espacios.terminar(solicitud_id=solicitud.oid)
                await self.asignacion_terminada(solicitud_id=solicitud.oid, espacio=espacio)
                continue
            ventanilla = await self._ventanillas.get(solicitud.sorteo_id)
            if ventanilla is not None and ventanilla.fase is Fase.cerrado:
                await self._solicitudes.update_one({"_id": solicitud.id}, {"$set": {"salida": True}})
            else:
                await self._sacar(solicitud, usuario_id)

    async def asignacion_terminada(self, *, solicitud_id: PydanticObjectId, espacio: str | None) -> None:
        """The assignment of an accepted request ended; `espacio`, when it is free again, goes to the next in line."""
        solicitud = await self._solicitudes.update_one({"_id": solicitud_id}, {"$set": {"viva": False}})
        if solicitud is not None and espacio is not None:
            await self._movimientos.ofrecer(sorteo_id=solicitud.sorteo_id, codigo=espacio)

    async def liberar(self, *, sorteo_id: PydanticObjectId, codigo: str) -> Solicitud | None:
        """Offer a space that stands free to the next in line; None when nobody fits or it is not free."""
        return await self._uow.run(lambda: self._movimientos.ofrecer(sorteo_id=sorteo_id, codigo=codigo))

    async def vencer(self) -> int:
        """Let the answers lapse that did not come in time; how many. Each in a transaction of its own."""
        vencidas = await self._solicitudes.vencidas(ahora=ahora(), limite=_LOTE)
        total = 0
        for solicitud in vencidas:
            total += await self._vencer(solicitud)
        return total

    async def _vencer(self, solicitud: Solicitud) -> bool:
        async def paso() -> bool:
            try:
                await self._movimientos.mover(solicitud, RequestStatus.vencida, actor=Actor.sistema)
            except TransicionInvalida:
                return False  # it was answered, or given more time, since it was read
            return True

        return await self._uow.run(paso)

    async def _sacar(self, solicitud: Solicitud, usuario_id: PydanticObjectId | None) -> None:
        await self._movimientos.mover(
            solicitud, _POR_SALIR[solicitud.estado], actor=Actor.sistema, usuario_id=usuario_id
        )
