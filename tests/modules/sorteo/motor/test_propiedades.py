"""What sections 3 and 4 of docs/sorteo-v1/SPEC.md promise, against a judge that shares no code with the engine.

The judge looks at single people and spaces, by backtracking and by trying all subsets; networkx counts maximum
matchings. The engine works on classes, kinds and augmenting paths.
"""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.modules.sorteo.motor import Bases, Espacio, Participante, Puesto, sortear
from tests.alcance import EXHAUSTIVO

TIPOS = ["carro", "moto", "bici", "doble"]
CONDICIONES = ["aa", "bb"]
CODIGOS = [f"E{n}" for n in range(8)]

Pedido = tuple[Participante, bool]  # and whether reservations do not count for them


def bases_de(espacios: Sequence[Espacio], participantes: Sequence[Participante], liberar: bool) -> Bases:
    return Bases("s", "0" * 64, "f", liberar, tuple(espacios), tuple(participantes))


@st.composite
def sorteos(draw: st.DrawFn) -> Bases:
    """Up to 7 people and 6 spaces: few enough to try everything, crowded enough to need re-routing."""
    n_espacios = draw(st.integers(0, 6))
    espacios = [
        Espacio(codigo, draw(st.sampled_from(TIPOS)), draw(st.sampled_from([None, None, *CONDICIONES])))
        for codigo in draw(st.permutations(CODIGOS))[:n_espacios]
    ]
    participantes = [
        Participante(
            id=str(n),
            nivel=draw(st.sampled_from([3, 5])),
            boletas=draw(st.integers(1, 3)),
            tipos=tuple(draw(st.lists(st.sampled_from(TIPOS), min_size=1, max_size=3, unique=True))),
            condiciones=tuple(sorted(draw(st.sets(st.sampled_from(CONDICIONES))))),
            preferencias=tuple(draw(st.lists(st.sampled_from([*CODIGOS, "no existe"]), max_size=3))),
        )
        for n in range(draw(st.integers(0, 7)))
    ]
    return bases_de(espacios, participantes, draw(st.booleans()))


SEMILLAS = st.binary(min_size=4, max_size=4).map(lambda b: hashlib.sha256(b).hexdigest())
repetible = settings(derandomize=True, deadline=None, max_examples=150 if EXHAUSTIVO else 50, database=None)


# The judge


def puede(pedido: Pedido, espacio: Espacio) -> bool:
    p, prestado = pedido
    return espacio.tipo in p.tipos and (prestado or espacio.reserva is None or espacio.reserva in p.condiciones)


def caben(pedidos: Sequence[Pedido], espacios: Sequence[Espacio]) -> bool:
    """Whether all can have a space of their own at the same time (Kuhn's algorithm, person by person)."""
    dueno: dict[str, int] = {}

    def acomodar(n: int, probados: set[str]) -> bool:
        for espacio in espacios:
            if puede(pedidos[n], espacio) and espacio.codigo not in probados:
                probados.add(espacio.codigo)
                if espacio.codigo not in dueno or acomodar(dueno[espacio.codigo], probados):
                    dueno[espacio.codigo] = n
                    return True
        return False

    return all(acomodar(n, set()) for n in range(len(pedidos)))


def orden_de(bases: Bases, semilla: str) -> list[Participante]:
    def clave(p: Participante) -> tuple[int, str, str]:
        textos = [f"{semilla}:{p.id}:{k}" for k in range(1, p.boletas + 1)]
        return p.nivel, min(hashlib.sha256(texto.encode()).hexdigest() for texto in textos), p.id

    return sorted(bases.participantes, key=clave)


def mejor_grupo(firmes: list[Pedido], aspirantes: list[Pedido], espacios: Sequence[Espacio]) -> list[Pedido]:
    """Of all subsets of `aspirantes` that fit beside `firmes`, the one that passes over nobody in order."""
    for decision in product([True, False], repeat=len(aspirantes)):  # from all in to all out, the first ones last
        elegidos = [pedido for pedido, entra in zip(aspirantes, decision, strict=True) if entra]
        if caben(firmes + elegidos, espacios):
            return elegidos
    raise AssertionError("the empty subset always fits")


def admision(bases: Bases, semilla: str) -> list[Pedido]:
    """Who is admitted, in the order of admission."""
    orden = orden_de(bases, semilla)
    paso1 = mejor_grupo([], [(p, False) for p in orden], bases.espacios)
    if not bases.liberar_reservas:
        return paso1
    dentro = {p.id for p, _ in paso1}
    return paso1 + mejor_grupo(paso1, [(p, True) for p in orden if p.id not in dentro], bases.espacios)


def lista_de(pedido: Pedido, espacios: Sequence[Espacio]) -> list[Espacio]:
    p, _ = pedido
    usables = {e.codigo: e for e in espacios if puede(pedido, e)}

    def clave(e: Espacio) -> tuple[int, int, str]:
        return 1 if e.reserva is None else 0 if e.reserva in p.condiciones else 2, p.tipos.index(e.tipo), e.codigo

    preferidos = [usables[codigo] for codigo in p.preferencias if codigo in usables]
    return preferidos + [e for e in sorted(usables.values(), key=clave) if e not in preferidos]


def asignacion(admitidos: list[Pedido], espacios: Sequence[Espacio]) -> dict[str, str]:
    """Section 4, as it reads: each in turn the first of their list that leaves room for all who come after."""
    quedan = list(espacios)
    tomados = {}
    for n, pedido in enumerate(admitidos):
        for espacio in lista_de(pedido, quedan):
            resto = [e for e in quedan if e is not espacio]
            if caben(admitidos[n + 1 :], resto):
                tomados[pedido[0].id] = espacio.codigo
                quedan = resto
                break
    return tomados


def emparejamiento_maximo(bases: Bases, prestado: bool) -> int:
    grafo: nx.Graph[str] = nx.Graph()
    personas = [f"p{p.id}" for p in bases.participantes]
    grafo.add_nodes_from(personas)
    grafo.add_edges_from(
        (f"p{p.id}", e.codigo) for p in bases.participantes for e in bases.espacios if puede((p, prestado), e)
    )
    return len(nx.bipartite.maximum_matching(grafo, top_nodes=personas)) // 2


def tomados_en(puestos: Sequence[Puesto]) -> dict[str, str]:
    return {puesto.id: puesto.espacio for puesto in puestos if puesto.espacio is not None}


# The promises


class TestSeccion3:
    @repetible
    @given(sorteos(), SEMILLAS)
    def test_orden_y_lista_de_espera(self, bases: Bases, semilla: str) -> None:
        puestos = sortear(bases, semilla)
        assert [p.id for p in puestos] == [p.id for p in orden_de(bases, semilla)]
        assert [p.posicion for p in puestos] == list(range(1, len(puestos) + 1))
        sin_espacio = [p.espera for p in puestos if p.espacio is None]
        assert sin_espacio == list(range(1, len(sin_espacio) + 1))
        assert all(p.espera is None for p in puestos if p.espacio is not None)

    @repetible
    @given(sorteos(), SEMILLAS)
    def test_nadie_es_saltado_por_alguien_peor_situado(self, bases: Bases, semilla: str) -> None:
        admitidos = {p.id for p, _ in admision(bases, semilla)}
        assert tomados_en(sortear(bases, semilla)).keys() == admitidos

    @repetible
    @given(sorteos(), SEMILLAS)
    def test_el_paso_1_es_tan_grande_como_se_puede(self, bases: Bases, semilla: str) -> None:
        solo_paso_1 = sortear(replace(bases, liberar_reservas=False), semilla)
        assert len(tomados_en(solo_paso_1)) == emparejamiento_maximo(bases, prestado=False)

    @repetible
    @given(sorteos(), SEMILLAS)
    def test_el_paso_2_solo_agrega(self, bases: Bases, semilla: str) -> None:
        paso_1 = tomados_en(sortear(replace(bases, liberar_reservas=False), semilla))
        ambos = tomados_en(sortear(replace(bases, liberar_reservas=True), semilla))
        assert paso_1.keys() <= ambos.keys()
        assert len(ambos) <= emparejamiento_maximo(bases, prestado=True)


class TestSeccion4:
    @repetible
    @given(sorteos(), SEMILLAS)
    def test_cada_quien_toma_el_primero_posible_de_su_lista(self, bases: Bases, semilla: str) -> None:
        esperado = asignacion(admision(bases, semilla), bases.espacios)
        assert tomados_en(sortear(bases, semilla)) == esperado

    @repetible
    @given(sorteos(), SEMILLAS)
    def test_un_espacio_es_de_una_sola_persona_que_puede_usarlo(self, bases: Bases, semilla: str) -> None:
        tomados = tomados_en(sortear(bases, semilla))
        assert len(set(tomados.values())) == len(tomados)
        espacios = {e.codigo: e for e in bases.espacios}
        pedidos = {p.id: (p, prestado) for p, prestado in admision(bases, semilla)}
        assert all(puede(pedidos[id], espacios[codigo]) for id, codigo in tomados.items())


@repetible
@given(sorteos(), SEMILLAS, st.randoms(use_true_random=False))
def test_el_orden_de_entrega_no_importa(bases: Bases, semilla: str, azar: random.Random) -> None:
    espacios, participantes = list(bases.espacios), list(bases.participantes)
    azar.shuffle(espacios)
    azar.shuffle(participantes)
    revueltas = replace(bases, espacios=tuple(espacios), participantes=tuple(participantes))
    assert sortear(revueltas, semilla) == sortear(bases, semilla)


class TestSorteosMedianos:
    """Classes of several spaces and kinds of several people, which small draws hardly have: 60 people, 40 spaces."""

    @staticmethod
    def bases(azar: random.Random) -> Bases:
        condiciones = ["aa", "bb", "cc"]
        codigos = [f"E{n:02}" for n in range(40)]
        espacios = [Espacio(codigo, azar.choice(TIPOS), azar.choice([None, None, *condiciones])) for codigo in codigos]
        participantes = [
            Participante(
                id=str(n),
                nivel=azar.choice([3, 5]),
                boletas=azar.randint(1, 3),
                tipos=tuple(azar.sample(TIPOS, azar.randint(1, 3))),
                condiciones=tuple(sorted(azar.sample(condiciones, azar.randint(0, 2)))),
                preferencias=tuple(azar.choices(codigos, k=azar.randint(0, 5))),
            )
            for n in range(60)
        ]
        return bases_de(espacios, participantes, liberar=True)

    @pytest.mark.parametrize("n", range(12))
    def test_admision_y_asignacion(self, n: int) -> None:
        bases, semilla = self.bases(random.Random(n)), f"{n:064x}"  # noqa: S311
        admitidos: list[Pedido] = []
        for prestado in (False, True):
            dentro = {p.id for p, _ in admitidos}
            for p in orden_de(bases, semilla):
                if p.id not in dentro and caben([*admitidos, (p, prestado)], bases.espacios):
                    admitidos.append((p, prestado))
            if not prestado:
                assert len(admitidos) == emparejamiento_maximo(bases, prestado=False)
        assert tomados_en(sortear(bases, semilla)) == asignacion(admitidos, bases.espacios)


def test_una_cadena_larga_de_cambios() -> None:
    """n people each fit in spaces k and k + 1, then one who fits in the first only: all of them must move."""
    n = 30
    espacios = [Espacio(f"E{k:02}", f"t{k:02}", None) for k in range(n + 1)]
    participantes = [Participante(f"{k:02}", 1, 1, (f"t{k:02}", f"t{k + 1:02}"), (), ()) for k in range(n)]
    participantes.append(Participante("ultimo", 2, 1, ("t00",), (), ("E30",)))
    puestos = sortear(bases_de(espacios, participantes, liberar=False), "0" * 64)
    assert tomados_en(puestos) == {f"{k:02}": f"E{k + 1:02}" for k in range(n)} | {"ultimo": "E00"}
