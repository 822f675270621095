"""Rows about one thing that name one another: each says in `datos.tras` the id of the one before it, and the first says
the id of the thing. Whoever hides some of them while the next is written makes two rows follow the same one, for good.

Standard library alone, no I/O.
"""

from collections.abc import Mapping, Sequence
from typing import Any

TRAS = "tras"


def enlazada(fila: Mapping[str, Any]) -> bool:
    return TRAS in fila["datos"]


def en_orden(filas: Sequence[Mapping[str, Any]], primera: str) -> list[Mapping[str, Any]] | None:
    """Rows that name one another, the first first; None where one is missing among them, or two follow the same one.
    `primera`: what the first of them names."""
    por_anterior = {fila["datos"][TRAS]: fila for fila in filas}
    ordenadas, siguiente = [], por_anterior.get(primera)
    while siguiente is not None:
        ordenadas.append(siguiente)
        siguiente = por_anterior.get(siguiente["id"])
    return ordenadas if len(ordenadas) == len(filas) else None


class Bifurcaciones:
    """Takes the rows of the audit in any order."""

    def __init__(self) -> None:
        self._vistas: dict[str, str] = {}

    def sigue_a_otra(self, fila: Mapping[str, Any]) -> bool:
        """Whether another row that was seen follows the same one."""
        datos = fila.get("datos")
        anterior = datos.get(TRAS) if isinstance(datos, dict) else None
        return anterior is not None and self._vistas.setdefault(str(anterior), str(fila.get("id"))) != str(
            fila.get("id")
        )
