"""The result with names, for the assembly and the gate."""

from collections.abc import AsyncIterator, Sequence

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.ports import Listado, Padron
from app.modules.sorteo.resultados.models import ResultadoSorteo
from app.modules.sorteo.resultados.mostrador import Mostrador
from app.modules.sorteo.resultados.repository import ResultadoRepository
from app.modules.sorteo.resultados.service import ResultadosService
from app.shared.sheets import Filas, FormatoDeTabla, Hoja, en_tabla

COLUMNAS = (
    "folio",
    "posicion",
    "espera",
    "torre",
    "apartamento",
    "nombres",
    "tipo",
    "placa",
    "espacio",
    "prestado",
    "estado",
)
_ANCHOS = (8, 9, 8, 12, 12, 34, 16, 12, 12, 9, 12)


@attrs.define(kw_only=True)
class ExportacionService:
    _servicio: ResultadosService
    _resultados: ResultadoRepository
    _solicitudes: Listado
    _padron: Padron
    _mostrador: Mostrador

    async def exportar(
        self, id: PydanticObjectId, formato: FormatoDeTabla, separador: str, quien: Principal
    ) -> AsyncIterator[bytes]:
        """The file, in pieces. Raises NoEncontrado, NoDisponibleTodavia, BasesAlteradas."""
        sorteo = await self._servicio.con_resultado(id, quien)
        async with self._mostrador.mostrar(sorteo):
            await self._mostrador.exigir_todo(sorteo)
        hoja = Hoja(nombre="resultados", fecha=ahora(), anchos=_ANCHOS, separador=separador)
        return en_tabla(formato, self._filas(sorteo), hoja)

    async def _filas(self, sorteo: Sorteo) -> AsyncIterator[Filas]:
        yield [COLUMNAS]
        async for lote in self._resultados.por_lotes(sorteo):
            yield await self._celdas(sorteo, lote)

    async def _celdas(self, sorteo: Sorteo, lote: Sequence[ResultadoSorteo]) -> Filas:
        """`espacio`: the one that was drawn until the draw is published; from then on, what the request has now."""
        solicitudes = await self._solicitudes.listado(ids=[fila.solicitud_id for fila in lote])
        unidades = await self._padron.nombres_de(unidades=sorted({fila.unidad_id for fila in lote}))
        nombres = await self._padron.personas(residentes=sorted({s.residente_id for s in solicitudes.values()}))
        por_publicar = sorteo.estado is EstadoSorteo.ejecutado
        celdas = []
        for fila in lote:
            solicitud, unidad = solicitudes[fila.solicitud_id], unidades.get(fila.unidad_id)
            celdas.append(
                (
                    fila.folio,
                    fila.posicion,
                    fila.espera,
                    None if unidad is None else unidad.torre,
                    None if unidad is None else unidad.apartamento,
                    nombres.get(solicitud.residente_id),
                    solicitud.clase,
                    solicitud.placa,
                    fila.espacio if por_publicar else solicitud.espacio,
                    "sí" if fila.prestado else None,
                    solicitud.estado,
                )
            )
        return celdas
