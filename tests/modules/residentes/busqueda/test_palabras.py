"""Several words: the first place that their lists have in common."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import partial

from beanie import PydanticObjectId
from hypothesis import given
from hypothesis import strategies as st

from app.modules.residentes.busqueda.palabras import Lugar, primero_de_todas

_IDS = [PydanticObjectId(f"{n:024x}") for n in range(4)]
LUGARES = st.tuples(st.sampled_from("abcdef"), st.sampled_from(_IDS))
LISTAS = st.lists(st.sets(LUGARES), min_size=2, max_size=4)


def _de(lista: set[Lugar], sentido: int, lugar: Lugar | None) -> Sequence[Lugar]:
    """Two rows at a time: the fewest that a list may give."""
    en_orden = sorted(lista, reverse=sentido == -1)
    return [suyo for suyo in en_orden if lugar is None or (suyo >= lugar if sentido == 1 else suyo <= lugar)][:2]


@given(LISTAS, st.sampled_from([1, -1]), st.none() | LUGARES)
def test_it_is_the_first_of_those_in_all(listas: list[set[Lugar]], sentido: int, desde: Lugar | None) -> None:
    de_todas = sorted(set.intersection(*listas), reverse=sentido == -1)
    tras = [suyo for suyo in de_todas if desde is None or (suyo > desde if sentido == 1 else suyo < desde)]
    hallado = primero_de_todas([partial(_de, lista, sentido) for lista in listas], sentido=sentido, desde=desde)
    assert hallado == (tras[0] if tras else None)


def test_what_stands_between_is_not_read() -> None:
    """A hundred thousand with one name before the first that has the other: three reads of each."""
    muchos: list[Lugar] = [("a", PydanticObjectId(f"{n:024x}")) for n in range(100_000)]
    comun: Lugar = ("b", _IDS[0])
    leidas: list[list[Lugar]] = []

    def lista(de: list[Lugar], lugar: Lugar | None) -> Sequence[Lugar]:
        desde = 0 if lugar is None else bisect_left(de, lugar)
        leidas.append(de[desde : desde + 2])
        return leidas[-1]

    listas = [partial(lista, [*muchos, comun]), partial(lista, [comun])]
    assert primero_de_todas(listas, sentido=1, desde=None) == comun
    assert sum(map(len, leidas)) <= 6
