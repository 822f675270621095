"""How requests look to who is calling: what they may do next, what stands in the way and, for staff, whose each is."""

from collections.abc import Mapping, Sequence

import attrs
from beanie import PydanticObjectId

from app.modules.solicitudes.estados import POR_DECIDIR, Fase, RequestStatus
from app.modules.solicitudes.impedimentos import Juez, Pedido
from app.modules.solicitudes.models import Solicitud, Ventanilla
from app.modules.solicitudes.permisos import Llamador
from app.modules.solicitudes.ports import Padron
from app.modules.solicitudes.schemas import RequestOut, ResidenteDeSolicitud, StaffRequestOut, VehiculoDeSolicitudOut
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository


@attrs.define(kw_only=True)
class Vista:
    _ventanillas: VentanillaRepository
    _padron: Padron
    _juez: Juez

    async def una(self, solicitud: Solicitud, llamador: Llamador) -> RequestOut:
        return (await self.varias([solicitud], llamador))[0]

    async def varias(self, solicitudes: Sequence[Solicitud], llamador: Llamador) -> list[RequestOut]:
        """In the same order. The number of queries does not grow with that of requests."""
        ventanillas = await self._ventanillas.por_ids(s.sorteo_id for s in solicitudes)
        impedimentos = await self._impedimentos(solicitudes, ventanillas)
        salidas = [
            _mostrar(s, impedimentos[s.oid], llamador.acciones(s, ventanillas[s.sorteo_id].fase)) for s in solicitudes
        ]
        return await self._con_residente(solicitudes, salidas) if llamador.quien.es_personal else salidas

    async def _impedimentos(
        self, solicitudes: Sequence[Solicitud], ventanillas: Mapping[PydanticObjectId, Ventanilla]
    ) -> Mapping[PydanticObjectId, list[str]]:
        """Judged anew while the draw is open; as the closing left them afterwards."""
        impedimentos = {s.oid: s.impedimentos for s in solicitudes}
        abiertas = {v.oid: v for v in ventanillas.values() if v.fase is Fase.abierto}
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
