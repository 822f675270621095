"""The states of a draw and its steps, in one table.

borrador → abierto → cerrado → ejecutado → publicado → finalizado      anulado from any of the first four
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
class Cambio:
    """From which states a step may be taken, and the one it leads to. There, it was already taken."""

    desde: frozenset[EstadoSorteo]
    a: EstadoSorteo


E = EstadoSorteo

PASOS: dict[Paso, Cambio] = {
    Paso.abrir: Cambio(frozenset({E.borrador}), E.abierto),
    Paso.cerrar: Cambio(frozenset({E.abierto}), E.cerrado),
    Paso.prorrogar: Cambio(frozenset({E.abierto}), E.abierto),
    Paso.reabrir: Cambio(frozenset({E.cerrado}), E.abierto),
    Paso.ejecutar: Cambio(frozenset({E.cerrado}), E.ejecutado),
    Paso.publicar: Cambio(frozenset({E.ejecutado}), E.publicado),
    Paso.finalizar: Cambio(frozenset({E.publicado}), E.finalizado),
    Paso.anular: Cambio(frozenset({E.borrador, E.abierto, E.cerrado, E.ejecutado}), E.anulado),
}

CON_RESULTADO = frozenset({E.ejecutado, E.publicado, E.finalizado})
