"""The sheet of an import: a row for each of its own, what was made of it, what is new, what was guessed, why not."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import tzinfo
from functools import cache
from typing import Any, cast

import attrs

from app.core.clock import ahora
from app.core.imports.contract import Que
from app.core.imports.repository import LoteRepository
from app.core.jobs.contract import Contexto
from app.shared.messages import Idioma, mensaje
from app.shared.sheets import Filas, FormatoDeTabla, Hoja, en_tabla

_COLUMNAS = (
    "importacion_linea",
    "importacion_resultado",
    "importacion_de",
    "importacion_cambios",
    "importacion_supuestos",
    "importacion_campo",
    "importacion_motivo",
)
_RECHAZADA = "rechazada"
_RESULTADOS: Mapping[str, str] = {
    Que.creada: "importacion_creada",
    Que.cambiada: "importacion_cambiada",
    Que.sin_cambio: "importacion_sin_cambio",
    _RECHAZADA: "importacion_rechazada",
}


@attrs.define(kw_only=True)
class HojaDeImportacion:
    _lotes: LoteRepository
    _zona: tzinfo

    async def entregar(self, contexto: Contexto) -> None:
        """In the format in which the file came, a CSV between the same signs: what made it opens it."""
        idioma = cast(Idioma, contexto.parametros["idioma"])
        origen = contexto.parametros["origen"]
        formato = FormatoDeTabla.csv if origen["es_texto"] else FormatoDeTabla.xlsx
        nombre = "simulacion" if contexto.parametros["simular"] else "importacion"
        hoja = Hoja(nombre=nombre, fecha=ahora(), separador="," if origen["separador"] == "," else ";")
        contenido = en_tabla(formato, self._lotes_de(contexto, idioma), hoja)
        await contexto.entregar(nombre=f"{nombre}.{formato}", tipo=formato.tipo, contenido=contenido)

    async def _lotes_de(self, contexto: Contexto, idioma: Idioma) -> AsyncIterator[Filas]:
        yield [[_texto(columna, idioma) for columna in _COLUMNAS]]
        async for lote in self._lotes.de_trabajo(contexto.trabajo_id):
            yield [self._fila(fila, idioma) for fila in lote]

    def _fila(self, fila: Mapping[str, Any], idioma: Idioma) -> Sequence[object]:
        que = _texto(_RESULTADOS[fila["que"]], idioma)
        if fila["que"] == _RECHAZADA:
            motivo = mensaje(fila["codigo"], idioma, fila["datos"], self._zona)
            return fila["linea"], que, "", "", "", fila["campo"], motivo
        cambios, supuestos = (", ".join(_texto(t, idioma) for t in fila[c]) for c in ("cambios", "supuestos"))
        return fila["linea"], que, fila["de"], cambios, supuestos, "", ""


@cache
def _texto(nombre: str, idioma: Idioma) -> str:
    return mensaje(nombre, idioma, {})
