"""A spreadsheet's file turned into lines, in a process of its own: `python -m app.core.imports.workbook` reads the file
from stdin and writes frames to stdout (`FRAME`, then so many bytes).

They are lines of JSON: a sheet's name as a text, then its rows that are not empty, each `[number from 1, [cells as
texts]]`. After an empty frame, the last says how it went (`Estado`). What the file could be made to cost is the cost of
this process: the system ends it where it wants too much memory or time.
"""

import io
import json
import resource
import struct
import sys
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from app.core.imports.blanks import DANADO, no_vacias

FRAME = struct.Struct(">I")
MEMORIA = 1536 * 1024 * 1024
SEGUNDOS = 60
_DESCOMPRIMIDO = 512 * 1024 * 1024
_PIEZAS = 5_000
_HOJAS = 50
_MAXIMO_DE_FILAS = 250_000
_MAXIMO_DE_CARACTERES = 20_000
_TROZO = 256 * 1024
_OLE = b"\xd0\xcf\x11\xe0"
_CIFRADO = "EncryptedPackage".encode("utf-16-le")
_EXACTOS = 10**15
"""Whole numbers below have all their digits in a spreadsheet."""


class Estado(StrEnum):
    bien = "bien"
    ilegible = "ilegible"
    con_clave = "con_clave"
    desmedido = "desmedido"


def lineas(libro: CalamineWorkbook, no_vacias: Mapping[str, Mapping[int, Mapping[int, str]]]) -> Iterator[str]:
    """Of the sheets that people see. `no_vacias`: see `blanks`."""
    quedan = _MAXIMO_DE_FILAS
    for datos in libro.sheets_metadata[:_HOJAS]:
        if datos.typ is not SheetTypeEnum.WorkSheet or datos.visible is not SheetVisibleEnum.Visible:
            continue
        hoja = libro.get_sheet_by_name(datos.name)
        yield json.dumps(datos.name[:100], ensure_ascii=False)
        for numero, celdas in _filas(hoja, no_vacias.get(datos.name, {})):
            yield json.dumps([numero, celdas], ensure_ascii=False, separators=(",", ":"))
            quedan -= 1
            if quedan == 0:
                return


def _filas(hoja: CalamineSheet, no_vacias: Mapping[int, Mapping[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """A cell that is merged over several rows stands in each of them."""
    primera = 0 if hoja.start is None else hoja.start[1]
    fundidas: dict[int, list[tuple[int, int]]] = {}
    for (desde, columna), (hasta, _) in hoja.merged_cell_ranges or ():
        if hasta > desde:
            fundidas.setdefault(desde + 1, []).append((columna - primera, hasta + 1))
    abiertas: dict[int, tuple[int, str]] = {}
    for numero, crudas in enumerate(hoja.iter_rows(), start=1):
        celdas = [_texto(cruda) for cruda in crudas]
        for columna, dicho in no_vacias.get(numero, {}).items():
            if columna - primera < len(celdas):
                celdas[columna - primera] = celdas[columna - primera] or dicho
        abiertas = {columna: (hasta, dicho) for columna, (hasta, dicho) in abiertas.items() if hasta >= numero}
        for columna, (_, dicho) in abiertas.items():
            celdas[columna] = celdas[columna] or dicho
        for columna, hasta in fundidas.get(numero, ()):
            abiertas[columna] = hasta, celdas[columna]
        while celdas and not celdas[-1]:
            celdas.pop()
        if celdas:
            yield numero, celdas


def _texto(valor: object) -> str:
    match valor:
        case bool():
            return "sí" if valor else "no"
        case float():
            if abs(valor) >= _EXACTOS:
                return f"{valor:e}"
            return str(int(valor)) if valor.is_integer() else repr(valor)
        case datetime():
            return valor.date().isoformat() if valor.time() == datetime.min.time() else valor.isoformat(sep=" ")
        case date():
            return valor.isoformat()
    return str(valor).strip()[:_MAXIMO_DE_CARACTERES]


def _juzgar(contenido: bytes) -> Estado:
    """What can be told before the file is read: a small ZIP may hold more than any memory."""
    if contenido.startswith(_OLE) and _CIFRADO in contenido:
        return Estado.con_clave
    if not zipfile.is_zipfile(io.BytesIO(contenido)):
        return Estado.bien
    try:
        piezas = zipfile.ZipFile(io.BytesIO(contenido)).infolist()
    except zipfile.BadZipFile:
        return Estado.ilegible
    cabe = len(piezas) <= _PIEZAS and sum(pieza.file_size for pieza in piezas) <= _DESCOMPRIMIDO
    return Estado.bien if cabe else Estado.desmedido


def convertir(contenido: bytes) -> Estado:
    """Write the frames of all sheets, as far as they can be read."""
    if (estado := _juzgar(contenido)) is not Estado.bien:
        return estado
    try:
        trozo = bytearray()
        libro = CalamineWorkbook.from_filelike(io.BytesIO(contenido))
        for linea in lineas(libro, _no_vacias(contenido)):
            trozo += linea.encode() + b"\n"
            if len(trozo) >= _TROZO:
                _poner(bytes(trozo))
                trozo.clear()
        if trozo:
            _poner(bytes(trozo))
    except PasswordError:
        return Estado.con_clave
    except (CalamineError, *DANADO):
        return Estado.ilegible
    return Estado.bien


def _no_vacias(contenido: bytes) -> Mapping[str, Mapping[int, Mapping[int, str]]]:
    if not zipfile.is_zipfile(io.BytesIO(contenido)):
        return {}
    with zipfile.ZipFile(io.BytesIO(contenido)) as libro:
        return no_vacias(libro)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORIA, MEMORIA))
    resource.setrlimit(resource.RLIMIT_CPU, (SEGUNDOS, SEGUNDOS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    estado = convertir(sys.stdin.buffer.read())
    _poner(b"")
    _poner(estado.encode())
    sys.stdout.buffer.flush()


def _poner(marco: bytes) -> None:
    sys.stdout.buffer.write(FRAME.pack(len(marco)) + marco)


if __name__ == "__main__":
    main()
