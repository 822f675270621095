"""Claims on spaces are borne out by what they are of, before an opening believes them.

A claim has no mark: claims come and go a thousand in a command. But each is of something that has one, or was
published: an assignment in force, a request for which the space is kept, another draw that copied the space. A claim
without that was put there, and keeps a space out of a draw; one that is missing beside it was taken away, and gives a
space twice.
"""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import hoy
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.vigia import CambiosDeAsignaciones
from app.modules.sorteo.espacios.models import Espacio, Ocupacion
from app.modules.sorteo.exceptions import BasesAlteradas
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.toma.otros import OtrosSorteos
from app.modules.sorteo.toma.ports import Guardadas

Reclamo = tuple[str, PydanticObjectId]
"""A space by its code, and whose claim on it."""
Dias = tuple[date, date]
"""The latest day on which it may begin, and the one on which it ends."""


@attrs.define(kw_only=True)
class Ocupaciones:
    _otros: OtrosSorteos
    _asignaciones: AsignacionRepository
    _cambios: CambiosDeAsignaciones
    _solicitudes: Guardadas
    _zona: ZoneInfo

    async def exigir(self, sorteo: Sorteo, espacios: Sequence[Espacio]) -> None:
        """In a transaction, so that all is of one moment. `espacios`: with the claims that the draw may have made on
        them. Raises BasesAlteradas, which names the first space of which the claims in its term are not those that
        there should be."""
        codigos, dias = [espacio.codigo for espacio in espacios], (sorteo.vigencia.desde, sorteo.vigencia.hasta)
        _exigir(espacios, *await self._que_deben_estar(codigos, dias, salvo=sorteo.id), sorteo)

    async def exigir_sin_nadie(self, espacio: Espacio, *, desde: date, hasta: date | None) -> None:
        """See `Reclamos`."""
        dias = desde, hasta or date.max
        debidas, _ = await self._que_deben_estar([espacio.codigo], dias)
        if any(suyos[0] <= dias[1] and suyos[1] >= dias[0] for suyos in debidas.values()):
            raise _alterada(espacio)

    async def _que_deben_estar(
        self, codigos: Sequence[str], dias: Dias, *, salvo: PydanticObjectId | None = None
    ) -> tuple[dict[Reclamo, Dias], set[Reclamo]]:
        """The claims on those spaces that should be there in that term, and those that may; of that draw none."""
        desde, hasta = dias
        otros, tomados = await self._otros.que_tocan(codigos, desde=desde, hasta=hasta, salvo=salvo)
        dichos = await self._cambios.dichos()
        filas = await self._asignaciones.ocupan(codigos, desde=desde, hasta=hasta)
        debidas = {
            (fila["espacio"], fila["solicitud_id"]): (
                date.fromisoformat(fila["desde"]),
                date.fromisoformat(fila["hasta"]),
            )
            for fila in filas
            if self._cambios.rigen(fila, dichos)
        }
        for guardada in await self._solicitudes.guardadas(sorteos=list(otros), espacios=codigos):
            suyo = otros[guardada.sorteo_id]
            debidas[guardada.espacio, guardada.id] = (max(suyo.desde, hoy(self._zona)), suyo.hasta)
        for codigo, id in tomados:
            if otros[id].lo_tiene_todo:
                debidas[codigo, id] = (otros[id].desde, otros[id].hasta)
        return debidas, tomados


def _exigir(espacios: Sequence[Espacio], debidas: dict[Reclamo, Dias], posibles: set[Reclamo], sorteo: Sorteo) -> None:
    """Raises BasesAlteradas."""
    faltan = debidas.copy()
    for espacio in espacios:
        for ocupacion in espacio.ocupaciones:
            reclamo = (espacio.codigo, ocupacion.ref)
            if ocupacion.ref == sorteo.id:
                continue
            if reclamo in debidas:
                if not _cubre(ocupacion, faltan.pop(reclamo, None)):
                    raise _alterada(espacio)
            elif reclamo not in posibles and ocupacion.rige_entre(sorteo.vigencia.desde, sorteo.vigencia.hasta):
                raise _alterada(espacio)
    if faltan:
        codigo, _ = min(faltan)
        raise _alterada(next(espacio for espacio in espacios if espacio.codigo == codigo))


def _cubre(ocupacion: Ocupacion, dias: Dias | None) -> bool:
    return dias is not None and ocupacion.desde <= dias[0] and ocupacion.hasta == dias[1]


def _alterada(espacio: Espacio) -> BasesAlteradas:
    return BasesAlteradas(donde="ocupaciones", objeto=str(espacio.id), espacio=espacio.codigo)
