"""Requests whose flat was left while their draw was closed. The draw was frozen then, so the request only says so
(`salida`), and a step that comes later lets it go. Whoever writes that on the database would have the system let go of
what somebody asked for, or won: so the step looks who lives there, as facts with whole marks say."""

from collections.abc import Sequence

import attrs

from app.modules.solicitudes.exceptions import SolicitudAlterada
from app.modules.solicitudes.models import Solicitud
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.ports import Padron


@attrs.define(kw_only=True)
class Salidas:
    _padron: Padron
    _precintos: Precintos

    async def ciertas(self, solicitudes: Sequence[Solicitud]) -> list[Solicitud]:
        """Of those that say it, the ones of which nobody is left who lived there when it was asked for. The audit is
        told of the others, in the transaction in course."""
        if not solicitudes:
            return []
        pedidas = [(s.unidad_id, s.residente_id, s.habitantes) for s in solicitudes]
        idas = []
        for solicitud, quedan in zip(solicitudes, await self._padron.siguen_alli(pedidas=pedidas), strict=True):
            if quedan:
                await self._precintos.denunciar(
                    SolicitudAlterada(solicitud.sorteo_id, donde="salida", folio=solicitud.folio)
                )
            else:
                idas.append(solicitud)
        return idas
