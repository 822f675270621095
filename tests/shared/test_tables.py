"""CSV out and in."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator

import pytest

from app.shared.tables import Fila, escribir_fila, leer_csv, separador_de, si_o_no


async def _de(contenido: bytes, trozo: int) -> AsyncIterator[bytes]:
    for desde in range(0, len(contenido), trozo):
        yield contenido[desde : desde + trozo]


def _leer(contenido: bytes, trozo: int = 5) -> list[Fila]:
    async def leer() -> list[Fila]:
        return [fila async for fila in leer_csv(_de(contenido, trozo))]

    return asyncio.run(leer())


def _como_dict(contenido: bytes) -> list[tuple[int, object]]:
    return [(fila.linea, fila.celdas) for fila in _leer(contenido)]


class TestLeer:
    @pytest.mark.parametrize("trozo", [1, 2, 3, 7, 1000])
    @pytest.mark.parametrize(
        "contenido",
        [
            "a,ñ\r\n1,2\r\n".encode(),
            "a,ñ\n1,2".encode(),
            "\ufeffa;ñ\n1;2\n".encode(),
            '"a","ñ"\n\n , \n1,2\n'.encode(),
        ],
    )
    def test_da_igual_como_se_escriba_y_como_llegue(self, contenido: bytes, trozo: int) -> None:
        assert [fila.celdas for fila in _leer(contenido, trozo)] == [("a", "ñ"), ("1", "2")]

    def test_una_celda_puede_tener_separadores_comillas_y_lineas(self) -> None:
        assert _como_dict(b'a,b\n"1,\n2","di ""si"""\n3,4') == [
            (1, ("a", "b")),
            (2, ("1,\n2", 'di "si"')),
            (4, ("3", "4")),
        ]

    def test_unas_comillas_sin_cerrar_no_se_llevan_las_filas_que_siguen(self) -> None:
        malas = _como_dict(b'a,b\n"1,2\n3,4\n5" x,6\n7,"8"x\n9,0\n')
        assert malas == [(1, ("a", "b")), (2, None), (3, ("3", "4")), (4, None), (5, None), (6, ("9", "0"))]

    def test_ni_aunque_sean_muchas(self) -> None:
        filas = _como_dict(b'a\n"x\n' + b"1\n" * 200)
        assert filas == [(1, ("a",)), (2, None), *((n, ("1",)) for n in range(3, 203))]

    @pytest.mark.parametrize("larga", [b"x" * 30_000, b'"' + b"x" * 30_000, b"x" * 2_000_000])
    def test_una_linea_sin_medida_se_pierde_ella_sola(self, larga: bytes) -> None:
        assert [(f.linea, f.celdas) for f in _leer(b"a\n1\n" + larga + b"\n2\n", 4096)] == [
            (1, ("a",)),
            (2, ("1",)),
            (3, None),
            (4, ("2",)),
        ]

    @pytest.mark.parametrize("contenido", [b"", b"\n\r\n", b"\xef\xbb\xbf"])
    def test_sin_nada(self, contenido: bytes) -> None:
        assert _leer(contenido) == []

    def test_lo_que_no_es_utf8(self) -> None:
        with pytest.raises(UnicodeDecodeError):
            _leer("ñ".encode("latin-1"))


class TestComoLoGuardanLasHojas:
    @pytest.mark.parametrize(
        "contenido",
        [
            b"torre;apto\r\nA;1\r\n",
            b"torre;apto\rA;1\r",
            b"torre,apto\nA,1",
            b"torre\tapto\nA\t1\n",
            b"sep=;\r\ntorre;apto\r\nA;1\r\n",
            b'"sep=,"\ntorre,apto\nA,1\n',
        ],
    )
    def test_separador_y_finales_de_linea(self, contenido: bytes) -> None:
        for trozo in (1, 2, 100):
            filas = _leer(contenido, trozo)
            assert [fila.celdas for fila in filas] == [("torre", "apto"), ("A", "1")]
            assert filas[-1].linea == contenido.count(b"sep") + 2

    def test_en_otra_codificacion(self) -> None:
        async def leer() -> list[Fila]:
            texto = "torre;apto\nÑ;1\n".encode("cp1252")
            return [fila async for fila in leer_csv(_de(texto, 3), codificacion="cp1252")]

        assert asyncio.run(leer())[1].celdas == ("Ñ", "1")

    @pytest.mark.parametrize(
        ("lineas", "separador"),
        [
            (["CONJUNTO LOS PINOS", "Torre;Propietario", "1;PÉREZ, ANA", "2;GÓMEZ, LUZ"], ";"),
            (["a,b", "1,5;2"], ","),
            (["sep=\t", "a;b;c"], "\t"),
            ([], ","),
        ],
    )
    def test_el_que_mas_lineas_tienen(self, lineas: list[str], separador: str) -> None:
        assert separador_de(lineas) == separador


class TestEscribir:
    @pytest.mark.parametrize("celda", ["=1+1", "+1", "-1", "@a", "\tx", "＝1", "a,b", 'di "no"', "ñ"])
    def test_lo_que_se_escribe_se_lee_igual_y_no_es_una_formula(self, celda: str) -> None:
        escrita = escribir_fila(["a", celda])
        (leida,) = csv.reader(io.StringIO(escrita, newline=""))
        assert not leida[1].startswith(("=", "+", "-", "@", "\t", "\r"))
        (fila,) = _leer(escrita.encode())
        # A line end within a cell is one line end, whatever it was.
        assert fila.celdas == ("a", celda.strip() if celda[0] not in "\t\r" else celda.replace("\r", "\n"))

    @pytest.mark.parametrize("fin", ["\n", "\r", "\r\n", "\u2028", "\x85", "\v"])
    def test_una_celda_es_de_una_linea_y_la_segunda_no_es_una_formula(self, fin: str) -> None:
        escrita = escribir_fila([f"Uno{fin}=2+2", f"{fin}=2+2", "＝2+2"])
        assert len(escrita.splitlines()) == 1
        assert not any(celda.startswith(("=", "＝")) for celda in escrita.replace('"', "").split(","))
        assert escrita == "Uno =2+2, =2+2,'＝2+2\r\n"

    def test_lo_que_no_es_texto(self) -> None:
        assert escribir_fila([None, 3, True]) == ",3,True\r\n"


@pytest.mark.parametrize(
    ("celda", "dice"),
    [
        ("Sí", True),
        ("SI", True),
        ("x", True),
        ("1", True),
        ("no", False),
        ("False", False),
        ("", None),
        ("tal vez", None),
    ],
)
def test_si_o_no(celda: str, dice: bool | None) -> None:
    assert si_o_no(celda) is dice
