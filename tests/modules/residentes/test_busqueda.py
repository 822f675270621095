import pytest

from app.modules.residentes.busqueda import en_orden_natural, normalizar_documento, palabras, palabras_buscadas, plegar


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


class TestNormalizarDocumento:
    @pytest.mark.parametrize("numero", ["1.020.304-a", " 1 020 304-A ", "1020304-A"])
    def test_one_spelling(self, numero: str) -> None:
        assert normalizar_documento(numero) == "1020304A"
