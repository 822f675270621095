"""What no person makes by hand: files that cost more than they say, and tables of strange shapes."""

import io
import zipfile
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from app.core.imports import conversion, workbook
from app.core.imports.contract import Encabezado, Origen, Vocabulario
from app.core.imports.conversion import NoSePudo, en_lineas
from app.core.imports.headings import Lector, hallar, plegar
from app.core.imports.reading import NoEsTexto, Oido, filas, renglones
from app.core.imports.workbook import Estado
from app.shared.exceptions import EntradaInvalida

VOCABULARIO = Vocabulario(
    columnas={
        "torre": ["torre", "bloque"],
        "apartamento": ["apto", "unidad"],
        "nombre": ["nombre"],
        "documento": ["documento"],
        "documento#CC": ["cedula", "cc"],
        "placa": ["placa"],
    },
    exigidas=[frozenset({"apartamento"})],
    claves=frozenset({"torre", "apartamento"}),
    varias=frozenset({"placa"}),
    grupos={"propietario": ["propietario"], "arrendatario": ["inquilino"]},
    de_grupo=frozenset({"nombre", "documento"}),
    nombre="nombre",
)
_HOJA = """<?xml version="1.0" encoding="UTF-8"?>{dtd}
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{filas}</sheetData></worksheet>"""


async def _de(contenido: bytes, trozo: int = 64 * 1024) -> AsyncIterator[bytes]:
    for desde in range(0, len(contenido), trozo):
        yield contenido[desde : desde + trozo]


async def _lineas(contenido: bytes) -> list[bytes]:
    return b"".join([parte async for parte in en_lineas(_de(contenido))]).splitlines()


def _libro(hoja: str) -> bytes:
    """A spreadsheet with that XML for its only sheet."""
    limpio, salida = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(limpio) as libro:
        libro.add_worksheet()
    with zipfile.ZipFile(limpio) as antes, zipfile.ZipFile(salida, "w", zipfile.ZIP_DEFLATED) as despues:
        for pieza in antes.infolist():
            despues.writestr(pieza, hoja if pieza.filename == "xl/worksheets/sheet1.xml" else antes.read(pieza))
    return salida.getvalue()


class TestLoQueCuestaMasDeLoQueDice:
    async def test_a_million_empty_rows_are_nothing(self) -> None:
        vacias = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(3, 1_000_003))
        con_una = (
            '<row r="1"><c r="A1" t="inlineStr"><is><t>Apto</t></is></c></row><row r="2"><c r="A2"><v>7</v></c></row>'
        )
        assert await _lineas(_libro(_HOJA.format(dtd="", filas=con_una + vacias))) == [
            b'"Sheet1"',
            b'[1,["Apto"]]',
            b'[2,["7"]]',
        ]

    async def test_a_sheet_that_only_seems_small_is_ended_by_the_system(self) -> None:
        """Two cells in opposite corners: seventeen thousand million between them."""
        esquinas = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        with pytest.raises(NoSePudo) as error:
            await _lineas(_libro(_HOJA.format(dtd="", filas=esquinas)))
        assert error.value.estado is Estado.desmedido

    async def test_a_zip_of_nothing_but_zeros(self) -> None:
        salida = io.BytesIO()
        with (
            zipfile.ZipFile(salida, "w", zipfile.ZIP_DEFLATED) as archivo,
            archivo.open("xl/workbook.xml", "w") as pieza,
        ):
            for _ in range(513):
                pieza.write(bytes(1024 * 1024))
        assert len(salida.getvalue()) < 1024 * 1024
        with pytest.raises(NoSePudo) as error:
            await _lineas(salida.getvalue())
        assert error.value.estado is Estado.desmedido

    async def test_entities_are_not_unfolded(self) -> None:
        dtd = '<!DOCTYPE b [<!ENTITY a "{}"><!ENTITY b "{}">]>'.format("lol" * 1000, "&a;" * 1000)
        celda = '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
        with pytest.raises(NoSePudo) as error:
            await _lineas(_libro(_HOJA.format(dtd=dtd, filas=celda)))
        assert error.value.estado is Estado.ilegible

    @pytest.mark.parametrize(
        "contenido", [b"PK\x03\x04", b"PK\x03\x04" + bytes(1000), b"\xd0\xcf\x11\xe0" + bytes(600)]
    )
    async def test_what_is_no_spreadsheet(self, contenido: bytes) -> None:
        with pytest.raises(NoSePudo) as error:
            await _lineas(contenido)
        assert error.value.estado is Estado.ilegible

    async def test_a_locked_one(self) -> None:
        with pytest.raises(NoSePudo) as error:
            await _lineas(Path(__file__).with_name("con-clave.xlsx").read_bytes())
        assert error.value.estado is Estado.con_clave

    async def test_one_that_is_not_whole(self) -> None:
        entero = bytearray(_libro(_HOJA.format(dtd="", filas='<row r="1"><c r="A1"><v>1</v></c></row>')))
        donde = entero.index(b"xl/workbook.xml") + len(b"xl/workbook.xml")
        entero[donde + 10 : donde + 40] = bytes(30)
        with pytest.raises(NoSePudo) as error:
            await _lineas(bytes(entero))
        assert error.value.estado is Estado.ilegible

    async def test_sixteen_thousand_columns(self) -> None:
        salida = io.BytesIO()
        with xlsxwriter.Workbook(salida) as libro:
            hoja = libro.add_worksheet()
            hoja.write_row(0, 0, ["Torre", "Apto", *(f"Columna {n}" for n in range(16_382))])
            hoja.write_row(1, 0, ["A", 101])
        encabezado, leidas = await _leer(salida.getvalue())
        assert [c.campo for c in encabezado.columnas] == ["torre", "apartamento"]
        assert len(encabezado.desconocidas) == 50
        assert leidas == [(2, ["A", "101"])]


async def _leer(contenido: bytes) -> tuple[Encabezado, list[tuple[int, list[str]]]]:
    lineas = b"\n".join(await _lineas(contenido)) + b"\n"
    origen = Origen(es_texto=False)
    crudas = [(r.hoja, r.linea, r.celdas or ()) async for r in renglones(_de(lineas), origen)]
    encabezado = hallar(Lector(VOCABULARIO), VOCABULARIO, crudas)
    assert encabezado is not None
    leidas = [f async for f in filas(_de(lineas), origen, encabezado)]
    return encabezado, [(f.linea, [celda.texto for celda in f.celdas]) for f in leidas]


class TestCeldas:
    async def test_as_people_see_them(self, tmp_path: Path) -> None:
        with xlsxwriter.Workbook(tmp_path / "a.xlsx") as libro:
            fecha = libro.add_format({"num_format": "dd/mm/yyyy"})
            hoja = libro.add_worksheet()
            hoja.write_row(0, 0, [102, 1020330.0, 1.5, True, " ñ ", ""])
            hoja.write_datetime(0, 6, date(2024, 2, 29), fecha)
            hoja.merge_range(1, 0, 3, 0, "Torre 1")
            hoja.write(3, 1, 9)
        assert await _lineas((tmp_path / "a.xlsx").read_bytes()) == [
            b'"Sheet1"',
            '[1,["102","1020330","1.5","sí","ñ","","2024-02-29"]]'.encode(),
            b'[2,["Torre 1"]]',
            b'[3,["Torre 1"]]',
            b'[4,["Torre 1","9"]]',
        ]

    async def test_one_file_at_a_time_and_in_a_process_that_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(conversion, "_MODULO", "app.core.imports.no_hay")
        with pytest.raises(NoSePudo):
            await _lineas(b"PK")
        assert workbook.MEMORIA < 2**31


class TestEncabezados:
    @pytest.mark.parametrize(
        ("titulo", "plegado"),
        [
            ("No. de Apto.", "apto"),
            ("C.C.", "cc"),
            ("C. C.", "cc"),
            ("N.I.T", "nit"),
            ("Teléfono 2", "telefono"),
            ("  CÉDULA_de  Ciudadanía ", "cedula ciudadania"),
            ("E-mail", "e mail"),
            ("Al día", "dia"),
            ("#", ""),
        ],
    )
    def test_without_case_accents_and_filling(self, titulo: str, plegado: str) -> None:
        assert plegar(titulo) == plegado

    @pytest.mark.parametrize(
        ("titulos", "columnas"),
        [
            (
                ["Torre/Bloque", "Apto", "Propietario", "Cédula"],
                "torre apartamento propietario.nombre propietario.documento",
            ),
            (
                ["Apto", "C.C. Inquilino", "Nombre del propietario"],
                "apartamento inquilino.documento propietario.nombre",
            ),
            (["Cédula", "Apto", "Propietario", "Inquilino", "Documento"], None),
            (["Apto", "Placa 1", "Placa 2"], "apartamento placa placa"),
            (["Apto", "Cédula", "Documento"], "apartamento documento"),
        ],
    )
    def test_of_whom_each_column_speaks(self, titulos: list[str], columnas: str | None) -> None:
        hallado = hallar(Lector(VOCABULARIO), VOCABULARIO, [(0, 1, titulos)])
        assert hallado is not None
        dichas = " ".join(f"{c.grupo}.{c.campo}".strip(".") for c in hallado.columnas).replace(
            "arrendatario", "inquilino"
        )
        esperadas = columnas or (
            "propietario.documento apartamento propietario.nombre inquilino.nombre inquilino.documento"
        )
        assert dichas == esperadas

    def test_two_columns_for_what_a_row_is_about(self) -> None:
        with pytest.raises(EntradaInvalida):
            hallar(Lector(VOCABULARIO), VOCABULARIO, [(0, 1, ["Apto", "Unidad"])])

    def test_none(self) -> None:
        assert hallar(Lector(VOCABULARIO), VOCABULARIO, [(0, 1, ["Torre", "Nombre"]), (0, 2, ["1", "Ana"])]) is None


NO_SON_TABLAS = [
    b"<html><table><tr><td>Apto</td></tr></table></html>",
    b'\xef\xbb\xbf\r\n<?xml version="1.0"?><Workbook/>',
    b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n",
]
"""What other programs save as a spreadsheet."""


class TestOido:
    @pytest.mark.parametrize(
        ("contenido", "codificacion"),
        [
            ("ñ;á".encode(), "utf-8-sig"),
            ("\ufeffñ".encode(), "utf-8-sig"),
            ("ñ;€".encode("cp1252"), "cp1252"),
            ("ñ".encode("utf-16"), "utf-16"),
            ("Ñandú;1".encode("utf-16-le"), "utf-16-le"),
            ("Íñigo Núñez;María Pérez".encode("mac_roman"), "mac_roman"),
            ("María – D’Angelo".encode("cp1252"), "cp1252"),
            ("ñ\r\n\x1a".encode("cp1252"), "cp1252"),
            (b"", "utf-8-sig"),
        ],
    )
    def test_in_which_encoding_it_is(self, contenido: bytes, codificacion: str) -> None:
        oido = Oido()
        for n in range(len(contenido)):
            oido.escuchar(contenido[n : n + 1])
        assert oido.origen().codificacion == codificacion

    @pytest.mark.parametrize("contenido", [b"\x81", b"\xff\x00\x01", b"a\xc3"[::-1] + b"\x00", *NO_SON_TABLAS])
    def test_in_none(self, contenido: bytes) -> None:
        oido = Oido()
        oido.escuchar(contenido)
        with pytest.raises(NoEsTexto):
            oido.origen()
