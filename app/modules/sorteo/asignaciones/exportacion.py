"""Who holds which space, as a table for the assembly and the gate: with flats, names and plates."""

from collections.abc import AsyncIterator, Sequence

import attrs

from app.core.clock import ahora
from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.asignaciones.repository import AsignacionRepository, FiltroAsignaciones
from app.modules.sorteo.ports import Padron
from app.shared.sheets import Filas, FormatoDeTabla, Hoja, en_tabla

COLUMNAS = (
    "espacio",
    "torre",
    "apartamento",
    "residentes",
    "vehiculo",
    "placa",
    "desde",
    "hasta",
    "estado",
    "prestado",
)
_ANCHOS = (10, 14, 12, 40, 12, 10, 12, 12, 12, 10)


@attrs.define(kw_only=True)
class ExportacionDeAsignaciones:
    _asignaciones: AsignacionRepository
    _padron: Padron

    def exportar(self, filtro: FiltroAsignaciones, formato: FormatoDeTabla, separador: str) -> AsyncIterator[bytes]:
        hoja = Hoja(nombre="asignaciones", fecha=ahora(), anchos=_ANCHOS, separador=separador)
        return en_tabla(formato, self._filas(filtro), hoja)

    async def _filas(self, filtro: FiltroAsignaciones) -> AsyncIterator[Filas]:
        yield [COLUMNAS]
        async for lote in self._asignaciones.por_lotes(filtro):
            yield await self._de_un_lote(lote)

    async def _de_un_lote(self, lote: Sequence[Asignacion]) -> Filas:
        unidades = list({a.unidad_id for a in lote})
        pisos = await self._padron.nombres_de(unidades=unidades)
        habitantes = await self._padron.residentes_de(unidades=unidades)
        nombres = await self._padron.personas(residentes=[id for suyos in habitantes.values() for id in suyos])
        return [
            (
                a.espacio,
                pisos[a.unidad_id].torre,
                pisos[a.unidad_id].apartamento,
                ", ".join(sorted(nombres[id] for id in habitantes.get(a.unidad_id, ()))),
                a.clase,
                a.vehiculo.placa,
                a.desde,
                a.hasta,
                a.estado.value,
                "sí" if a.prestado else "no",
            )
            for a in lote
        ]
