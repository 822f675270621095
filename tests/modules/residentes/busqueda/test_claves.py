import pytest

from app.modules.residentes.busqueda.claves import (
    en_orden_alfabetico,
    en_orden_natural,
    normalizar_documento,
    palabras,
    palabras_buscadas,
    palabras_de_unidad,
    plegar,
)


class TestPlegar:
    @pytest.mark.parametrize("texto", ["Núñez", "NUÑEZ", "nunez", "Nu\u0301n\u0303ez"])
    def test_without_case_or_accents(self, texto: str) -> None:
        assert plegar(texto) == "nunez"


class TestPalabras:
    def test_different_and_sorted(self) -> None:
        assert palabras("Ana María", "de la Peña", "ana") == ["ana", "de", "la", "maria", "pena"]

    def test_a_document_with_dots_is_one_word(self) -> None:
        assert palabras("1.020.304") == palabras("1020304") == ["1020304"]

    def test_signs_are_no_words(self) -> None:
        assert palabras("$ .* _ () \x00") == []

    def test_only_ten_are_sought(self) -> None:
        assert len(palabras_buscadas(" ".join("abcdefghijklmnop"))) == 10


class TestEnOrdenNatural:
    def test_numbers_by_their_value(self) -> None:
        assert sorted(["T10\n101", "T2\n1101", "T2\n201"], key=en_orden_natural) == ["T2\n201", "T2\n1101", "T10\n101"]


class TestEnOrdenAlfabetico:
    def test_as_a_dictionary_has_them(self) -> None:
        en_orden = [
            "Álvarez Ana",
            "Nuñez",
            "Ñáñez",
            "Olmos",
            "Pena",
            "Penzo",
            "Peña Ana",
            "PEÑA Z",
            "Peñaranda",
            "Peo",
        ]
        assert sorted(sorted(en_orden), key=en_orden_alfabetico) == en_orden

    @pytest.mark.parametrize("texto", ["Peña", "PEÑA", "Pen\u0303a", "PEN\u0303A"])
    def test_without_case_or_accents(self, texto: str) -> None:
        assert en_orden_alfabetico(texto) == "pen~a"


class TestPalabrasDeUnidad:
    def test_plates_as_they_stand_on_the_vehicle(self) -> None:
        hallada_por = palabras_de_unidad("Peñón", "101", ["ABC123", "AB12CD", "7Q", "XYZ"])
        enteras = ["penon", "101", "abc123", "123", "ab12cd", "12cd", "7q", "xyz"]
        comienzos = ["pen", "peno", "abc", "abc1", "abc12", "ab1", "ab12", "ab12c", "12c"]
        assert hallada_por == sorted([*enteras, *comienzos])


class TestNormalizarDocumento:
    @pytest.mark.parametrize("numero", ["1.020.304-a", " 1 020 304-A ", "1020304-A"])
    def test_one_spelling(self, numero: str) -> None:
        assert normalizar_documento(numero) == "1020304A"
