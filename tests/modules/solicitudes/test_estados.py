"""The table of states against the contract's, written again here, for every combination there is."""

from itertools import product

import pytest

from app.modules.solicitudes.estados import TRANSICIONES, VIVAS, Actor, Fase, RequestStatus, posibles

DE_LA_UNIDAD_O_DEL_PERSONAL = [
    # from, to, who, phase, who has to say why
    ("pendiente", "aprobada", "personal", "abierto", ""),
    ("pendiente", "rechazada", "personal", "abierto", "personal"),
    ("pendiente", "cancelada", "unidad personal", "abierto", ""),
    ("aprobada", "cancelada", "unidad personal", "abierto", ""),
    ("asignada", "aceptada", "unidad personal", "publicado", "personal"),
    ("asignada", "declinada", "unidad personal", "publicado", "personal"),
    ("ofrecida", "aceptada", "unidad personal", "publicado", "personal"),
    ("ofrecida", "declinada", "unidad personal", "publicado", "personal"),
    ("en_espera", "retirada", "unidad personal", "publicado", ""),
    ("ofrecida", "retirada", "unidad personal", "publicado", ""),
]
DEL_SISTEMA = {
    ("pendiente", "aprobada"),
    # another vehicle
    ("aprobada", "pendiente"),
    ("pendiente", "cancelada"),
    ("aprobada", "cancelada"),
    ("pendiente", "rechazada"),
    ("aprobada", "rechazada"),
    # reopening
    ("rechazada", "pendiente"),
    ("rechazada", "aprobada"),
    ("aprobada", "asignada"),
    ("aprobada", "en_espera"),
    ("asignada", "aceptada"),
    ("asignada", "vencida"),
    ("ofrecida", "vencida"),
    ("en_espera", "ofrecida"),
    ("en_espera", "retirada"),
    ("ofrecida", "retirada"),
    ("aceptada", "en_espera"),
    # departure
    ("asignada", "declinada"),
    ("ofrecida", "declinada"),
}


@pytest.mark.parametrize("actor", [Actor.unidad, Actor.personal])
@pytest.mark.parametrize("fase", Fase)
def test_what_people_may_do(actor: Actor, fase: Fase) -> None:
    """11 × 11 states, two kinds of people, five phases."""
    admitidas = {(de, a) for de, a, quienes, en, _ in DE_LA_UNIDAD_O_DEL_PERSONAL if actor in quienes and en == fase}
    for de, a in product(RequestStatus, RequestStatus):
        assert (a in posibles(de, actor, fase)) == ((de, a) in admitidas), (de, a, actor, fase)


def test_what_the_system_does() -> None:
    for de, a in product(RequestStatus, RequestStatus):
        transicion = TRANSICIONES.get((de, a))
        assert (transicion is not None and Actor.sistema in transicion.actores) == ((de, a) in DEL_SISTEMA), (de, a)


def test_who_says_why() -> None:
    for de, a, _, _, quienes in DE_LA_UNIDAD_O_DEL_PERSONAL:
        transicion = TRANSICIONES[RequestStatus(de), RequestStatus(a)]
        assert " ".join(q for q in transicion.con_motivo if q is not Actor.sistema) == quienes, (de, a)


def test_every_row_is_somebodys() -> None:
    escritas = {(de, a) for de, a, *_ in DE_LA_UNIDAD_O_DEL_PERSONAL} | DEL_SISTEMA
    assert set(TRANSICIONES) == escritas


def test_live() -> None:
    assert {v.value for v in VIVAS} == {"pendiente", "aprobada", "asignada", "en_espera", "ofrecida", "aceptada"}
