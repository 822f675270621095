"""Tables going out as CSV and XLSX."""

import asyncio
import io
import re
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from app.shared.sheets import Filas, FormatoDeTabla, Hoja, en_tabla

HOJA = Hoja(nombre="prueba", fecha=datetime(2027, 1, 2, tzinfo=UTC), anchos=(10, 20))
PELIGROSAS = ("=2+5", "+1", "-1", "@SUM(A1)", "\tx", "=HYPERLINK(...)")


async def _lotes(*lotes: Filas) -> AsyncIterator[Filas]:
    for lote in lotes:
        yield lote


def _escrita(formato: FormatoDeTabla, *lotes: Filas) -> bytes:
    async def escribir() -> bytes:
        return b"".join([parte async for parte in en_tabla(formato, _lotes(*lotes), HOJA)])

    return asyncio.run(escribir())


def _xml(libro: bytes, parte: str = "xl/worksheets/sheet1.xml") -> str:
    with zipfile.ZipFile(io.BytesIO(libro)) as zip:
        return zip.read(parte).decode()


class TestCsv:
    def test_begins_with_a_bom_and_holds_all_batches(self) -> None:
        csv = _escrita(FormatoDeTabla.csv, [("a", "ñ")], [], [(1, None), (True, "x")])
        assert csv == "\ufeffa,ñ\r\n1,\r\nTrue,x\r\n".encode()

    @pytest.mark.parametrize("celda", PELIGROSAS)
    def test_no_formula(self, celda: str) -> None:
        assert f"'{celda}" in _escrita(FormatoDeTabla.csv, [(celda,)]).decode()


class TestXlsx:
    def test_numbers_are_numbers_and_the_rest_is_text(self) -> None:
        xml = _xml(_escrita(FormatoDeTabla.xlsx, [("a", "ñ")], [(7, 1.5, None, True, "007")]))
        assert re.findall(r'<c r="(\w+)"(?: t="(\w+)")?>', xml) == [
            ("A1", "inlineStr"),
            ("B1", "inlineStr"),
            ("A2", ""),
            ("B2", ""),
            ("D2", "inlineStr"),
            ("E2", "inlineStr"),
        ]

    @pytest.mark.parametrize("celda", PELIGROSAS)
    def test_no_formula(self, celda: str) -> None:
        xml = _xml(_escrita(FormatoDeTabla.xlsx, [(celda,)]))
        assert "<f>" not in xml
        assert "http" not in xml.partition("<sheetData>")[2]

    def test_the_same_rows_are_the_same_bytes(self) -> None:
        filas: Filas = [(n, f"fila {n}") for n in range(500)]
        assert _escrita(FormatoDeTabla.xlsx, filas) == _escrita(FormatoDeTabla.xlsx, filas[:10], filas[10:])
        assert "2027-01-02T00:00:00Z" in _xml(_escrita(FormatoDeTabla.xlsx, filas), "docProps/core.xml")
