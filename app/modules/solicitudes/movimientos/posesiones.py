"""What accepting takes and gives: nobody holds two spaces for one vehicle, and what was kept is assigned. Of many as of
one, in as many commands; every call joins the transaction of its caller."""

from collections.abc import Mapping, Sequence

import attrs
from beanie import PydanticObjectId

from app.modules.solicitudes.exceptions import SolicitudAlterada
from app.modules.solicitudes.models import Solicitud, Ventanilla
from app.modules.solicitudes.ports import Aceptada, Espacios, Padron


@attrs.define(kw_only=True)
class Posesiones:
    _espacios: Espacios
    _padron: Padron

    async def con_otro(self, solicitudes: Sequence[Solicitud], ventanilla: Ventanilla) -> set[PydanticObjectId]:
        """Those of the draw whose flat has a space for that vehicle by another request or by right. Of two acceptances
        for one vehicle at once, in two draws, one starts again and finds the other's space; so it does where a right is
        given meanwhile. What a request itself still holds, for it was claimed back, does not count."""
        unidades = sorted({s.unidad_id for s in solicitudes})
        await self._padron.tocar_unidades(unidades=unidades)
        terminos = ventanilla.terminos
        ocupados = await self._espacios.ocupados(unidades=unidades, desde=terminos.desde, hasta=terminos.hasta)
        de_quien: dict[tuple[PydanticObjectId, PydanticObjectId | None], set[PydanticObjectId | None]] = {}
        por_derecho: dict[PydanticObjectId, set[str]] = {}
        for o in ocupados:
            if o.tipo_espacio is not None:
                por_derecho.setdefault(o.unidad_id, set()).add(o.tipo_espacio)
            else:
                de_quien.setdefault((o.unidad_id, o.vehiculo_id), set()).add(o.solicitud_id)
        return {
            s.oid
            for s in solicitudes
            if de_quien.get((s.unidad_id, s.vehiculo.id), set()) - {s.oid}
            or not por_derecho.get(s.unidad_id, set()).isdisjoint(terminos.compatibilidad.get(s.clase, []))
        }

    async def asignar(self, solicitudes: Sequence[Solicitud], ventanilla: Ventanilla) -> None:
        """Assign the spaces that were accepted in the draw, each to the plate that its vehicle has as it was stated,
        whatever stands in the request. Raises SolicitudAlterada."""
        placas = await self._padron.placas(vehiculos=[s.vehiculo.id for s in solicitudes])
        faltan = await self._espacios.asignar(
            sorteo_id=ventanilla.oid,
            desde=ventanilla.terminos.desde,
            hasta=ventanilla.terminos.hasta,
            aceptadas=[_aceptada(s, placas) for s in solicitudes],
        )
        for solicitud in solicitudes:
            if solicitud.oid in faltan:
                raise SolicitudAlterada(ventanilla.oid, donde="espacios", folio=solicitud.folio)


def _aceptada(solicitud: Solicitud, placas: Mapping[PydanticObjectId, tuple[PydanticObjectId, str | None]]) -> Aceptada:
    if solicitud.espacio is None:
        raise RuntimeError(f"request {solicitud.id} was accepted without a space")
    unidad_id, placa = placas.get(solicitud.vehiculo.id, (None, None))
    if unidad_id != solicitud.unidad_id:
        # Nobody takes a vehicle away for which its flat has a request.
        raise SolicitudAlterada(solicitud.sorteo_id, donde="vehiculo", objeto=solicitud.vehiculo.id)
    return Aceptada(
        solicitud_id=solicitud.oid,
        unidad_id=solicitud.unidad_id,
        vehiculo=solicitud.vehiculo.model_dump() | {"placa": placa},
        clase=solicitud.clase,
        codigo=solicitud.espacio,
        prestado=solicitud.prestado,
    )
