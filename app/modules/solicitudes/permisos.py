"""Who may see a request, and in what quality somebody may move one."""

from datetime import datetime

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import PERSONAL, Principal, Rol
from app.modules.solicitudes.estados import TRANSICIONES, Actor, Fase, RequestStatus, posibles
from app.modules.solicitudes.models import Solicitud, SolicitudVista, Ventanilla, VentanillaVista
from app.modules.solicitudes.ports import Padron, Solicitante
from app.modules.solicitudes.repository import Alcance, SolicitudRepository
from app.shared.exceptions import ConflictoDeInteres, EntradaInvalida, NoEncontrado, TransicionInvalida


@attrs.frozen
class Llamador:
    """Who is calling, and the resident that they are or were, with the flats that were ever theirs (`vinculadas`) and
    those in which they live now (`unidades`)."""

    quien: Principal
    solicitante: Solicitante | None
    vinculadas: frozenset[PydanticObjectId] = attrs.field(init=False)
    unidades: frozenset[PydanticObjectId] = attrs.field(init=False)

    @vinculadas.default
    def _vinculadas(self) -> frozenset[PydanticObjectId]:
        return frozenset(self.solicitante.unidades if self.solicitante is not None else ())

    @unidades.default
    def _unidades(self) -> frozenset[PydanticObjectId]:
        vive = self.solicitante is not None and self.solicitante.activo and self.quien.residente_id is not None
        return self.vinculadas if vive else frozenset()

    def actores(self, solicitud: Solicitud | SolicitudVista) -> list[Actor]:
        """In what qualities they may move a request, as its flat first. An operador decides neither about their own
        request nor about one that they made for a flat they have left."""
        vive = solicitud.unidad_id in self.unidades
        suya = vive or solicitud.unidad_id in self.vinculadas or solicitud.residente_id == self.quien.interesado_id
        calidades = [Actor.unidad] if vive and self.quien.rol is not Rol.auditor else []
        if self.quien.rol in PERSONAL and not (suya and self.quien.rol is Rol.operador):
            calidades.append(Actor.personal)
        return calidades

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
        """In what quality they may make that move now. Raises TransicionInvalida, ConflictoDeInteres, and
        EntradaInvalida when a reason is missing."""
        transicion = TRANSICIONES.get((solicitud.estado, a))
        if transicion is None or ventanilla is None or transicion.fase is not ventanilla.fase:
            raise TransicionInvalida()
        if vencio(solicitud.vence_en):
            raise TransicionInvalida()
        actor = next((actor for actor in self.actores(solicitud) if actor in transicion.actores), None)
        if actor is None:
            # What only staff decide is, for an operador's own, for another of them.
            propia = self.quien.rol is Rol.operador and Actor.personal in transicion.actores
            raise ConflictoDeInteres() if propia else TransicionInvalida()
        if actor in transicion.con_motivo and motivo is None:
            raise EntradaInvalida.en("motivo", "motivo_requerido")
        return actor


def vencio(plazo: datetime | None) -> bool:
    """Nobody answers it any more, even if it has not lapsed yet."""
    return plazo is not None and plazo <= ahora()


@attrs.define(kw_only=True)
class Permisos:
    _solicitudes: SolicitudRepository
    _padron: Padron

    async def llamador(self, quien: Principal) -> Llamador:
        solicitante = None
        if quien.interesado_id is not None:
            solicitante = await self._padron.solicitante(residente_id=quien.interesado_id)
        return Llamador(quien, solicitante)

    async def alcance(self, llamador: Llamador) -> Alcance | None:
        """What the caller sees; None means everything."""
        if llamador.quien.es_personal:
            return None
        return await self._alcance(llamador.quien.residente_id, sorted(llamador.unidades))

    async def visible(self, id: PydanticObjectId, llamador: Llamador) -> Solicitud:
        """The request, if the caller may see it. Raises NoEncontrado, the same for one that does not exist."""
        solicitud = await self._solicitudes.visible(id, await self.alcance(llamador))
        if solicitud is None:
            raise NoEncontrado()
        return solicitud

    async def propias(self, *, residente_id: PydanticObjectId) -> list[PydanticObjectId]:
        """The requests whose level and reasons a resident may see: their own, and what residents of now of their flats
        asked for. A request of a former tenant, even a live one, could tell a condition of somebody else."""
        solicitante = await self._padron.solicitante(residente_id=residente_id)
        unidades = sorted(solicitante.unidades) if solicitante is not None and solicitante.activo else []
        return await self._solicitudes.propias(await self._alcance(residente_id, unidades))

    async def _alcance(self, residente_id: PydanticObjectId | None, unidades: list[PydanticObjectId]) -> Alcance:
        vecinos = await self._padron.residentes_de(unidades=unidades)
        return Alcance(residente_id=residente_id, unidades=unidades, vecinos=vecinos)
