"""What was read of the audit in the course of a call, until a row of the audit says it (`leido`).

What is read without a call moves nothing by itself: a watch, whose findings have rows of their own."""

import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

import attrs

from app.core.acts.contract import llamada_en_curso
from app.modules.auditoria.relatos.leido import Seleccion, leido, selecciones
from app.shared.transaction import al_deshacer, current_session

Fila = Mapping[str, Any]
_DE_OTRO_MOMENTO = 120.0
"""Seconds: no transaction lasts for as long, as the server ends each after one minute."""


@attrs.define(eq=False)
class Lectura:
    """`filas`: all of the selection. `hasta`: as far as whoever read them saw the chain. `sesion`: of the transaction
    in which that was, where there was one: all that is read in it is of one moment."""

    seleccion: Seleccion
    filas: Sequence[Fila]
    hasta: int
    sesion: object

    def dicha(self) -> dict[str, Any]:
        return leido(self.seleccion, self.filas, self.hasta)


@attrs.define
class CabezasVistas:
    """How far this process saw the chain go: whoever cuts it for a moment does not reach the memory of a process."""

    _vistas: deque[tuple[float, int]] = attrs.field(init=False, factory=deque)

    def ver(self, n: int) -> None:
        self._vistas.append((time.monotonic(), n))
        while len(self._vistas) > 1 and self._vistas[1][0] < time.monotonic() - _DE_OTRO_MOMENTO:
            self._vistas.popleft()

    def olvidar(self) -> None:
        """The chain is another one from here on."""
        self._vistas.clear()

    def hasta(self) -> int:
        """As far as whoever reads now sees it. A transaction sees what was there when it began."""
        if current_session() is None:
            return self._vistas[-1][1] if self._vistas else 0
        antes = time.monotonic() - _DE_OTRO_MOMENTO
        return max((n for cuando, n in self._vistas if cuando < antes), default=0)


def hacen_falta(acciones: Collection[str], objeto: str | None) -> bool:
    """Whether somebody who acts reads what a row has to say."""
    return llamada_en_curso() is not None and any(selecciones(acciones, objeto))


def anotar(acciones: Collection[str], objeto: str | None, filas: Sequence[Fila], *, hasta: int) -> None:
    """All rows of those kinds that a process signed, about `objeto` or whatever they are about, were read. `hasta`: to
    where the chain was seen before; in a transaction, at any time of it. Of one that comes to nothing nothing is said:
    what it read may not be there."""
    llamada = llamada_en_curso()
    if llamada is None:
        return
    for seleccion in selecciones(acciones, objeto):
        suyas = [fila for fila in filas if fila["accion"] == seleccion[0]]
        numeros = (fila["n"] for fila in suyas if type(fila.get("n")) is int)
        # Within a transaction, what has a place in the chain is there together with all that comes before.
        visto = max(numeros, default=0) if current_session() is not None else 0
        lectura = Lectura(seleccion, suyas, max(hasta, visto), current_session())
        llamada.leidas.append(lectura)
        al_deshacer(partial(_quitar, llamada.leidas, lectura))


def vista(hasta: int) -> None:
    """In the transaction in course the chain goes as far as that: what was read in it is all that there is."""
    llamada, sesion = llamada_en_curso(), current_session()
    if llamada is not None and sesion is not None:
        for lectura in llamada.leidas:
            if lectura.sesion is sesion:
                lectura.hasta = max(lectura.hasta, hasta)


def por_decir() -> list[dict[str, Any]]:
    """What the row says that is about to be written. It is said once, unless that row comes to nothing."""
    llamada, sesion = llamada_en_curso(), current_session()
    if llamada is None or not llamada.leidas:
        return []
    dichas = list(llamada.leidas)
    llamada.leidas.clear()
    al_deshacer(lambda: llamada.leidas.extend(dicha for dicha in dichas if dicha.sesion is not sesion))
    todas: list[dict[str, Any]] = []
    for dicha in (lectura.dicha() for lectura in dichas):
        if dicha not in todas:
            todas.append(dicha)
    return todas


def _quitar(leidas: list[Any], lectura: Lectura) -> None:
    if lectura in leidas:
        leidas.remove(lectura)
