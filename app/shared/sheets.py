"""Tables going out as files, CSV or XLSX, in pieces: the table of a whole city is never in memory at once.

    partes = en_tabla(FormatoDeTabla.xlsx, lotes, Hoja(nombre="residentes", fecha=ahora()))

No cell of either is a formula, whatever its text."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

from anyio import to_thread
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from app.shared.tables import escribir_fila

_TROZO = 256 * 1024

Filas = Sequence[Sequence[object]]


class FormatoDeTabla(StrEnum):
    csv = "csv"
    xlsx = "xlsx"

    @property
    def tipo(self) -> str:
        """The media type."""
        return _TIPOS[self]


_TIPOS = {
    FormatoDeTabla.csv: "text/csv; charset=utf-8",
    FormatoDeTabla.xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hoja:
    """What an XLSX has besides its cells. `fecha`: when it says it was made, so that the same rows with the same date
    are the same bytes. `anchos`: of its first columns, in characters. `fija`: whether its first row stays in sight.
    `otras`: sheets behind it, by name. `separador`: what stands between the cells of a CSV."""

    nombre: str
    fecha: datetime
    anchos: Sequence[int] = ()
    fija: bool = True
    otras: Mapping[str, Filas] = field(default_factory=dict)
    separador: str = ","


def en_tabla(formato: FormatoDeTabla, lotes: AsyncIterable[Filas], hoja: Hoja) -> AsyncIterator[bytes]:
    """The rows of `lotes`, header included. None is an empty cell; numbers are numbers in XLSX, all else is text."""
    match formato:
        case FormatoDeTabla.csv:
            return _en_csv(lotes, hoja.separador)
        case FormatoDeTabla.xlsx:
            return _en_xlsx(lotes, hoja)


async def _en_csv(lotes: AsyncIterable[Filas], separador: str) -> AsyncIterator[bytes]:
    """The CSV begins with a BOM: without one, spreadsheets do not read UTF-8. Its header waits for the first rows: what
    keeps them from being read is told before there is a file."""
    titulos, filas = b"\xef\xbb\xbf", aiter(lotes)
    titulos += _celdas(await anext(filas, []), separador)
    async for lote in filas:
        yield titulos + _celdas(lote, separador)
        titulos = b""
    if titulos:
        yield titulos


def _celdas(lote: Filas, separador: str) -> bytes:
    return "".join(escribir_fila(fila, separador) for fila in lote).encode()


async def _en_xlsx(lotes: AsyncIterable[Filas], hoja: Hoja) -> AsyncIterator[bytes]:
    """The writer puts each row on the disk when the next row begins. What it opened for that is closed in any case."""
    with TemporaryFile() as archivo, TemporaryDirectory() as carpeta, closing(_Libro(archivo, carpeta, hoja)) as libro:
        async for lote in lotes:
            await to_thread.run_sync(libro.escribir, lote)
        for nombre, filas in hoja.otras.items():
            libro.agregar(nombre, hoja)
            libro.escribir(filas)
        await to_thread.run_sync(libro.close)
        archivo.seek(0)
        while trozo := await to_thread.run_sync(archivo.read, _TROZO):
            yield trozo


class _Libro:
    def __init__(self, archivo: IO[bytes], carpeta: str, hoja: Hoja) -> None:
        self._libro = Workbook(archivo, {"constant_memory": True, "tmpdir": carpeta})
        self._libro.set_properties({"created": hoja.fecha.replace(tzinfo=None)})
        self.agregar(hoja.nombre, hoja)

    def agregar(self, nombre: str, hoja: Hoja) -> None:
        """A sheet, into which the next rows go."""
        self._hoja: Worksheet = self._libro.add_worksheet(nombre)
        for columna, ancho in enumerate(hoja.anchos):
            self._hoja.set_column(columna, columna, ancho)
        if hoja.fija:
            self._hoja.freeze_panes(1, 0)
        self._fila = 0

    def escribir(self, filas: Filas) -> None:
        for fila in filas:
            for columna, celda in enumerate(fila):
                if isinstance(celda, int | float) and not isinstance(celda, bool):
                    self._hoja.write_number(self._fila, columna, celda)
                elif celda is not None:
                    self._hoja.write_string(self._fila, columna, str(celda))
            self._fila += 1

    def close(self) -> None:
        if not self._libro.fileclosed:
            self._libro.close()
