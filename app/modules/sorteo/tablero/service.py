"""The board: who holds each space on a day."""

from collections.abc import Sequence
from datetime import date

import attrs

from app.core.security import Principal
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.espacios.models import Espacio
from app.modules.sorteo.espacios.schemas import TenenciaOut, UnidadDeTenenciaOut
from app.modules.sorteo.ports import Padron


@attrs.define(kw_only=True)
class TableroService:
    _asignaciones: AsignacionRepository
    _padron: Padron

    async def tenencias(
        self, espacios: Sequence[Espacio], dia: date | None, quien: Principal
    ) -> dict[str, TenenciaOut]:
        """By code, who holds those spaces by a draw on that day, as staff see it: others see nobody."""
        if dia is None or not quien.es_personal:
            return {}
        tenidas = await self._asignaciones.tenidas([espacio.codigo for espacio in espacios], el=dia)
        nombres = await self._padron.nombres_de(unidades=sorted({tenida.unidad_id for tenida in tenidas}))
        return {
            tenida.espacio: TenenciaOut(
                asignacion_id=tenida.oid,
                unidad=UnidadDeTenenciaOut(
                    id=tenida.unidad_id,
                    torre=nombres[tenida.unidad_id].torre,
                    apartamento=nombres[tenida.unidad_id].apartamento,
                ),
                desde=tenida.desde,
                hasta=tenida.hasta,
                prestado=tenida.prestado,
            )
            for tenida in tenidas
        }
