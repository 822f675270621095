"""Changes of state that people ask for: one by one, in bulk, and more time to answer."""

from typing import Any

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import PERSONAL, Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.estados import CON_ESPACIO, TRANSICIONES, Actor, RequestStatus
from app.modules.solicitudes.models import Solicitud, TipoMovimiento
from app.modules.solicitudes.movimientos import Movimientos
from app.modules.solicitudes.repository import SolicitudRepository, VentanillaRepository
from app.modules.solicitudes.schemas import (
    EstadoMasivo,
    EstadoMasivoOut,
    EstadoUpdate,
    FiltroSolicitudes,
    Omitida,
    Prorroga,
    RequestOut,
)
from app.modules.solicitudes.service import SolicitudService
from app.modules.solicitudes.vista import Vista, actores
from app.shared.exceptions import ConflictoDeInteres, EntradaInvalida, NoEncontrado, ParkNetError, TransicionInvalida

_LOTE = 100


class DecisionService:
    def __init__(
        self,
        *,
        solicitudes: SolicitudRepository,
        ventanillas: VentanillaRepository,
        movimientos: Movimientos,
        consulta: SolicitudService,
        vista: Vista,
        uow: UnitOfWork,
    ) -> None:
        self._solicitudes = solicitudes
        self._ventanillas = ventanillas
        self._movimientos = movimientos
        self._consulta = consulta
        self._vista = vista
        self._uow = uow

    async def decidir(self, id: PydanticObjectId, datos: EstadoUpdate, quien: Principal) -> RequestOut:
        async def paso() -> Solicitud:
            solicitud = await self._consulta.visible(id, quien)
            return await self._decidir(
                solicitud, datos.estado, datos.motivo, quien, await self._consulta.propias(quien)
            )

        return await self._vista.una(await self._uow.run(paso), quien)

    async def decidir_varias(self, datos: EstadoMasivo, quien: Principal) -> EstadoMasivoOut:
        """Decide each that can be; the others are named with the rule that keeps them. In batches, each a transaction:
        what is interrupted may be asked for again."""
        cambiadas, omitidas = 0, list[Omitida]()
        propias = await self._consulta.propias(quien)
        despues_de: PydanticObjectId | None = None
        alcance = {"_id": {"$in": datos.ids}} if datos.ids is not None else _consulta_de(datos.filtro)

        async def paso() -> tuple[list[Omitida], list[PydanticObjectId]]:
            filtro = alcance if despues_de is None else {"$and": [alcance, {"_id": {"$gt": despues_de}}]}
            fuera: list[Omitida] = []
            lote = await self._solicitudes.find(filtro, limite=_LOTE)
            for solicitud in lote:
                try:
                    await self._decidir(solicitud, datos.estado, datos.motivo, quien, propias)
                except ParkNetError as error:
                    fuera.append(Omitida(id=solicitud.oid, codigo=error.codigo))
            return fuera, [s.oid for s in lote]

        vistas: set[PydanticObjectId] = set()
        while True:
            fuera, ids = await self._uow.run(paso)
            omitidas += fuera
            cambiadas += len(ids) - len(fuera)
            vistas.update(ids)
            if len(ids) < _LOTE:
                break
            despues_de = ids[-1]
        omitidas += [Omitida(id=id, codigo=NoEncontrado.codigo) for id in datos.ids or [] if id not in vistas]
        return EstadoMasivoOut(cambiadas=cambiadas, omitidas=omitidas)

    async def prorrogar(self, id: PydanticObjectId, datos: Prorroga, quien: Principal) -> RequestOut:
        """Give more time to answer an assignment or an offer."""

        async def paso() -> Solicitud:
            solicitud = await self._consulta.visible(id, quien)
            if Actor.personal not in actores(quien, solicitud, await self._consulta.propias(quien)):
                raise ConflictoDeInteres()
            if solicitud.estado not in CON_ESPACIO or solicitud.vence_en is None:
                raise TransicionInvalida()
            if datos.vence_en <= max(solicitud.vence_en, ahora()):
                raise EntradaInvalida.en("vence_en", "vence_en_invalido")
            movida = await self._solicitudes.mover(
                solicitud, solicitud.estado, cambios={"vence_en": datos.vence_en}, ahora=ahora()
            )
            if movida is None:
                raise TransicionInvalida()
            await self._movimientos.anotar(
                [(solicitud, solicitud.estado)],
                actor=Actor.personal,
                usuario_id=quien.usuario_id,
                motivo=datos.motivo,
                tipo=TipoMovimiento.prorroga,
                cambios={"vence_en": solicitud.vence_en},
            )
            return movida

        return await self._vista.una(await self._uow.run(paso), quien)

    async def _decidir(
        self,
        solicitud: Solicitud,
        a: RequestStatus,
        motivo: str | None,
        quien: Principal,
        propias: frozenset[PydanticObjectId],
    ) -> Solicitud:
        ventanilla = await self._ventanillas.get(solicitud.sorteo_id)
        transicion = TRANSICIONES.get((solicitud.estado, a))
        if transicion is None or ventanilla is None or transicion.fase is not ventanilla.fase:
            raise TransicionInvalida()
        suyos = actores(quien, solicitud, propias)
        actor = next((actor for actor in suyos if actor in transicion.actores), None)
        if actor is None:
            # Somebody of the staff who lives there: what only staff decide is for another of them.
            propio = solicitud.unidad_id in propias and quien.rol in PERSONAL and quien.rol is not Rol.admin
            raise ConflictoDeInteres() if propio and Actor.personal in transicion.actores else TransicionInvalida()
        if actor in transicion.con_motivo and motivo is None:
            raise EntradaInvalida.en("motivo", "motivo_requerido")
        return await self._movimientos.mover(solicitud, a, actor=actor, usuario_id=quien.usuario_id, motivo=motivo)


def _consulta_de(filtro: FiltroSolicitudes | None) -> dict[str, Any]:
    campos = filtro.model_dump(exclude_none=True) if filtro else {}
    nombres = {"tipo": "clase", "impedimento": "impedimentos"}
    return {nombres.get(campo, campo): valor for campo, valor in campos.items()}
