"""Which passwords are refused, and above all which are not."""

import hashlib
import tracemalloc

import pytest

from app.modules.auth.claves import comunes
from app.modules.auth.claves.comunes import _comunes, motivo, palabras

PROPIAS = palabras(
    ["Ana María", "Pérez Ñuñoa", "ana.perez@gmail.com", "1020304050", "Torre 1 101", "Altos del Parque", "ParkNet"]
)


class TestComunes:
    @pytest.mark.parametrize(
        "clave",
        [
            "passwordpassword",
            "Password2024!",
            "PASSWORD1234",
            "p@ssw0rd12345",
            "MiPassword12",
            "Contraseña2024",
            "C0ntr4señ4!!!",
            "qwertyuiopas",
            "qwertyqwerty",
            "1qaz2wsx3edc",
            "administrador",
            "administrador1",
            "bienvenidos!!",
            "12/12/amor/12",
            "iloveyou 2026",
        ],
    )
    def test_on_the_list_or_nearly(self, clave: str) -> None:
        assert motivo(clave, frozenset()) == "clave_comun"

    @pytest.mark.parametrize(
        "clave",
        [
            "aaaaaaaaaaaa",
            " " * 12,
            "............",
            "123456789012",
            "987654321098",
            "abcdefghijkl",
            "111222333444",
            "abcabcabcabc",
            "x7Kx7Kx7Kx7K",
            "1984 1984 1984",
            "🔑" * 12,
            "e\u0301" * 12,
            "aaaaaaaaaaab",
        ],
    )
    def test_goes_on_as_it_begins(self, clave: str) -> None:
        assert motivo(clave, frozenset()) == "clave_comun"

    @pytest.mark.parametrize(
        "clave",
        [
            "anaperez1990!",
            "Ana María 12345678",
            "PEREZ-ANA-PEREZ",
            "4n4p3r3z--1990",
            "perez nunoa 2020",
            "PÉREZÑUÑOA2020",
            "ana.perez@gmail.com",
            "1020304050ab",
            "102030405060",
            "torre1-101-torre1",
            "AltosDelParque",
            "altos del parque 26",
            "parknetparknet1",
        ],
    )
    def test_made_of_what_is_known_of_somebody(self, clave: str) -> None:
        assert motivo(clave, PROPIAS) == "clave_personal"

    @pytest.mark.parametrize(
        "clave",
        [
            "la clave de siempre",
            "una clave larga 1",
            "correct horse battery staple",
            "mi perro come manzanas",
            "ana come manzanas",
            "x7Kq9Zp2Lm4T",
            "tigre8291047352",
            "839201746512",
            "  con espacios a los lados ",
            "сложный пароль",
            "🐶🌈🍕🚗🎸⚽🌙🔥🎲🧩🛶🪁",
            "con\0nulo adentro",
            "kilómetro trece",
        ],
    )
    def test_anything_else_will_do(self, clave: str) -> None:
        assert motivo(clave, PROPIAS) is None

    def test_words_that_are_too_short_are_nobody_s(self) -> None:
        assert palabras(["Jo De", "x@y.co"]) == {"jode", "xyco"}

    def test_of_somebody_without_words(self) -> None:
        assert motivo("x7Kq9Zp2Lm4T", palabras([])) is None

    def test_the_longest_there_can_be(self) -> None:
        assert motivo("".join(map(chr, range(0x4E00, 0x4E00 + 256, 2))), PROPIAS) is None

    def test_the_list_is_as_it_is_compared(self) -> None:
        lista = _comunes()
        assert len(lista) > 9_000
        assert {"password", "qwertyuiop", "contrasena", "administrador"} <= lista
        assert all(palabra == palabra.lower().strip() and len(palabra) >= 4 for palabra in lista)


@pytest.fixture
def buscadas(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is looked up in the list, as it is looked up."""
    vistas: list[object] = []

    class Lista(frozenset[str]):
        def __contains__(self, trozo: object) -> bool:
            vistas.append(trozo)
            return super().__contains__(trozo)

    monkeypatch.setattr(comunes, "_comunes", lambda: Lista(_comunes()))
    return vistas


class TestCosto:
    """U+FDFA folds to eighteen characters."""

    @pytest.mark.parametrize("clave", ["\ufdfa" * 128, "a1" * 64, "\ufdfa" * 64 + "x" * 64])
    def test_what_it_takes_is_bounded_however_it_folds(self, clave: str) -> None:
        motivo("una clave cualquiera", PROPIAS)  # the list is read once
        tracemalloc.start()
        try:
            motivo(clave, PROPIAS)
            _, cuanto = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert cuanto < 1_000_000

    def test_twice_as_long_looks_up_about_twice_as_many(self, buscadas: list[object]) -> None:
        cuantas = []
        for largo in (32, 64, 128):
            buscadas.clear()
            motivo(hashlib.sha512(b"clave").hexdigest()[:largo], frozenset())
            cuantas.append(len(buscadas))
        assert 0 < cuantas[0] < cuantas[1]
        assert cuantas[2] < 3 * cuantas[1], "the square would be four times as many"

    def test_what_it_folds_to_is_looked_up_no_further(self, buscadas: list[object]) -> None:
        larga = hashlib.sha512(b"clave").hexdigest() + hashlib.sha512(b"otra").hexdigest()
        motivo(larga, frozenset())
        de_una_larga = len(buscadas)
        buscadas.clear()
        motivo("".join(f"\ufdfa{c}" for c in larga[:64]), frozenset())
        assert 0 < len(buscadas) <= de_una_larga
