"""What flats are told of their requests, in the transaction of the move. Many notices at once cost as many commands as
one."""

from collections.abc import Mapping, Sequence

import attrs
from beanie import PydanticObjectId

from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.models import Solicitud, SolicitudVista
from app.modules.solicitudes.ports import Avisos, DatoDeAviso, Padron

SORTEO_FINALIZADO = "sorteo_finalizado"
"""Why a request that waited to the end of its draw is moved on."""
Destinatarios = Sequence[PydanticObjectId]


@attrs.define(kw_only=True)
class Noticias:
    _avisos: Avisos
    _padron: Padron

    async def a_quienes(
        self, solicitudes: Sequence[Solicitud | SolicitudVista]
    ) -> Mapping[PydanticObjectId, Destinatarios]:
        """Whom to tell of each request: all who live in its flat, as long as one of them lived there when the request
        was handed in."""
        viven = await self._padron.residentes_de(unidades={s.unidad_id for s in solicitudes})
        return {
            s.oid: () if set(s.habitantes).isdisjoint(viven.get(s.unidad_id, ())) else viven[s.unidad_id]
            for s in solicitudes
        }

    async def rechazadas(
        self, solicitudes: Sequence[Solicitud | SolicitudVista], *, codigo: str | None = None, motivo: str | None = None
    ) -> None:
        """`codigo`: the rule that did not hold; `motivo`: what staff said."""
        await self._decir("solicitud_rechazada", solicitudes, codigo=codigo, motivo=motivo)

    async def publicadas(
        self, solicitudes: Sequence[SolicitudVista], a_quienes: Mapping[PydanticObjectId, Destinatarios]
    ) -> None:
        """`solicitudes`: as the result left them. A winner who has nothing left to accept has no deadline."""
        con_espacio = [s for s in solicitudes if s.espacio is not None]
        en_espera = [s for s in solicitudes if s.espacio is None]
        await self._avisar(a_quienes, "solicitud_asignada", con_espacio, "espacio", "vence_en", "prestado")
        await self._avisar(a_quienes, "solicitud_en_espera", en_espera, "espera")

    async def ofrecida(self, solicitud: Solicitud) -> None:
        await self._decir("solicitud_ofrecida", [solicitud], "espacio", "vence_en", "prestado")

    async def por_vencer(self, solicitudes: Sequence[Solicitud]) -> None:
        await self._decir("plazo_por_vencer", solicitudes, "espacio", "vence_en")

    async def vencidas(self, solicitudes: Sequence[Solicitud | SolicitudVista]) -> None:
        """`solicitudes`: as they were before they lapsed, each with the space that was kept for it."""
        await self._decir("plazo_vencido", solicitudes, "espacio")

    async def prorrogada(self, solicitud: Solicitud, *, motivo: str) -> None:
        await self._decir("plazo_prorrogado", [solicitud], "espacio", "vence_en", motivo=motivo)

    async def al_finalizar(self, solicitudes: Sequence[Solicitud | SolicitudVista], a: RequestStatus) -> None:
        """`solicitudes`: as they were when their draw ended. Their holders did not answer, or waited to the end."""
        if a is RequestStatus.vencida:
            await self.vencidas(solicitudes)
        else:
            await self._decir("solicitud_retirada", solicitudes, motivo=SORTEO_FINALIZADO)

    async def revocadas(self, solicitudes: Sequence[Solicitud], *, motivo: str | None) -> None:
        """`solicitudes`: as they were when their draw was annulled, each of them accepted."""
        await self._decir("asignacion_revocada", solicitudes, "espacio", motivo=motivo)

    async def revocada(self, solicitud: Solicitud, *, espacio: str | None, motivo: str) -> None:
        """`espacio`: the space that the flat of the request held."""
        await self._decir("asignacion_revocada", [solicitud], espacio=espacio, motivo=motivo)

    async def _decir(
        self, tipo: str, solicitudes: Sequence[Solicitud | SolicitudVista], *campos: str, **datos: DatoDeAviso
    ) -> None:
        if solicitudes:
            await self._avisar(await self.a_quienes(solicitudes), tipo, solicitudes, *campos, **datos)

    async def _avisar(
        self,
        a_quienes: Mapping[PydanticObjectId, Destinatarios],
        tipo: str,
        solicitudes: Sequence[Solicitud | SolicitudVista],
        *campos: str,
        **datos: DatoDeAviso,
    ) -> None:
        avisos = [
            (residente_id, _de(s) | {c: getattr(s, c) for c in campos} | datos)
            for s in solicitudes
            for residente_id in a_quienes[s.oid]
        ]
        await self._avisos.avisar_varios(tipo=tipo, avisos=avisos)


def _de(solicitud: Solicitud | SolicitudVista) -> dict[str, DatoDeAviso]:
    return {"sorteo_id": solicitud.sorteo_id, "solicitud_id": solicitud.oid, "folio": solicitud.folio}
