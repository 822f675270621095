"""Cells of an XLSX that its reader gives as empty, and are not: errors, and formulas saved without a value, as programs
that calculate nothing write them."""

import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

import attrs

DANADO = (ElementTree.ParseError, expat.ExpatError, zipfile.BadZipFile, zlib.error, NotImplementedError)
"""What a file that is not whole raises."""
SIN_VALOR = "=()"
"""Stands for a formula of which nobody knows the value: what reads cells refuses formulas."""
_ALGUNA = re.compile(rb'\bt="e"|<(?:\w+:)?f[\s>/]')
_DONDE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_TROZO, _SOLAPE = 1 << 20, 64
_LIBRO, _RELACIONES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


def no_vacias(libro: zipfile.ZipFile) -> Mapping[str, Mapping[int, Mapping[int, str]]]:
    """What stands in each such cell, by sheet, row from 1 and column from 0. Empty for a file that is no XLSX."""
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
    if parte not in libro.namelist() or not _hay_alguna(libro, parte):
        return {}
    celdas = _Celdas()
    with libro.open(parte) as hoja:
        celdas.leer(hoja)
    return celdas.halladas


def _hay_alguna(libro: zipfile.ZipFile, parte: str) -> bool:
    """Whether the sheet has such cells. Most sheets have none, and looking for them takes less than reading the
    sheet."""
    antes = b""
    with libro.open(parte) as hoja:
        while trozo := hoja.read(_TROZO):
            if _ALGUNA.search(antes + trozo):
                return True
            antes = trozo[-_SOLAPE:]
    return False


@attrs.define
class _Celdas:
    """What a sheet says of its cells, as its XML is read."""

    halladas: dict[int, dict[int, str]] = attrs.field(factory=dict, init=False)
    _atributos: Mapping[str, str] = attrs.field(factory=dict, init=False)
    _con_formula: bool = attrs.field(default=False, init=False)
    _valor: list[str] = attrs.field(factory=list, init=False)
    _en_valor: bool = attrs.field(default=False, init=False)

    def leer(self, hoja: IO[bytes]) -> None:
        lector = expat.ParserCreate()
        lector.StartElementHandler = self._empieza
        lector.EndElementHandler = self._termina
        lector.CharacterDataHandler = self._dice
        lector.ParseFile(hoja)

    def _empieza(self, nombre: str, atributos: dict[str, str]) -> None:
        match nombre.rpartition(":")[2]:
            case "c":
                self._atributos, self._con_formula, self._valor = atributos, False, []
            case "f":
                self._con_formula = True
            case "v":
                self._en_valor = True

    def _dice(self, texto: str) -> None:
        if self._en_valor:
            self._valor.append(texto)

    def _termina(self, nombre: str) -> None:
        match nombre.rpartition(":")[2]:
            case "v":
                self._en_valor = False
            case "c":
                self._juzgar("".join(self._valor))

    def _juzgar(self, valor: str) -> None:
        donde = _DONDE.fullmatch(self._atributos.get("r", ""))
        dicho = valor if self._atributos.get("t") == "e" else SIN_VALOR if self._con_formula and not valor else ""
        if donde is not None and dicho:
            self.halladas.setdefault(int(donde[2]), {})[_numero(donde[1])] = dicho


def _numero(letras: str) -> int:
    numero = 0
    for letra in letras:
        numero = numero * 26 + ord(letra) - ord("A") + 1
    return numero - 1
