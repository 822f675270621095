"""What the audit was told of one thing, and whether that is all of it.

An absence is believed of a whole audit alone. The chain says what is missing only to who walks through it; here it is
enough to count: from the row that says that the thing was made, whose place in the chain its `mac` proves, to the last,
no number may be missing. So whoever hides the last thing that was told has to cut the chain. What they hide otherwise
(a row not sealed yet, or one that stands in the place of another for a moment), the next row that names the one before
it gives away, for good: see `enlaces.py`.
"""

from collections.abc import Collection, Mapping, Sequence

import attrs

from app.modules.auditoria.cadena import ClaveDeCadena
from app.modules.auditoria.relatos import leyendo
from app.modules.auditoria.relatos.enlaces import TRAS, en_orden, enlazada
from app.modules.auditoria.repository import ApunteRepository, Fila, SelloRepository
from app.shared.exceptions import NoDisponible

Dicho = tuple[str, Mapping[str, str]]
"""What was done, and the `datos` of its row."""


@attrs.frozen(kw_only=True)
class Relato:
    """`sueltos`: rows that name none before them, the oldest first. `seguidos`: those that do, in order. `ultimo`: what
    the next one has to name. `completo`: no row is missing, and no two follow the same one."""

    sueltos: Sequence[Dicho]
    seguidos: Sequence[Dicho]
    ultimo: str
    completo: bool


@attrs.define(kw_only=True)
class RelatoService:
    _apuntes: ApunteRepository
    _sellos: SelloRepository
    _claves: Sequence[ClaveDeCadena]

    async def relato(self, objeto: str, acciones: Collection[str], *, nace: str) -> Relato:
        """Of rows that a process signed. `nace`: as the audit calls the act that made `objeto`. In a transaction, all
        is of one moment. Raises NoDisponible while the audit refuses rows: what is to be told would not be there."""
        if await self._apuntes.impedida():
            raise NoDisponible()
        filas = [f for f in await self._apuntes.de_objeto(objeto, {*acciones, nace}) if self._propia(f)]
        contiguo = await self._contiguo([f for f in filas if f["accion"] == nace])
        suyas = [f for f in filas if f["accion"] in acciones]
        seguidas = [f for f in suyas if enlazada(f)]
        ordenadas = en_orden(seguidas, objeto)
        orden = seguidas if ordenadas is None else ordenadas
        return Relato(
            sueltos=[_dicho(f) for f in suyas if not enlazada(f)],
            seguidos=[_dicho(f) for f in orden],
            ultimo=orden[-1]["id"] if orden else objeto,
            completo=contiguo and ordenadas is not None,
        )

    async def sin_huecos(self, objeto: str, *, desde: str) -> bool:
        """Whether no row is missing since the act `desde` on `objeto`. In the transaction in which somebody looked for
        another row in vain."""
        return await self._contiguo([f for f in await self._apuntes.de_objeto(objeto, [desde]) if self._propia(f)])

    async def hueco(self) -> tuple[int, int] | None:
        """The first number that is missing in all of the chain, and how many are; None where none is."""
        ultima, sello = await self._apuntes.ultima(), await self._sellos.leer()
        hasta = max(0 if ultima is None else ultima[0].n, 0 if sello is None else sello.n)
        faltan = hasta - await self._apuntes.cuantas_selladas(desde=1, hasta=hasta)
        if faltan <= 0:
            return None
        entero, roto = 0, hasta
        while roto - entero > 1:
            medio = (entero + roto) // 2
            if await self._apuntes.cuantas_selladas(desde=1, hasta=medio) == medio:
                entero = medio
            else:
                roto = medio
        return roto, faltan

    async def _contiguo(self, nacimientos: Sequence[Fila]) -> bool:
        """The chain has no gap from there on; of what was made when nobody told the audit, from its beginning on."""
        desde = min((f["n"] for f in nacimientos if any(clave.sella(f) for clave in self._claves)), default=1)
        sello = await self._sellos.leer()
        ultima = await self._apuntes.ultima()
        hasta = 0 if ultima is None else ultima[0].n
        leyendo.vista(hasta)
        if sello is not None and sello.n > hasta:
            return False
        return await self._apuntes.cuantas_selladas(desde=desde, hasta=hasta) == max(0, hasta - desde + 1)

    def _propia(self, fila: Fila) -> bool:
        return ClaveDeCadena.alguna_firmo(self._claves, fila)


def _dicho(fila: Mapping[str, Fila]) -> Dicho:
    return str(fila["accion"]), {campo: valor for campo, valor in fila["datos"].items() if campo != TRAS}
