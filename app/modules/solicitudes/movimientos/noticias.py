"""What those who asked are told of their requests, in the transaction of the move. Many notices at once cost as many
writes as one."""

from collections.abc import Sequence

import attrs

from app.modules.solicitudes.models import Solicitud, SolicitudVista
from app.modules.solicitudes.ports import Avisos, DatoDeAviso


@attrs.define(kw_only=True)
class Noticias:
    _avisos: Avisos

    async def rechazadas(
        self, solicitudes: Sequence[Solicitud | SolicitudVista], *, codigo: str | None = None, motivo: str | None = None
    ) -> None:
        """`codigo`: the rule that did not hold; `motivo`: what staff said."""
        await self._decir("solicitud_rechazada", solicitudes, codigo=codigo, motivo=motivo)

    async def publicadas(self, solicitudes: Sequence[SolicitudVista]) -> None:
        """As the result left them. Who has nothing left to accept has no deadline."""
        con_espacio = [s for s in solicitudes if s.espacio is not None]
        en_espera = [s for s in solicitudes if s.espacio is None]
        await self._decir("solicitud_asignada", con_espacio, "espacio", "vence_en")
        await self._decir("solicitud_en_espera", en_espera, "espera")

    async def ofrecida(self, solicitud: Solicitud) -> None:
        await self._decir("solicitud_ofrecida", [solicitud], "espacio", "vence_en")

    async def por_vencer(self, solicitudes: Sequence[Solicitud]) -> None:
        await self._decir("plazo_por_vencer", solicitudes, "espacio", "vence_en")

    async def _decir(
        self, tipo: str, solicitudes: Sequence[Solicitud | SolicitudVista], *campos: str, **datos: DatoDeAviso
    ) -> None:
        if solicitudes:
            avisos = [(s.residente_id, _de(s) | {c: getattr(s, c) for c in campos} | datos) for s in solicitudes]
            await self._avisos.avisar_varios(tipo=tipo, avisos=avisos)


def _de(solicitud: Solicitud | SolicitudVista) -> dict[str, DatoDeAviso]:
    return {"sorteo_id": solicitud.sorteo_id, "solicitud_id": solicitud.oid, "folio": solicitud.folio}
