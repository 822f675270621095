"""Changes of state that people ask for: one by one, in bulk, and more time to answer."""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.decisiones.schemas import (
    ConImpedimentos,
    EstadoMasivo,
    EstadoMasivoOut,
    EstadoUpdate,
    FiltroSolicitudes,
    Omitida,
    Prorroga,
)
from app.modules.solicitudes.estados import CON_ESPACIO, TRANSICIONES, Actor, RequestStatus
from app.modules.solicitudes.models import Solicitud, SolicitudVista, TipoMovimiento, VentanillaVista
from app.modules.solicitudes.movimientos.noticias import Noticias
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.movimientos.repository import MovimientoRepository
from app.modules.solicitudes.movimientos.service import Movimientos
from app.modules.solicitudes.permisos import Llamador, Permisos
from app.modules.solicitudes.repository import Filtros, SolicitudRepository
from app.modules.solicitudes.schemas import RequestOut
from app.modules.solicitudes.service import SolicitudService
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.modules.solicitudes.vista import Vista
from app.shared.exceptions import ConflictoDeInteres, EntradaInvalida, NoEncontrado, ParkNetError, TransicionInvalida

_LOTE = 100
T = TypeVar("T")


def _filtros(filtro: FiltroSolicitudes) -> Filtros:
    return Filtros(
        sorteo_id=filtro.sorteo_id,
        estados=_uno(filtro.estado),
        unidad_id=filtro.unidad_id,
        torres=_uno(filtro.torre),
        tipos=_uno(filtro.tipo),
        placa=filtro.placa,
        impedimentos=_uno(filtro.impedimento),
        vence_antes=filtro.vence_antes,
        q=filtro.q,
    )


def _uno(valor: T | None) -> list[T] | None:
    return None if valor is None else [valor]


@attrs.define(kw_only=True)
class DecisionService:
    _solicitudes: SolicitudRepository
    _historial: MovimientoRepository
    _ventanillas: VentanillaRepository
    _movimientos: Movimientos
    _noticias: Noticias
    _listas: SolicitudService
    _permisos: Permisos
    _vista: Vista
    _precintos: Precintos
    _uow: UnitOfWork

    async def decidir(self, id: PydanticObjectId, datos: EstadoUpdate, quien: Principal) -> RequestOut:
        """Move one; moved there already by the same flat or person, nothing changes. Raises NoEncontrado,
        ConflictoDeInteres, TransicionInvalida, PlazoVencido, SolicitudAlterada, EntradaInvalida without a motivo."""

        async def paso() -> tuple[Solicitud, Llamador]:
            llamador = await self._permisos.llamador(quien, actua=True)
            solicitud = await self._permisos.visible(id, llamador)
            if solicitud.estado is datos.estado and await self._ya_lo_hizo(solicitud, llamador):
                return solicitud, llamador
            ventanilla = await self._ventanillas.get(solicitud.sorteo_id)
            actor = llamador.calidad(solicitud, ventanilla, datos.estado, datos.motivo)
            return await self._mover(solicitud, datos, actor, quien), llamador

        async with self._precintos.vigilar():
            movida, llamador = await self._uow.run(paso)
        return await self._vista.una(movida, llamador)

    async def decidir_varias(self, datos: EstadoMasivo, quien: Principal) -> EstadoMasivoOut:
        """Move each that can be; the others are named with the rule that keeps them. In batches, each a transaction:
        what is interrupted may be asked for again. Raises EntradaInvalida when staff would have to say why."""
        if datos.motivo is None and datos.estado in _CON_MOTIVO:
            raise EntradaInvalida.en("motivo", "motivo_requerido")
        llamador = await self._permisos.llamador(quien, actua=True)
        vistas, omitidas, con_impedimentos = 0, list[Omitida](), list[ConImpedimentos]()
        mover = self._mover_juntas if datos.estado in _SIN_ESPACIO else self._mover_una_a_una
        async for lote in self._lotes(datos, llamador):
            async with self._precintos.vigilar():
                dejadas = await self._uow.run(partial(mover, lote, datos, llamador))
            omitidas += dejadas
            vistas += len(lote)
            if datos.estado is RequestStatus.aprobada:
                movidas = set(lote) - {dejada.id for dejada in dejadas}
                con_impedimentos += await self._impedidas(sorted(movidas), llamador)
        cambiadas = vistas - len(omitidas)
        return EstadoMasivoOut(cambiadas=cambiadas, omitidas=omitidas, con_impedimentos=con_impedimentos)

    async def _lotes(self, datos: EstadoMasivo, llamador: Llamador) -> AsyncIterator[Sequence[PydanticObjectId]]:
        """By ascending id: what is moved meanwhile, and matches no longer, keeps none from being reached."""
        if datos.filtro is None:
            ids = sorted(datos.ids or ())
            for inicio in range(0, len(ids), _LOTE):
                yield ids[inicio : inicio + _LOTE]
            return
        try:
            seleccion = await self._listas.seleccionar(_filtros(datos.filtro), llamador)
        except EntradaInvalida as error:
            raise error.dentro_de("filtro") from error
        cursor: str | None = None
        while True:
            lote, cursor = await self._listas.siguientes(seleccion, llamador, cursor=cursor, limite=_LOTE)
            yield lote
            if cursor is None:
                return

    async def _ya_lo_hizo(self, solicitud: Solicitud, llamador: Llamador) -> bool:
        ultimo = await self._historial.ultimo(solicitud.oid)
        if ultimo is None or ultimo.a is not solicitud.estado or ultimo.usuario_id is None:
            return False
        suya = ultimo.actor is Actor.unidad and llamador.es_de_su_unidad(solicitud)
        return suya or ultimo.usuario_id == llamador.quien.usuario_id

    async def _impedidas(self, ids: Sequence[PydanticObjectId], llamador: Llamador) -> list[ConImpedimentos]:
        """Those of them that something stands in the way of."""
        solicitudes = await self._solicitudes.por_ids(ids) if ids else {}
        vistas = await self._vista.varias([SolicitudVista.de(solicitudes[id]) for id in ids], llamador) if ids else []
        return [ConImpedimentos(id=v.id, impedimentos=v.impedimentos) for v in vistas if v.impedimentos]

    async def prorrogar(self, id: PydanticObjectId, datos: Prorroga, quien: Principal) -> RequestOut:
        """Give more time to answer an assignment or an offer."""

        async def paso() -> tuple[Solicitud, Llamador]:
            llamador = await self._permisos.llamador(quien, actua=True)
            solicitud = await self._permisos.visible(id, llamador)
            llamador.exigir_entero(solicitud.sorteo_id)
            if Actor.personal not in llamador.actores(solicitud):
                raise ConflictoDeInteres()
            if solicitud.estado not in CON_ESPACIO or solicitud.vence_en is None:
                raise TransicionInvalida()
            if datos.vence_en <= max(solicitud.vence_en, ahora()):
                raise EntradaInvalida.en("vence_en", "vence_en_invalido")
            movida = await self._movimientos.prorrogar(solicitud, datos.vence_en)
            await self._movimientos.anotar(
                [(solicitud, solicitud.estado)],
                actor=Actor.personal,
                usuario_id=quien.usuario_id,
                motivo=datos.motivo,
                tipo=TipoMovimiento.prorroga,
                cambios={"vence_en": solicitud.vence_en},
            )
            await self._noticias.prorrogada(movida, motivo=datos.motivo)
            return movida, llamador

        async with self._precintos.vigilar():
            prorrogada = await self._uow.run(paso)
        return await self._vista.una(*prorrogada)

    async def cancelar(self, ids: Sequence[PydanticObjectId], quien: Principal) -> int:
        """Cancel those of them that `quien` may, in the transaction in course; how many."""
        if not ids:
            return 0
        datos = EstadoMasivo(ids=list(ids), filtro=None, estado=RequestStatus.cancelada)
        return len(ids) - len(await self._mover_juntas(ids, datos, await self._permisos.llamador(quien, actua=True)))

    async def _mover_juntas(
        self, ids: Sequence[PydanticObjectId], datos: EstadoMasivo, llamador: Llamador
    ) -> list[Omitida]:
        """Moves that touch no space, and so no other request: judged and made with as many commands as for one."""
        solicitudes = await self._solicitudes.por_ids(ids)
        ventanillas = await self._ventanillas.por_ids(s.sorteo_id for s in solicitudes.values())
        omitidas: list[Omitida] = []
        movidas: dict[Actor, list[Solicitud]] = {}
        for id in ids:
            try:
                solicitud, actor = _juzgar(solicitudes.get(id), ventanillas, datos, llamador)
            except ParkNetError as error:
                omitidas.append(Omitida(id=id, codigo=error.codigo))
            else:
                movidas.setdefault(actor, []).append(solicitud)
        for actor, suyas in movidas.items():
            await self._movimientos.mover_varias(
                suyas, datos.estado, actor=actor, usuario_id=llamador.quien.usuario_id, motivo=datos.motivo
            )
        return omitidas

    async def _mover_una_a_una(
        self, ids: Sequence[PydanticObjectId], datos: EstadoMasivo, llamador: Llamador
    ) -> list[Omitida]:
        """Each is read in its turn: the space that one lets go may just have been offered to the next. A rule is judged
        before anything is written; what goes wrong afterwards undoes the batch."""
        omitidas: list[Omitida] = []
        for id in ids:
            leida = await self._solicitudes.get(id)
            ventanillas = await self._ventanillas.por_ids([leida.sorteo_id] if leida is not None else [])
            try:
                solicitud, actor = _juzgar(leida, ventanillas, datos, llamador)
            except ParkNetError as error:
                omitidas.append(Omitida(id=id, codigo=error.codigo))
            else:
                await self._mover(solicitud, datos, actor, llamador.quien)
        return omitidas

    async def _mover(
        self, solicitud: Solicitud, datos: EstadoUpdate | EstadoMasivo, actor: Actor, quien: Principal
    ) -> Solicitud:
        return await self._movimientos.mover(
            solicitud, datos.estado, actor=actor, usuario_id=quien.usuario_id, motivo=datos.motivo
        )


def _juzgar(
    solicitud: Solicitud | None,
    ventanillas: Mapping[PydanticObjectId, VentanillaVista],
    datos: EstadoMasivo,
    llamador: Llamador,
) -> tuple[Solicitud, Actor]:
    """In what quality the caller may move that one. Raises NoEncontrado, and what `Llamador.calidad` raises."""
    if solicitud is None:
        raise NoEncontrado()
    ventanilla = ventanillas.get(solicitud.sorteo_id)
    return solicitud, llamador.calidad(solicitud, ventanilla, datos.estado, datos.motivo)


_SIN_ESPACIO = {RequestStatus.aprobada, RequestStatus.rechazada, RequestStatus.cancelada}
"""What only requests still to be drawn are moved to: no space is theirs yet."""

_CON_MOTIVO = {t.a for t in TRANSICIONES.values() if Actor.personal in t.con_motivo}
"""Where staff say why, from whatever state they move it."""
