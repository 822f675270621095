"""Rows about one thing that name one another: each says in `datos.tras` the id of the one before it, and the first says
the id of the thing. Whoever hides some of them while the next is written makes two rows follow the same one, for good.

Standard library alone, no I/O.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.modules.auditoria.relatos.leido import Leidos

TRAS = "tras"
_CIERRA, _REABRE = "sorteo_cerrar_sorteo", "sorteo_reabrir_sorteo"
_UNA_VEZ = {
    "sorteo_abrir_sorteo": ("huella_reglas",),
    "sorteo_ejecutar_sorteo": ("entropia", "huella_resultado"),
    "sorteo_publicar_sorteo": ("publicado_en",),
    "sorteo_anulado": ("anulado",),
}
"""What is told of a draw once in its life, by the act that tells it."""


def enlazada(fila: Mapping[str, Any]) -> bool:
    return TRAS in fila["datos"]


def en_orden(filas: Sequence[Mapping[str, Any]], primera: str) -> list[Mapping[str, Any]] | None:
    """Rows that name one another, the first first; None where one is missing among them, or two follow the same one.
    `primera`: what the first of them names."""
    por_anterior = {fila["datos"][TRAS]: fila for fila in filas}
    ordenadas: list[Mapping[str, Any]] = []
    siguiente = por_anterior.get(primera)
    while siguiente is not None and len(ordenadas) < len(filas):
        ordenadas.append(siguiente)
        siguiente = por_anterior.get(siguiente["id"])
    return ordenadas if len(ordenadas) == len(filas) else None


class Contradicciones:
    """Takes rows in any order, each as often as it comes, and finds those that exclude one another: two that follow the
    same one; and of a draw two openings, numbers, results, publications or annulments, or more closings than were
    opened again and one; and what an act read, and what there was. A whole chain has such rows where some were hidden
    while a step was taken, and put back."""

    def __init__(self) -> None:
        self._una_vez: dict[tuple[str, ...], str] = {}
        self._cierres: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._reaperturas: defaultdict[str, set[str]] = defaultdict(set)
        self._leidos = Leidos()

    def contradice(self, fila: Mapping[str, Any]) -> bool:
        """Whether another row that was seen excludes it."""
        id, datos, leyo_otra_cosa = str(fila.get("id")), fila.get("datos"), self._leidos.contradice(fila)
        if not isinstance(datos, dict):
            return leyo_otra_cosa
        for sorteo in map(str, fila["objeto"]):
            if fila["accion"] == _CIERRA and "huella" in datos:
                self._cierres[sorteo][id] = fila.get("n") or 0
            elif fila["accion"] == _REABRE:
                self._reaperturas[sorteo].add(id)
        antes = [self._una_vez.setdefault(una, id) for una in _que_una_vez(fila, datos)]
        return leyo_otra_cosa or any(otra != id for otra in antes)

    def al_final(self, *, desde: int, hasta: int) -> list[int]:
        """After the last row: the numbers of others, 0 for one that is not sealed yet. Of a draw that closed more often
        than it may have, the last closing. `desde` and `hasta`: see `Leidos.mal`."""
        de_mas = [
            max(cierres.values())
            for sorteo, cierres in self._cierres.items()
            if len(cierres) > len(self._reaperturas[sorteo]) + 1
        ]
        return de_mas + self._leidos.mal(desde=desde, hasta=hasta)


def _que_una_vez(fila: Mapping[str, Any], datos: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    if TRAS in datos:
        yield (str(datos[TRAS]),)
    for campo in _UNA_VEZ.get(fila["accion"], ()):
        if campo in datos:
            yield from ((campo, str(sorteo)) for sorteo in fila["objeto"])
