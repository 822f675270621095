"""Who is calling, as far as requests are concerned, and how requests look to them: what they may do next, what stands
in the way, and for staff, whose they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import PERSONAL, Principal, Rol
from app.modules.solicitudes.estados import POR_DECIDIR, Actor, Fase, RequestStatus, posibles
from app.modules.solicitudes.impedimentos import Juez, Pedido
from app.modules.solicitudes.models import Solicitud, Ventanilla
from app.modules.solicitudes.ports import Padron
from app.modules.solicitudes.repository import VentanillaRepository
from app.modules.solicitudes.schemas import RequestOut, ResidenteDeSolicitud, StaffRequestOut, VehiculoDeSolicitudOut


@dataclass(frozen=True, slots=True)
class Llamador:
    """Who is calling, the flats in which they live now, and those that were ever theirs."""

    quien: Principal
    unidades: frozenset[PydanticObjectId]
    vinculadas: frozenset[PydanticObjectId] = frozenset()

    def actores(self, solicitud: Solicitud) -> list[Actor]:
        """In what qualities they may move a request: as its flat first. An operador does not decide about their own,
        nor about one they made for a flat they have left."""
        vive = solicitud.unidad_id in self.unidades
        suya = vive or solicitud.unidad_id in self.vinculadas or solicitud.residente_id == self.quien.interesado_id
        calidades = [Actor.unidad] if vive and self.quien.rol is not Rol.auditor else []
        if self.quien.rol in PERSONAL and not (suya and self.quien.rol is Rol.operador):
            calidades.append(Actor.personal)
        return calidades

    def acciones(self, solicitud: Solicitud, fase: Fase) -> list[RequestStatus]:
        if solicitud.vence_en is not None and solicitud.vence_en <= ahora():
            return []
        movidas = [a for actor in self.actores(solicitud) for a in posibles(solicitud.estado, actor, fase)]
        return list(dict.fromkeys(movidas))


class Vista:
    def __init__(self, *, ventanillas: VentanillaRepository, padron: Padron, juez: Juez) -> None:
        self._ventanillas = ventanillas
        self._padron = padron
        self._juez = juez

    async def llamador(self, quien: Principal) -> Llamador:
        solicitante = None
        if quien.interesado_id is not None:
            solicitante = await self._padron.solicitante(residente_id=quien.interesado_id)
        vinculadas = frozenset(solicitante.unidades if solicitante else ())
        vive = solicitante is not None and solicitante.activo and quien.residente_id is not None
        return Llamador(quien, vinculadas if vive else frozenset(), vinculadas)

    async def una(self, solicitud: Solicitud, quien: Principal) -> RequestOut:
        return (await self.varias([solicitud], quien))[0]

    async def varias(self, solicitudes: Sequence[Solicitud], quien: Principal) -> list[RequestOut]:
        """In the same order. The number of queries does not grow with that of requests."""
        ventanillas = await self._ventanillas.por_ids(s.sorteo_id for s in solicitudes)
        impedimentos = await self._impedimentos(solicitudes, list(ventanillas.values()))
        llamador = await self.llamador(quien)
        salidas = [
            _mostrar(s, impedimentos[s.oid], llamador.acciones(s, ventanillas[s.sorteo_id].fase)) for s in solicitudes
        ]
        return await self._con_residente(solicitudes, salidas) if quien.es_personal else salidas

    async def _impedimentos(
        self, solicitudes: Sequence[Solicitud], ventanillas: Sequence[Ventanilla]
    ) -> Mapping[PydanticObjectId, list[str]]:
        """Judged anew while the draw is open; as the closing left them afterwards."""
        impedimentos = {s.oid: s.impedimentos for s in solicitudes}
        abiertas = {v.oid: v for v in ventanillas if v.fase is Fase.abierto}
        suyas = [s for s in solicitudes if s.sorteo_id in abiertas and s.estado in POR_DECIDIR]
        juicios = await self._juez.juzgar_varios([(abiertas[s.sorteo_id], Pedido.de(s)) for s in suyas])
        impedimentos.update(zip((s.oid for s in suyas), juicios, strict=True))
        return impedimentos

    async def _con_residente(self, solicitudes: Sequence[Solicitud], salidas: Sequence[RequestOut]) -> list[RequestOut]:
        nombres = await self._padron.nombres(pares=[(s.unidad_id, s.residente_id) for s in solicitudes])
        return [
            StaffRequestOut(
                **dict(salida),
                residente=ResidenteDeSolicitud(
                    id=solicitud.residente_id,
                    nombre=de.nombre,
                    torre=de.torre,
                    apartamento=de.apartamento,
                    al_dia=de.al_dia,
                ),
            )
            for solicitud, salida, de in zip(solicitudes, salidas, nombres, strict=True)
        ]


def _mostrar(solicitud: Solicitud, impedimentos: list[str], acciones: list[RequestStatus]) -> RequestOut:
    return RequestOut(
        id=solicitud.oid,
        folio=solicitud.folio,
        sorteo_id=solicitud.sorteo_id,
        unidad_id=solicitud.unidad_id,
        vehiculo=VehiculoDeSolicitudOut.model_validate(solicitud.vehiculo),
        preferencias=solicitud.preferencias,
        acepta=solicitud.acepta,
        usa_condiciones=solicitud.usa_condiciones,
        estado=solicitud.estado,
        impedimentos=impedimentos,
        motivo=solicitud.motivo,
        espacio=solicitud.espacio,
        espera=solicitud.espera,
        vence_en=solicitud.vence_en,
        acciones=acciones,
        creado_en=solicitud.creado_en,
    )
