"""The states of a request and every move there is between them: the one table that all code asks."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache


class RequestStatus(StrEnum):
    pendiente = "pendiente"
    aprobada = "aprobada"
    rechazada = "rechazada"
    cancelada = "cancelada"
    asignada = "asignada"
    en_espera = "en_espera"
    ofrecida = "ofrecida"
    aceptada = "aceptada"
    declinada = "declinada"
    vencida = "vencida"
    retirada = "retirada"


class Impedimento(StrEnum):
    """The rules that would refuse a request at the closing."""

    no_al_dia = "no_al_dia"
    sancionada = "sancionada"
    ya_tiene_espacio = "ya_tiene_espacio"
    sin_espacio_compatible = "sin_espacio_compatible"


class Actor(StrEnum):
    """In what quality somebody moves a request: as its flat, as staff deciding or acting on behalf, or nobody."""

    unidad = "unidad"
    personal = "personal"
    sistema = "sistema"


class EstadoDeTenencia(StrEnum):
    """How what came of an accepted request stands."""

    vigente = "vigente"
    terminada = "terminada"
    devuelta = "devuelta"
    revocada = "revocada"


class Fase(StrEnum):
    """Where the draw stands, as far as its requests are concerned."""

    borrador = "borrador"
    abierto = "abierto"
    cerrado = "cerrado"
    publicado = "publicado"
    terminado = "terminado"


@dataclass(frozen=True, slots=True)
class Transicion:
    """`fase`: when people may make it. The system's moves come with the steps of the draw."""

    de: RequestStatus
    a: RequestStatus
    actores: frozenset[Actor]
    fase: Fase
    con_motivo: frozenset[Actor] = frozenset()


S = RequestStatus
_U, _P, _X = Actor.unidad, Actor.personal, Actor.sistema


def _filas(
    de: tuple[S, ...], a: tuple[S, ...], actores: set[Actor], fase: Fase, con_motivo: frozenset[Actor] = frozenset()
) -> list[Transicion]:
    return [Transicion(x, y, frozenset(actores), fase, con_motivo) for x in de for y in a]


TRANSICIONES: dict[tuple[S, S], Transicion] = {
    (t.de, t.a): t
    for t in [
        *_filas((S.pendiente,), (S.aprobada,), {_P, _X}, Fase.abierto),
        *_filas((S.aprobada,), (S.pendiente,), {_X}, Fase.abierto),
        *_filas((S.pendiente,), (S.rechazada,), {_P, _X}, Fase.abierto, frozenset({_P, _X})),
        *_filas((S.aprobada,), (S.rechazada,), {_X}, Fase.abierto, frozenset({_X})),
        *_filas((S.rechazada,), (S.pendiente, S.aprobada), {_X}, Fase.abierto),
        *_filas((S.pendiente, S.aprobada), (S.cancelada,), {_U, _P, _X}, Fase.abierto),
        *_filas((S.aprobada,), (S.asignada, S.en_espera), {_X}, Fase.publicado),
        *_filas((S.asignada,), (S.aceptada,), {_U, _P, _X}, Fase.publicado, frozenset({_P})),
        *_filas((S.ofrecida,), (S.aceptada,), {_U, _P}, Fase.publicado, frozenset({_P})),
        *_filas((S.asignada, S.ofrecida), (S.declinada,), {_U, _P, _X}, Fase.publicado, frozenset({_P})),
        *_filas((S.asignada, S.ofrecida), (S.vencida,), {_X}, Fase.publicado),
        *_filas((S.en_espera,), (S.ofrecida,), {_X}, Fase.publicado),
        *_filas((S.en_espera, S.ofrecida), (S.retirada,), {_U, _P, _X}, Fase.publicado),
        *_filas((S.aceptada,), (S.en_espera,), {_X}, Fase.publicado),
    ]
}

POR_DECIDIR = frozenset({S.pendiente, S.aprobada})
"""Still to be drawn: what the closing looks at."""

VIVAS = POR_DECIDIR | frozenset({S.asignada, S.en_espera, S.ofrecida, S.aceptada})
"""Live as long as they are in these states; `aceptada` only while its assignment is in force."""

CON_ESPACIO = frozenset({S.asignada, S.ofrecida})
"""A space is kept for them, until `vence_en`."""


@cache
def posibles(de: RequestStatus, actor: Actor, fase: Fase) -> tuple[RequestStatus, ...]:
    """The states that `actor` may move a request in `de` to, in the order of the table."""
    return tuple(t.a for t in TRANSICIONES.values() if t.de is de and actor in t.actores and t.fase is fase)
