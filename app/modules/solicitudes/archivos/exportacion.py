"""The requests of a list as a file."""

from collections.abc import AsyncIterator

import attrs

from app.core.clock import ahora
from app.core.security import Principal
from app.modules.solicitudes.repository import Filtros
from app.modules.solicitudes.schemas import RequestOut
from app.modules.solicitudes.service import SolicitudService
from app.shared.pagination import Page, PageQuery, todas
from app.shared.repository import Fila
from app.shared.sheets import Filas, FormatoDeTabla, Hoja, en_tabla
from app.shared.writing import instante

COLUMNAS = (
    *("folio", "torre", "apartamento", "residente", "tipo_vehiculo", "placa", "preferencias", "acepta"),
    *("estado", "impedimentos", "motivo", "espacio", "espera", "al_dia", "creado_en", "sorteo_id"),
)
_ANCHOS = (8, 12, 12, 34, 14, 12, 18, 18, 12, 24, 24, 12, 8, 8, 26, 26)


@attrs.define(kw_only=True)
class ExportacionService:
    _listas: SolicitudService

    def exportar(
        self, filtros: Filtros, formato: FormatoDeTabla, separador: str, quien: Principal
    ) -> AsyncIterator[bytes]:
        """The file, in pieces."""
        hoja = Hoja(nombre="solicitudes", fecha=ahora(), anchos=_ANCHOS, separador=separador)
        return en_tabla(formato, self._filas(filtros, quien), hoja)

    async def _filas(self, filtros: Filtros, quien: Principal) -> AsyncIterator[Filas]:
        yield [COLUMNAS]

        async def pedir(consulta: PageQuery) -> Page[Fila]:
            return await self._listas.listar(filtros, consulta, quien)

        async for solicitudes in todas(pedir):
            yield [_celdas(RequestOut.model_validate(vista)) for vista in solicitudes]


def _celdas(solicitud: RequestOut) -> tuple[object, ...]:
    de, vehiculo = solicitud.residente, solicitud.vehiculo
    return (
        solicitud.folio,
        None if de is None else de.torre,
        None if de is None else de.apartamento,
        None if de is None else de.nombre,
        vehiculo.tipo,
        vehiculo.placa,
        ", ".join(solicitud.preferencias),
        None if solicitud.acepta is None else ", ".join(solicitud.acepta),
        solicitud.estado,
        ", ".join(solicitud.impedimentos),
        solicitud.motivo,
        solicitud.espacio,
        solicitud.espera,
        None if de is None else ("sí" if de.al_dia else "no"),
        instante(solicitud.creado_en),
        solicitud.sorteo_id,
    )
