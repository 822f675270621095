"""Passwords: what bcrypt alone would not tell apart."""

import pytest

from app.core.security import HasherDeClaves, hash_de_token, token_nuevo


@pytest.fixture(scope="module")
def hasher() -> HasherDeClaves:
    return HasherDeClaves(pimienta=b"p" * 32, costo=4)


@pytest.mark.parametrize(
    ("una", "otra"),
    [
        ("x" * 72 + "a", "x" * 72 + "b"),
        ("a\0b", "a\0c"),
        ("ñandú", "n\u0303andu\u0301"),
        ("clave", "clave "),
        ("", " "),
    ],
)
async def test_claves_distintas_no_valen_una_por_otra(una: str, otra: str, hasher: HasherDeClaves) -> None:
    huella = await hasher.hash(una)
    assert await hasher.verifica(una, huella)
    assert not await hasher.verifica(otra, huella)


async def test_sin_cuenta_no_vale_ninguna(hasher: HasherDeClaves) -> None:
    assert not await hasher.verifica("clave", None)


async def test_con_otra_pimienta_ya_no_vale(hasher: HasherDeClaves) -> None:
    huella = await hasher.hash("clave")
    assert not await HasherDeClaves(pimienta=b"q" * 32, costo=4).verifica("clave", huella)


async def test_la_misma_clave_no_se_guarda_igual_dos_veces(hasher: HasherDeClaves) -> None:
    assert await hasher.hash("clave") != await hasher.hash("clave")


def test_de_un_token_se_guarda_solo_su_huella() -> None:
    assert len({token_nuevo() for _ in range(100)}) == 100
    assert len(token_nuevo()) == 43
    assert hash_de_token("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
