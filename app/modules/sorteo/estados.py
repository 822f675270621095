"""The states of a draw and its steps, in one table.

borrador → abierto → cerrado → ejecutado → publicado → finalizado      anulado from each of them
"""

from dataclasses import dataclass
from enum import StrEnum


class EstadoSorteo(StrEnum):
    borrador = "borrador"
    abierto = "abierto"
    cerrado = "cerrado"
    ejecutado = "ejecutado"
    publicado = "publicado"
    finalizado = "finalizado"
    anulado = "anulado"


class Paso(StrEnum):
    abrir = "abrir"
    prorrogar = "prorrogar"
    reabrir = "reabrir"
    cerrar = "cerrar"
    ejecutar = "ejecutar"
    publicar = "publicar"
    finalizar = "finalizar"
    anular = "anular"


@dataclass(frozen=True, slots=True)
class Transicion:
    """`desde`: the states in which a step may be taken. `a`: the state to which the step leads; a draw that stands
    there has taken the step already."""

    desde: frozenset[EstadoSorteo]
    a: EstadoSorteo


E = EstadoSorteo

PASOS: dict[Paso, Transicion] = {
    Paso.abrir: Transicion(frozenset({E.borrador}), E.abierto),
    Paso.cerrar: Transicion(frozenset({E.abierto}), E.cerrado),
    Paso.prorrogar: Transicion(frozenset({E.abierto}), E.abierto),
    Paso.reabrir: Transicion(frozenset({E.cerrado}), E.abierto),
    Paso.ejecutar: Transicion(frozenset({E.cerrado}), E.ejecutado),
    Paso.publicar: Transicion(frozenset({E.ejecutado}), E.publicado),
    Paso.finalizar: Transicion(frozenset({E.publicado}), E.finalizado),
    Paso.anular: Transicion(frozenset(E) - {E.anulado}, E.anulado),
}

EN_CURSO = frozenset(E) - {E.finalizado, E.anulado}
"""There is a step left to take."""

PUBLICADOS = frozenset({E.publicado, E.finalizado})

CON_RESULTADO = frozenset({E.ejecutado, E.publicado, E.finalizado})
