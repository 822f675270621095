"""Whether a vehicle may come in today, and to which space. It says nothing of whose the vehicle is."""

import logging
from datetime import date
from zoneinfo import ZoneInfo

import attrs

from app.core.clock import hoy
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.vigia import VigiaDeAsignaciones
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.espacios.vigia import VigiaDeEspacios
from app.modules.sorteo.ports import Padron
from app.shared.repository import Fila

log = logging.getLogger(__name__)


@attrs.frozen
class Acceso:
    """`tipo`: of the space. `hasta`: the last day; None with a right that does not end. All are None for a vehicle
    that may not come in."""

    permitido: bool
    espacio: str | None = None
    tipo: str | None = None
    desde: date | None = None
    hasta: date | None = None


@attrs.define(kw_only=True)
class PorteriaService:
    _asignaciones: AsignacionRepository
    _vigia: VigiaDeAsignaciones
    _espacios: EspacioRepository
    _de_espacios: VigiaDeEspacios
    _padron: Padron
    _zona: ZoneInfo

    async def acceso(self, *, placa: str) -> Acceso:
        """An assignment is to one vehicle. What no act made lets nobody in. A right outside the draws is the
        flat's, so each of its vehicles may come: first to a space of the vehicle's own kind."""
        dia = hoy(self._zona)
        asignacion = await self._asignaciones.de_placa(placa, el=dia)
        if asignacion is not None and await self._vigia.es_de_un_acto(asignacion):
            espacio = await self._espacios.get_by_codigo(asignacion.espacio)
            tipo = None if espacio is None else espacio.tipo
            return Acceso(True, asignacion.espacio, tipo, asignacion.desde, asignacion.hasta)
        vehiculo = await self._padron.vehiculo(placa=placa)
        if vehiculo is None:
            return Acceso(False)
        hallados = await self._espacios.con_titular(unidad_id=vehiculo.unidad_id, el=dia)
        propios = [espacio for espacio in hallados if await self._de_espacios.es_de_un_acto(espacio)]
        if propios and (ajeno := await self._padron.vehiculo_alterado(vehiculos=[vehiculo.vehiculo_id])) is not None:
            log.error("portería: el vehículo %s no es de quien alguien dijo", ajeno)
            return Acceso(False)
        propios.sort(key=lambda espacio: (espacio["tipo"] != vehiculo.tipo, espacio["codigo"]))
        return next(map(_por_derecho, propios), Acceso(False))


def _por_derecho(espacio: Fila) -> Acceso:
    desde, hasta = espacio["titular"]["desde"], espacio["titular"]["hasta"]
    ultimo = None if hasta is None else date.fromisoformat(hasta)
    return Acceso(True, espacio["codigo"], espacio["tipo"], date.fromisoformat(desde), ultimo)
