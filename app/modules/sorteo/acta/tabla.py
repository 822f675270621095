"""Minutes as tables, CSV and XLSX, in pieces: the minutes of a whole city are never in memory at once."""

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

from anyio import to_thread
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from app.modules.sorteo.acta.contenido import Contenido, celdas
from app.modules.sorteo.acta.repository import Puesto
from app.shared.tables import escribir_fila

_TROZO = 256 * 1024
_ANCHOS = (22, 70, 14, 10, 70)


async def en_csv(contenido: Contenido, puestos: AsyncIterable[Sequence[Puesto]]) -> AsyncIterator[bytes]:
    """The CSV begins with a BOM: without one, spreadsheets do not read UTF-8."""
    yield ("\ufeff" + "".join(map(escribir_fila, contenido.encabezado()))).encode()
    async for lote in puestos:
        yield "".join(escribir_fila(celdas(puesto)) for puesto in lote).encode()


async def en_xlsx(contenido: Contenido, puestos: AsyncIterable[Sequence[Puesto]]) -> AsyncIterator[bytes]:
    """The writer puts each row on the disk when the next row begins. No cell is a formula, whatever its text."""
    with TemporaryFile() as archivo, TemporaryDirectory() as carpeta:
        hoja = _Hoja(archivo, carpeta)
        await to_thread.run_sync(hoja.escribir, list(contenido.encabezado()))
        async for lote in puestos:
            await to_thread.run_sync(hoja.escribir, [celdas(puesto) for puesto in lote])
        await to_thread.run_sync(hoja.cerrar)
        archivo.seek(0)
        while trozo := await to_thread.run_sync(archivo.read, _TROZO):
            yield trozo


class _Hoja:
    def __init__(self, archivo: IO[bytes], carpeta: str) -> None:
        self._libro = Workbook(archivo, {"constant_memory": True, "tmpdir": carpeta})
        self._hoja: Worksheet = self._libro.add_worksheet("acta")
        for columna, ancho in enumerate(_ANCHOS):
            self._hoja.set_column(columna, columna, ancho)
        self._fila = 0

    def escribir(self, filas: Sequence[Sequence[object]]) -> None:
        for fila in filas:
            for columna, celda in enumerate(fila):
                if isinstance(celda, int):
                    self._hoja.write_number(self._fila, columna, celda)
                elif celda is not None:
                    self._hoja.write_string(self._fila, columna, str(celda))
            self._fila += 1

    def cerrar(self) -> None:
        self._libro.close()
