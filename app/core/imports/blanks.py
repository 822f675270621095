"""Cells of an XLSX that its reader gives as empty, and are not: errors, and formulas saved without a value, as programs
that calculate nothing write them."""

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

DANADO = (ElementTree.ParseError, zipfile.BadZipFile, zlib.error, NotImplementedError)
"""What a file that is not whole raises."""
SIN_VALOR = "=()"
"""Stands for a formula of which nobody knows the value: what reads cells refuses formulas."""
_CELDA = re.compile(
    rb"<(?:\w+:)?c\s(?P<c>[^>]*[^>/])>\s*(?P<f><(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>))?\s*"
    rb"(?:<(?:\w+:)?v>(?P<v>[^<]*)</)?"
)
_ALGUNA = re.compile(rb'\bt="e"|<(?:\w+:)?f[\s>/]')
_DONDE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_ES_ERROR = re.compile(rb'\bt="e"')
_LIBRO, _RELACIONES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


def no_vacias(libro: zipfile.ZipFile) -> Mapping[str, Mapping[int, Mapping[int, str]]]:
    """By sheet, row from 1 and column from 0, what stands there. Nothing of what is no XLSX."""
    if not {_LIBRO, _RELACIONES} <= set(libro.namelist()):
        return {}
    partes = {
        relacion.get("Id"): relacion.get("Target", "")
        for relacion in ElementTree.fromstring(libro.read(_RELACIONES))  # noqa: S314 - in a process that may die of it
    }
    hojas: dict[str, Mapping[int, Mapping[int, str]]] = {}
    for hoja in ElementTree.fromstring(libro.read(_LIBRO)).iter():  # noqa: S314 - likewise
        if hoja.tag.endswith("}sheet"):
            id = next((valor for clave, valor in hoja.attrib.items() if clave.endswith("}id")), None)
            parte = partes.get(id, "")
            hojas[hoja.get("name", "")] = _de(libro, parte[1:] if parte.startswith("/") else f"xl/{parte}")
    return hojas


def _de(libro: zipfile.ZipFile, parte: str) -> Mapping[int, Mapping[int, str]]:
    celdas: dict[int, dict[int, str]] = {}
    if parte in libro.namelist():
        for fila, columna, dicho in _halladas(libro.read(parte)):
            celdas.setdefault(fila, {})[columna] = dicho
    return celdas


def _halladas(hoja: bytes) -> Iterator[tuple[int, int, str]]:
    if _ALGUNA.search(hoja) is None:
        return
    for celda in _CELDA.finditer(hoja):
        donde, es_error = _DONDE.search(celda["c"]), _ES_ERROR.search(celda["c"])
        if donde is None:
            continue
        if es_error and celda["v"]:
            yield int(donde[2]), _numero(donde[1]), celda["v"].decode(errors="replace")
        elif celda["f"] and not celda["v"]:
            yield int(donde[2]), _numero(donde[1]), SIN_VALOR


def _numero(letras: bytes) -> int:
    numero = 0
    for letra in letras:
        numero = numero * 26 + letra - ord("A") + 1
    return numero - 1
