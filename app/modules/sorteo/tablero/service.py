"""The board: who holds each space on a day."""

from collections.abc import Sequence
from datetime import date

import attrs

from app.core.security import Principal
from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.espacios.models import Espacio, Titular
from app.modules.sorteo.espacios.schemas import SABEN_DE_TITULARES, TenenciaOut, UnidadDeTenenciaOut
from app.modules.sorteo.ports import NombreDeUnidad, Padron


@attrs.define(kw_only=True)
class TableroService:
    _asignaciones: AsignacionRepository
    _padron: Padron

    async def tenencias(
        self, espacios: Sequence[Espacio], dia: date | None, quien: Principal
    ) -> dict[str, TenenciaOut]:
        """By code, who holds those spaces on that day, as staff see it: others see nobody. By a right outside the draws
        only those see it who may know of such rights."""
        if dia is None or not quien.es_personal:
            return {}
        tenidas: dict[str, Asignacion | Titular] = {}
        if quien.rol in SABEN_DE_TITULARES:
            tenidas |= {e.codigo: e.titular for e in espacios if e.titular and e.titular.rige_entre(dia, dia)}
        asignadas = await self._asignaciones.tenidas([espacio.codigo for espacio in espacios], el=dia)
        tenidas |= {asignada.espacio: asignada for asignada in asignadas}
        nombres = await self._padron.nombres_de(unidades=sorted({tenida.unidad_id for tenida in tenidas.values()}))
        # A right does not keep its flat from being deleted.
        return {
            codigo: _tenencia(tenida, nombres[tenida.unidad_id])
            for codigo, tenida in tenidas.items()
            if tenida.unidad_id in nombres
        }


def _tenencia(tenida: Asignacion | Titular, unidad: NombreDeUnidad) -> TenenciaOut:
    asignacion = tenida if isinstance(tenida, Asignacion) else None
    return TenenciaOut(
        asignacion_id=asignacion and asignacion.oid,
        unidad=UnidadDeTenenciaOut(id=tenida.unidad_id, torre=unidad.torre, apartamento=unidad.apartamento),
        desde=tenida.desde,
        hasta=tenida.hasta,
        prestado=asignacion is not None and asignacion.prestado,
    )
