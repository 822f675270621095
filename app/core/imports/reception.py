"""Takes in a file that people made, and finds in it what the module asks for. What is wrong with the file as such is
said at once; its rows are a job."""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

import attrs
from pydantic import TypeAdapter

from app.core.imports.contract import Encabezado, Origen, Recibido, Vocabulario
from app.core.imports.conversion import FIRMAS, NoSePudo, en_lineas
from app.core.imports.headings import FILAS_MIRADAS, Lector, hallar
from app.core.imports.reading import NoEsTexto, Oido, renglones
from app.core.imports.workbook import Estado
from app.core.jobs.contract import Archivos, RefDeArchivo
from app.shared.exceptions import EntradaInvalida

_CODIGOS = {
    Estado.ilegible: "archivo_ilegible",
    Estado.con_clave: "archivo_con_clave",
    Estado.desmedido: "archivo_desmedido",
}
_ORIGEN = TypeAdapter(Origen)
_ENCABEZADO = TypeAdapter(Encabezado)


@attrs.define(kw_only=True)
class Recepcion:
    _archivos: Archivos

    async def recibir(self, contenido: AsyncIterable[bytes], vocabulario: Vocabulario) -> Recibido:
        """The file, kept. Raises EntradaInvalida about `archivo`, and what reading `contenido` raises."""
        archivo, origen = await self._guardar(contenido)
        try:
            encabezado = await self._encabezado(archivo, origen, vocabulario)
        except BaseException:
            await self._archivos.borrar(archivo=archivo)
            raise
        return Recibido(archivo, origen, encabezado)

    async def _guardar(self, contenido: AsyncIterable[bytes]) -> tuple[RefDeArchivo, Origen]:
        oido, firma = Oido(), bytearray()

        async def pasar() -> AsyncIterator[bytes]:
            async for trozo in contenido:
                if len(firma) < 4:
                    firma.extend(trozo[:4])
                oido.escuchar(trozo)
                yield trozo

        archivo = await self._archivos.guardar(contenido=pasar())
        if bytes(firma[:4]) in FIRMAS:
            return await self._convertir(archivo), Origen(es_texto=False)
        try:
            return archivo, oido.origen()
        except NoEsTexto as error:
            await self._archivos.borrar(archivo=archivo)
            raise EntradaInvalida.en("archivo", "archivo_ilegible") from error

    async def _convertir(self, archivo: RefDeArchivo) -> RefDeArchivo:
        try:
            return await self._archivos.guardar(contenido=en_lineas(self._archivos.leer(archivo=archivo)))
        except NoSePudo as error:
            raise EntradaInvalida.en("archivo", _CODIGOS[error.estado]) from error
        finally:
            await self._archivos.borrar(archivo=archivo)

    async def _encabezado(self, archivo: RefDeArchivo, origen: Origen, vocabulario: Vocabulario) -> Encabezado:
        lector = Lector(vocabulario)
        de_la_hoja: dict[int, list[tuple[int, int, list[str]]]] = {}
        try:
            async with aclosing(renglones(self._archivos.leer(archivo=archivo), origen)) as todos:
                async for renglon in todos:
                    miradas = de_la_hoja.setdefault(renglon.hoja, [])
                    if len(miradas) < FILAS_MIRADAS:
                        miradas.append((renglon.hoja, renglon.linea, list(renglon.celdas or ())))
                    elif origen.es_texto:
                        break
        except UnicodeDecodeError as error:
            raise EntradaInvalida.en("archivo", "archivo_ilegible") from error
        filas = [fila for miradas in de_la_hoja.values() for fila in miradas]
        encabezado = hallar(lector, vocabulario, filas)
        if encabezado is None:
            requeridas = " / ".join(", ".join(sorted(exigida)) for exigida in vocabulario.exigidas)
            raise EntradaInvalida.en("archivo", "columna_requerida", columna=requeridas)
        return encabezado


def en_parametros(recibido: Recibido) -> dict[str, Any]:
    """For the parameters of the job."""
    return {"origen": asdict(recibido.origen), "encabezado": asdict(recibido.encabezado)}


def de_parametros(parametros: Any) -> tuple[Origen, Encabezado]:
    return _ORIGEN.validate_python(parametros["origen"]), _ENCABEZADO.validate_python(parametros["encabezado"])
