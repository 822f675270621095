"""What other modules may ask about requests, and tell of what happens to them. The steps of a draw are in
`ventanilla/public.py`, what first screens show in `resumen/service.py`."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.modules.solicitudes.decisiones.aprobaciones import Aprobaciones
from app.modules.solicitudes.estados import CON_ESPACIO, Actor, Fase, RequestStatus
from app.modules.solicitudes.exceptions import SolicitudAlterada
from app.modules.solicitudes.models import Solicitud
from app.modules.solicitudes.movimientos.noticias import Noticias
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.movimientos.repository import PrecintoRepository
from app.modules.solicitudes.movimientos.service import Movimientos, antes_de_todos
from app.modules.solicitudes.permisos import Permisos
from app.modules.solicitudes.ports import EspacioQueSeToma, Espacios, SolicitudDeListado
from app.modules.solicitudes.repository import SolicitudRepository
from app.modules.solicitudes.resumen.repository import ConteoRepository
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.shared.repository import FilasPorId

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


_DE_UNA_FILA = (
    *("sorteo_id", "unidad_id", "clase", "estado", "espera", "prestado", "creado_en", "actualizado_en"),
    "vence_en",
)


def filas() -> FilasPorId[Solicitud]:
    """All requests there are."""
    return FilasPorId(filas=SolicitudRepository(), campos=_DE_UNA_FILA)


@attrs.frozen
class Guardada:
    """A request for which a space is kept."""

    id: PydanticObjectId
    sorteo_id: PydanticObjectId
    espacio: str


@attrs.define(kw_only=True)
class SolicitudesPublicas:
    """Every call joins the transaction of its caller."""

    _solicitudes: SolicitudRepository
    _ventanillas: VentanillaRepository
    _movimientos: Movimientos
    _espacios: Espacios
    _permisos: Permisos
    _conteos: ConteoRepository
    _aprobaciones: Aprobaciones
    _noticias: Noticias
    _precintos: Precintos
    _precintadas: PrecintoRepository

    async def alguno_en_solicitud(self, *, vehiculos: Sequence[PydanticObjectId]) -> bool:
        return await self._solicitudes.viva_de_vehiculos(vehiculos=vehiculos)

    async def con_solicitud(self, *, vehiculos: Sequence[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        return await self._solicitudes.con_viva(vehiculos=vehiculos)

    async def que_pidieron(
        self, *, residentes: Sequence[PydanticObjectId], unidades: Sequence[PydanticObjectId]
    ) -> frozenset[PydanticObjectId]:
        pidieron = await self._solicitudes.pedidas_por(residentes=residentes)
        return pidieron | await self._solicitudes.vivian(residentes=residentes, unidades=unidades)

    async def unidades_con_vivas(self, *, unidades: Sequence[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        return await self._solicitudes.unidades_con(unidades=unidades, vivas=True)

    async def unidades_con_historia(self, *, unidades: Sequence[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        return await self._solicitudes.unidades_con(unidades=unidades, vivas=False)

    async def datos_de(self, *, residente_id: PydanticObjectId) -> Sequence[Mapping[str, Any]]:
        """The requests that the resident handed in."""
        return await self._solicitudes.mostrar_las_de(residente_id)

    async def suprimir_de(self, *, residente_id: PydanticObjectId, desocupadas: Sequence[PydanticObjectId]) -> None:
        """A request stays, with the ids and the folio that files of draws name. The plate goes where it was of nobody
        who still lives there."""
        await self._solicitudes.olvidar_placas(residente_id, unidades=desocupadas)

    async def corregir_placa(self, *, vehiculo_id: PydanticObjectId, placa: str | None) -> bool:
        """Write that plate into the live requests for that vehicle. False, and nothing is written, when one of them is
        in a draw that has closed."""
        sorteos = await self._solicitudes.sorteos_con(vehiculo_id=vehiculo_id)
        if await self._ventanillas.siguen_abiertas(sorteos) != sorteos:
            return False
        await self._solicitudes.poner_placa(vehiculo_id=vehiculo_id, placa=placa)
        return True

    async def cambiaron(self, *, unidades: Collection[PydanticObjectId]) -> None:
        """Facts of those flats: what the rules approve may be approved now."""
        await self._aprobaciones.reconsiderar(unidades=unidades)

    async def unidad_con_historia(self, *, unidad_id: PydanticObjectId) -> bool:
        return await self._solicitudes.alguna_de(unidad_id=unidad_id)

    async def sorteos_en_curso(self) -> list[PydanticObjectId]:
        """The draws that are open, closed or published."""
        return await self._ventanillas.en_curso()

    async def espacio_disponible(self, *, codigo: str) -> None:
        """Offer a space that is in use again to the next in line of the published draw that had it."""
        await self._movimientos.ofrecer_en_otro(codigo)

    async def propias(self, *, residente_id: PydanticObjectId) -> list[PydanticObjectId]:
        """The requests whose level and reasons a resident may see."""
        return await self._permisos.propias(residente_id=residente_id)

    async def listado(self, *, ids: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, SolicitudDeListado]:
        return {
            id: SolicitudDeListado(
                residente_id=s.residente_id,
                clase=s.clase,
                placa=s.vehiculo.placa,
                estado=s.estado,
                espacio=s.espacio,
            )
            for id, s in (await self._solicitudes.por_ids(ids)).items()
        }

    async def guardadas(self, *, sorteos: Sequence[PydanticObjectId], espacios: Sequence[str]) -> Sequence[Guardada]:
        """Those of these draws for which one of these spaces is kept, as far as the rules left them so."""
        filas = await self._precintadas.con_espacio(sorteos, espacios) if sorteos else []
        suyas = filter(self._precintos.es_de_las_reglas, filas)
        return [Guardada(fila["_id"], fila["sorteo_id"], fila["espacio"]) for fila in suyas]

    async def lugares_en_espera(self, *, ids: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, int]:
        """Of those that wait, the place among all who still wait in their draw."""
        return await self._solicitudes.lugares_de(ids)

    async def desenlaces(self, *, sorteos: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, dict[str, int]]:
        """By draw, what became of its requests: see `ConteoRepository`."""
        return await self._conteos.desenlaces(sorteos)

    async def desocupadas(self, *, unidades: Sequence[PydanticObjectId], usuario_id: PydanticObjectId | None) -> None:
        """Nobody active lives in these flats any more. In a draw that is closed and not published, requests stay in
        their place, for the bases are frozen: publishing moves them on."""
        vivas = await self._solicitudes.vivas_de(unidades=unidades)
        cerrados = await self._ventanillas.siguen_cerradas({s.sorteo_id for s in vivas})
        quedan = [s for s in vivas if s.sorteo_id in cerrados and s.estado is not RequestStatus.aceptada]
        await self._solicitudes.marcar_salidas(quedan)
        for estado in _TURNOS:
            suyas = [s for s in vivas if s.estado is estado and s not in quedan]
            if estado not in _CON_LUGAR:
                a = _POR_SALIR[estado]
                await self._movimientos.mover_varias(suyas, a, actor=Actor.sistema, usuario_id=usuario_id)
                for solicitud in (s for s in suyas if s.reclamada):
                    await self._terminar(solicitud)
                continue
            # What each lets go is offered to the next in line before another does.
            for solicitud in suyas:
                await self._dejar_lugar(solicitud, usuario_id)
        await self._solicitudes.marcar_salida_de_idas(unidades=unidades)

    async def asignacion_terminada(
        self, *, solicitud_id: PydanticObjectId, espacio: str | None, revocada: str | None = None
    ) -> None:
        """The assignment of an accepted request ended; `espacio`, when it is free again, goes to the next in line.
        `revocada`: why it was taken away from the flat."""
        solicitud = await self._solicitudes.terminar_viva(solicitud_id)
        if solicitud is not None and revocada is not None:
            await self._noticias.revocada(solicitud, espacio=espacio or solicitud.espacio, motivo=revocada)
        if solicitud is not None and espacio is not None:
            await self._movimientos.ofrecer_suelto(sorteo_id=solicitud.sorteo_id, codigo=espacio)
        if solicitud is not None:
            await self._aprobaciones.reconsiderar(unidades=[solicitud.unidad_id])

    async def reclamada(self, *, solicitud_id: PydanticObjectId, motivo: str | None) -> None:
        """What was lent to an accepted request is claimed back: it goes first in line, while there is a line, and gets
        what nobody in line could use."""
        solicitud = await self._solicitudes.get(solicitud_id)
        ventanilla = None if solicitud is None else await self._ventanillas.get(solicitud.sorteo_id)
        if solicitud is None or ventanilla is None:
            return
        if ventanilla.fase is Fase.publicado:
            cambios = {"espacio": None, "prestado": False, "lugar": antes_de_todos()}
            await self._movimientos.mover(
                solicitud, RequestStatus.en_espera, actor=Actor.sistema, motivo=motivo, cambios=cambios
            )
            # Whoever lets go of a space at this moment does not see who has come into the line, and collides.
            await self._ventanillas.tocar(solicitud.sorteo_id)
            await self._movimientos.ofrecer_libres(solicitud.sorteo_id)
        await self._aprobaciones.reconsiderar(unidades=[solicitud.unidad_id])

    async def sin_espera(self, *, solicitud_id: PydanticObjectId, motivo: str | None) -> None:
        """The request, if it waits, waits no more."""
        solicitud = await self._solicitudes.get(solicitud_id)
        if solicitud is not None and solicitud.estado is RequestStatus.en_espera:
            await self._movimientos.mover(solicitud, RequestStatus.retirada, actor=Actor.sistema, motivo=motivo)

    def vigilar(self) -> AbstractAsyncContextManager[None]:
        """Around a transaction: what is found altered of requests within is told before the error goes on."""
        return self._precintos.vigilar()

    async def permutables(self, *, cambios: Mapping[PydanticObjectId, EspacioQueSeToma]) -> bool:
        """Whether each of those, of one draw, is an accepted request that may use that space by its own right, on the
        facts frozen in the bases. Raises SolicitudAlterada."""
        return await self._para_permutar(cambios) is not None

    async def permutar(self, *, cambios: Mapping[PydanticObjectId, EspacioQueSeToma], motivo: str) -> bool:
        """Each of those requests has that space from now on. False, and nothing is written, unless `permutables`.
        Raises SolicitudAlterada."""
        solicitudes = await self._para_permutar(cambios)
        if solicitudes is None:
            return False
        for solicitud in solicitudes:
            await self._movimientos.permutar(solicitud, cambios[solicitud.oid].codigo, motivo=motivo)
        return True

    async def _para_permutar(self, cambios: Mapping[PydanticObjectId, EspacioQueSeToma]) -> Sequence[Solicitud] | None:
        solicitudes = await self._solicitudes.por_ids(list(cambios))
        if solicitudes.keys() != cambios.keys():
            return None
        de_que_sorteo = {s.sorteo_id for s in solicitudes.values()}
        sorteo_id = min(de_que_sorteo)
        await self._precintos.exigir(*solicitudes.values())
        segun = await self._espacios.publicados(sorteo_id=sorteo_id)
        if len(de_que_sorteo) > 1 or not all(segun(e.codigo, e) for e in cambios.values()):
            raise SolicitudAlterada(sorteo_id, donde="espacios")
        pueden = all(
            s.estado is RequestStatus.aceptada and s.viva and _puede_usar(s, cambios[id])
            for id, s in solicitudes.items()
        )
        return list(solicitudes.values()) if pueden else None

    async def _dejar_lugar(self, solicitud: Solicitud, usuario_id: PydanticObjectId | None) -> None:
        if solicitud.estado is RequestStatus.aceptada:
            await self._terminar(solicitud)
        else:
            a = _POR_SALIR[solicitud.estado]
            await self._movimientos.mover(solicitud, a, actor=Actor.sistema, usuario_id=usuario_id)
            if solicitud.reclamada:
                await self._terminar(solicitud)

    async def _terminar(self, solicitud: Solicitud) -> None:
        """End what the request holds, and offer it to the next."""
        espacio = await self._espacios.terminar(solicitud_id=solicitud.oid)
        await self.asignacion_terminada(solicitud_id=solicitud.oid, espacio=espacio)


def _puede_usar(solicitud: Solicitud, espacio: EspacioQueSeToma) -> bool:
    return espacio.tipo in solicitud.tipos and (espacio.reserva is None or espacio.reserva in solicitud.condiciones)
