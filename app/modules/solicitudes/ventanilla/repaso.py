"""What a draw that closes reads of its requests, compared with their marks, with what the audit was told, and with the
terms of the draw."""

from collections.abc import Collection, Mapping, Sequence

import attrs
from beanie import PydanticObjectId

from app.modules.solicitudes.estados import POR_DECIDIR
from app.modules.solicitudes.impedimentos import Juez, Juzgable, Juzgada
from app.modules.solicitudes.models import Ventanilla
from app.modules.solicitudes.movimientos.marcas import Dichas, Marcas
from app.modules.solicitudes.movimientos.mirado import Historia, juzga_mora
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.movimientos.repository import CAMPOS_PRECINTADOS
from app.modules.solicitudes.ports import Padron
from app.modules.solicitudes.ventanilla.filas import SolicitudEnSorteo, alterada_en_sorteo, en_sorteo
from app.modules.solicitudes.ventanilla.repository import PasoRepository, VentanillaRepository
from app.modules.solicitudes.ventanilla.terminos import PorTerminos, en_json
from app.shared.reading import a_ratos
from app.shared.repository import Fila

_LOTE = 1000
_SOLICITUDES, _TERMINOS = "solicitudes", "terminos"


@attrs.define(kw_only=True)
class Repaso:
    _pasos: PasoRepository
    _ventanillas: VentanillaRepository
    _juez: Juez
    _marcas: Marcas
    _precintos: Precintos
    _padron: Padron

    async def cotejo(self, *, sorteo_id: PydanticObjectId) -> "Cotejo":
        """To be begun when no request of that draw is on its way."""
        ventanilla = await self._ventanillas.get(sorteo_id)
        dichas = await self._marcas.dichas(sorteo_id)
        con_al_dia = ventanilla is not None and juzga_mora(ventanilla.terminos)
        return Cotejo(
            sorteo_id=sorteo_id,
            ventanilla=ventanilla,
            dichas=dichas,
            pasos=self._pasos,
            juez=self._juez,
            marcas=self._marcas,
            precintos=self._precintos,
            historia=Historia(await self._padron.historia(con_al_dia=con_al_dia)),
        )


@attrs.define(kw_only=True)
class Cotejo:
    """Goes through all requests of a draw once. The window is read before the first: what it judges by is `terminos`,
    whatever stands there later, and whoever asks compares those with what the opening published."""

    _sorteo_id: PydanticObjectId
    _ventanilla: Ventanilla | None
    _dichas: Dichas
    _pasos: PasoRepository
    _juez: Juez
    _marcas: Marcas
    _precintos: Precintos
    _historia: Historia
    _por_terminos: PorTerminos | None = attrs.field(init=False)
    _ultimo: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        de = self._ventanilla
        self._por_terminos = None if de is None else PorTerminos(de.terminos, de.cierre, self._dichas.copiadas)

    @property
    def terminos(self) -> Mapping[str, object]:
        """See `en_json`."""
        return en_json(self._ventanilla)

    @property
    def completo(self) -> bool:
        """No row of the audit was missing that may tell of one more."""
        return self._dichas.completas

    @property
    def faltan(self) -> Collection[int]:
        """The folios of which the audit was told and that were not found so far."""
        return self._dichas.por_folio

    async def siguientes(self, *, limite: int) -> list[SolicitudEnSorteo]:
        """The next by ascending folio, judged by nobody yet. Whatever is not what was marked, or not what the terms let
        in, is `alterada`."""
        filas = await self._leer(self._marcas.campos, limite)
        por_terminos, leidas = self._por_terminos, list[SolicitudEnSorteo]()
        if por_terminos is None:
            return leidas
        async for varias in a_ratos(filas):
            for fila in varias:
                if not self._marcas.entera(fila, self._dichas.por_folio):
                    leidas.append(alterada_en_sorteo(fila, _SOLICITUDES))
                elif fila["estado"] in POR_DECIDIR and not por_terminos.admiten(fila):
                    leidas.append(alterada_en_sorteo(fila, _TERMINOS))
                elif fila["estado"] in POR_DECIDIR and (hecho := self._historia.antigua(fila)) is not None:
                    leidas.append(alterada_en_sorteo(fila, hecho))
                else:
                    leidas.append(en_sorteo(fila))
        return leidas

    async def juzgar(self, pedidos: Sequence[tuple[Juzgable, Juzgada]]) -> list[list[str]]:
        """The impediments of each, by what is known of its flat, in the transaction in which that was read."""
        return [] if self._ventanilla is None else await self._juez.juzgar_por(self._ventanilla, pedidos)

    async def alterada(self) -> tuple[str, str] | None:
        """Of a draw that was annulled, what somebody wrote on the database, so that another request would be copied
        than there was: `donde`, and of what. None where all are there, as they were before the draw and as its terms
        let them in or, of those that had ended when it was annulled, as they ended."""
        campos = {*self._marcas.campos, *CAMPOS_PRECINTADOS}
        while filas := await self._leer(campos, _LOTE):
            async for varias in a_ratos(filas):
                for fila in varias:
                    if (donde := self._alterada(fila)) is not None:
                        return donde, str(fila["_id"])
        return ("folio", str(min(self.faltan))) if self.faltan else None

    def _alterada(self, fila: Fila) -> str | None:
        por_copiar = fila.get("antes_de_anular") is not None
        termino = not por_copiar and self._precintos.es_de_las_reglas(fila)
        if not self._marcas.lo_fue(fila, self._dichas.por_folio) and not termino:
            return _SOLICITUDES
        if por_copiar and (self._por_terminos is None or not self._por_terminos.admiten(fila)):
            return _TERMINOS
        return self._historia.antigua(fila) if por_copiar else None

    async def _leer(self, campos: Collection[str], limite: int) -> list[Fila]:
        filas = await self._pasos.filas_por_folio(
            sorteo_id=self._sorteo_id, despues_de=self._ultimo, limite=limite, campos=campos
        )
        if filas:
            self._ultimo = filas[-1]["folio"]
        return filas
