"""Who may see a request, and in what quality somebody may move one."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import PERSONAL, Principal, Rol
from app.modules.solicitudes.estados import TRANSICIONES, Actor, Fase, RequestStatus, posibles
from app.modules.solicitudes.exceptions import PlazoVencido, SolicitudAlterada
from app.modules.solicitudes.models import Solicitud, SolicitudVista, Ventanilla, VentanillaVista
from app.modules.solicitudes.movimientos.marcas import Marcas, fila_marcada
from app.modules.solicitudes.ports import Padron, Solicitante
from app.modules.solicitudes.repository import Alcance, SolicitudRepository
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.shared.exceptions import (
    ConflictoDeInteres,
    EntradaInvalida,
    NoEncontrado,
    RolInsuficiente,
    TransicionInvalida,
    hallado,
)

_RESPUESTAS = frozenset({RequestStatus.aceptada, RequestStatus.declinada, RequestStatus.retirada})


@attrs.frozen
class Llamador:
    """Who is calling, and the resident that they are or were, with the flats that are theirs or were when they became
    inactive (`vinculadas`), those in which they live now (`unidades`), and who lives in each of these (`vecinos`)."""

    quien: Principal
    solicitante: Solicitante | None
    vecinos: Mapping[PydanticObjectId, Sequence[PydanticObjectId]] = attrs.field(factory=dict)
    vinculadas: frozenset[PydanticObjectId] = attrs.field(init=False)
    unidades: frozenset[PydanticObjectId] = attrs.field(init=False)

    @vinculadas.default
    def _vinculadas(self) -> frozenset[PydanticObjectId]:
        return frozenset(self.solicitante.unidades if self.solicitante is not None else ())

    @unidades.default
    def _unidades(self) -> frozenset[PydanticObjectId]:
        vive = self.solicitante is not None and self.solicitante.activo and self.quien.residente_id is not None
        return self.vinculadas if vive else frozenset()

    @property
    def alcance(self) -> Alcance | None:
        """What the caller sees; None means everything."""
        return None if self.quien.es_personal else Alcance(vecinos=self.vecinos)

    def es_de_su_unidad(self, solicitud: Solicitud | SolicitudVista) -> bool:
        """Whether they live in its flat, and somebody who did when it was handed in still does."""
        return any(vecino in solicitud.habitantes for vecino in self.vecinos.get(solicitud.unidad_id, ()))

    def exigir_entero(self, sorteo_id: PydanticObjectId) -> None:
        """Before anything is done for where they live, or kept from being done to it: that is what was stated. Raises
        SolicitudAlterada."""
        if self.solicitante is not None and self.solicitante.alterado is not None:
            raise SolicitudAlterada(sorteo_id, donde=self.solicitante.alterado, objeto=self.solicitante.residente_id)

    def actores(self, solicitud: Solicitud | SolicitudVista) -> list[Actor]:
        """In what qualities they may move a request, as its flat first. An operador decides neither about a request of
        their flat nor, in a draw that they lived there through, about one of a flat that they have left."""
        if self.quien.interesado_id is None:
            # Whoever never lived here: of most staff and every page of theirs, so nothing is looked for.
            return [Actor.personal] if self.quien.rol in PERSONAL else []
        vive = self.es_de_su_unidad(solicitud)
        suya = vive or self.tiene_que_ver(solicitud)
        calidades = [Actor.unidad] if vive else []
        if self.quien.rol in PERSONAL and not (suya and self.quien.rol is Rol.operador):
            calidades.append(Actor.personal)
        return calidades

    def tiene_que_ver(self, solicitud: Solicitud | SolicitudVista) -> bool:
        """Whether its flat is theirs, or was."""
        dejadas = self.solicitante.dejadas if self.solicitante is not None else frozenset()
        return (
            solicitud.unidad_id in self.vinculadas
            or self.quien.interesado_id in solicitud.habitantes
            or (solicitud.unidad_id, solicitud.sorteo_id) in dejadas
        )

    def acciones(self, solicitud: SolicitudVista, fase: Fase) -> list[RequestStatus]:
        """The states that they may move it to now."""
        if vencio(solicitud.vence_en):
            return []
        movidas = [a for actor in self.actores(solicitud) for a in posibles(solicitud.estado, actor, fase)]
        return list(dict.fromkeys(movidas))

    def calidad(
        self,
        solicitud: Solicitud,
        ventanilla: Ventanilla | VentanillaVista | None,
        a: RequestStatus,
        motivo: str | None,
    ) -> Actor:
        """In what quality they may make that move now. Raises TransicionInvalida, PlazoVencido, ConflictoDeInteres,
        RolInsuficiente, SolicitudAlterada, and EntradaInvalida when a reason is missing."""
        self.exigir_entero(solicitud.sorteo_id)
        if _se_paso(solicitud, a):
            raise PlazoVencido()
        transicion = TRANSICIONES.get((solicitud.estado, a))
        if transicion is None or ventanilla is None or transicion.fase is not ventanilla.fase:
            raise TransicionInvalida()
        actor = next((actor for actor in self.actores(solicitud) if actor in transicion.actores), None)
        if actor is None:
            if self.quien.rol is Rol.auditor:
                raise RolInsuficiente()  # they read it, and it is not their flat's to move
            # What only staff decide is, for an operador's own, for another of them.
            propia = self.quien.rol is Rol.operador and Actor.personal in transicion.actores
            raise ConflictoDeInteres() if propia else TransicionInvalida()
        if actor in transicion.con_motivo and motivo is None:
            raise EntradaInvalida.en("motivo", "motivo_requerido")
        return actor


def _se_paso(solicitud: Solicitud, a: RequestStatus) -> bool:
    """Whether it would answer what had to be answered before. What ended with its draw has a `motivo`."""
    if solicitud.estado is RequestStatus.vencida:
        return solicitud.motivo is None and a in _RESPUESTAS
    return vencio(solicitud.vence_en) and (solicitud.estado, a) in TRANSICIONES


def vencio(plazo: datetime | None) -> bool:
    """Nobody answers it any more, even if it has not lapsed yet."""
    return plazo is not None and plazo <= ahora()


@attrs.define(kw_only=True)
class Permisos:
    _solicitudes: SolicitudRepository
    _ventanillas: VentanillaRepository
    _padron: Padron
    _marcas: Marcas

    async def llamador(self, quien: Principal, *, actua: bool = False) -> Llamador:
        """`actua`: see `Padron.solicitante`."""
        llamador = await self.pide(quien, actua=actua)
        if not llamador.unidades:
            return llamador
        return attrs.evolve(llamador, vecinos=await self._padron.residentes_de(unidades=llamador.unidades))

    async def pide(self, quien: Principal, *, actua: bool = False) -> Llamador:
        """The same without their neighbours, for who hands in and knows of them by other means."""
        solicitante = None
        if quien.interesado_id is not None:
            solicitante = await self._padron.solicitante(residente_id=quien.interesado_id, actua=actua)
        return Llamador(quien, solicitante)

    async def al_alcance(self, id: PydanticObjectId, llamador: Llamador) -> Solicitud:
        """The request, if it is of a flat of the caller: `Vista` tells whether it is shown. Raises NoEncontrado, the
        same for one that does not exist; SolicitudAlterada, for one that somebody hid from them on the database."""
        solicitud = await self._solicitudes.visible(id, llamador.alcance)
        if solicitud is None and llamador.solicitante is not None:
            await self._exigir_no_escondida(id, llamador)
        return hallado(solicitud)

    async def visible(self, id: PydanticObjectId, llamador: Llamador) -> Solicitud:
        """The same, if the caller may see it: of a draw that is not open yet, which repeats another, copies are for
        staff alone."""
        solicitud = await self.al_alcance(id, llamador)
        if llamador.alcance is not None:
            ventanillas = await self._ventanillas.por_ids([solicitud.sorteo_id])
            if ventanillas[solicitud.sorteo_id].fase is Fase.borrador:
                raise NoEncontrado()
        return solicitud

    async def _exigir_no_escondida(self, id: PydanticObjectId, llamador: Llamador) -> None:
        solicitud = await self._solicitudes.get(id)
        if solicitud is None:
            return
        llamador.exigir_entero(solicitud.sorteo_id)
        if llamador.tiene_que_ver(solicitud) and not self._marcas.de_quien_era(fila_marcada(solicitud)):
            raise SolicitudAlterada(solicitud.sorteo_id, donde="solicitudes", folio=solicitud.folio)

    async def propias(self, *, residente_id: PydanticObjectId) -> list[PydanticObjectId]:
        """The requests of the flats of a resident."""
        solicitante = await self._padron.solicitante(residente_id=residente_id)
        if solicitante is None or not solicitante.activo:
            return []
        vecinos = await self._padron.residentes_de(unidades=solicitante.unidades)
        return await self._solicitudes.propias(Alcance(vecinos=vecinos))
