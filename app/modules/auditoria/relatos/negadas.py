"""What a process would have told the audit, and the audit does not have: the database refused the row, or ended the
session in which it was written. Whoever has the database can see to that for a moment; they do not reach the memory of
a process, which tells it as soon as it can."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

log = logging.getLogger(__name__)

Fila = Mapping[str, Any]
DESHECHO, IMPEDIDA = "acto_deshecho", "auditoria_impedida"
"""As the audit calls that an act wrote and nothing of it stayed, and that its collection refuses rows."""
_MAXIMO = 1_000


@attrs.define
class Negadas:
    """Rows by what they are: whoever tries again and succeeds has told it."""

    _filas: dict[object, Fila] = attrs.field(init=False, factory=dict)
    _vistas: frozenset[object] = attrs.field(init=False, factory=frozenset)

    def recordar(self, filas: Sequence[Fila]) -> None:
        for fila in filas:
            if len(self._filas) < _MAXIMO:
                self._filas.setdefault(_cual(fila), fila)
            else:
                log.error("auditoría: se niegan más apuntes de los que se recuerdan: %s", fila["accion"])

    def constan(self, filas: Sequence[Fila]) -> None:
        """These stand in the audit now."""
        if self._filas:
            for fila in filas:
                self._filas.pop(_cual(fila), None)

    def todas(self) -> list[Fila]:
        return list(self._filas.values())

    def firmes(self) -> list[Fila]:
        """Those that were there the last time too: whose act has had the time to try again."""
        firmes = [fila for cual, fila in self._filas.items() if cual in self._vistas]
        self._vistas = frozenset(self._filas)
        return firmes


def _cual(fila: Fila) -> object:
    """The same call tells the same thing, whatever ids its next try gives to what it makes."""
    de = fila["traza"] or (tuple(fila["objeto"]), tuple(sorted(fila["datos"].items())))
    return fila["accion"], de
