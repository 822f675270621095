"""Letters as Typst sets them."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import segno
import typst

from app.modules.auth.invitaciones.cartas import Carta, Pliego, componer, imprimir
from app.shared.printing import qr

ENLACE = "https://parqueo.example.com/registro#invitacion=" + "x" * 43
FECHA = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
VENCE = datetime(2026, 4, 1, 4, 59, tzinfo=UTC)


def pliego(*nombres: str, conjunto: str = "Altos del Parque", unidad: str = "Torre 1, apartamento 101") -> Pliego:
    cartas = [Carta(nombre=nombre, unidad=unidad, enlace=ENLACE) for nombre in nombres]
    return Pliego(conjunto=conjunto, zona=ZoneInfo("America/Bogota"), fecha=FECHA, vence=VENCE, cartas=cartas)


def paginas(pdf: bytes) -> int:
    assert pdf.startswith(b"%PDF-")
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


class TestComponer:
    def test_a_page_each(self) -> None:
        assert paginas(componer(pliego("Ana Rojas", "Luis Díaz", "Marta Peña"))) == 3

    @pytest.mark.parametrize(
        "nombre",
        [
            '#panic("dentro")',
            '"); panic("dentro"); ("',
            "\\u{23}panic()",
            "$ x^2 $ *negrita* _cursiva_ `código` @ref <etiqueta> = Título - lista",
            "/* comentario sin fin",
            "// resto",
            "]]] )))",
            "#",
            "\\",
            '{"nombre": "otro"}',
            "李小龙 محمد علي Ωμέγα Привет नमस्ते",
            "🎲👩‍👩‍👧‍👦🇨🇴",
            "de derecha a izquierda \u202e siempre",
            "a\u0301\u0302\u0303\u0304" * 20,
            "\u200b\u2060\ufeff",
            "\ud7ff\ue000\ufffd\U0010ffff",
            "x",
            "Muy" * 66,
        ],
    )
    def test_whatever_somebody_or_something_is_called(self, nombre: str) -> None:
        assert paginas(componer(pliego(nombre, "Ana", conjunto=nombre[:60], unidad=nombre))) == 2

    def test_what_would_be_seen_of_code_that_ran(self) -> None:
        """The names above, were they code."""
        with pytest.raises(typst.TypstError, match="dentro"):
            typst.compile(b'#panic("dentro")')

    def test_the_same_letters_are_the_same_file(self) -> None:
        assert componer(pliego("Ana")) == componer(pliego("Ana"))


class TestQr:
    def test_the_link_and_nothing_from_elsewhere(self) -> None:
        assert segno.make_qr(ENLACE, error="m").error == "M"
        assert re.findall(r"https?://[^\"]+", qr(ENLACE)) == ["http://www.w3.org/2000/svg"]
        assert qr(ENLACE) != qr(ENLACE + "y")


async def test_in_a_process_of_its_own() -> None:
    assert paginas(await imprimir(pliego("Ana", "Luis"))) == 2
