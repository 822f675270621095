"""Rows are signed and counted as they are inserted, before the sealer sees them.

A process writes on lanes. Within a lane rows are numbered from 1 on, each by a transaction that has the lane for
itself, and a number that came to nothing is given again. So a lane has no gap, although no transaction waits for
another's.
"""

import secrets
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from itertools import count

import attrs
from beanie import PydanticObjectId

from app.modules.auditoria.cadena import ClaveDeCadena
from app.modules.auditoria.repository import ApunteRepository, Fila, plana
from app.shared.transaction import al_confirmar, al_deshacer, current_session


@attrs.define
class Carril:
    serie: str
    ultimo: int = 0


@attrs.define(kw_only=True)
class Escribano:
    """Whatever this process inserted stands in `por_ver`, with its signature, until somebody has seen it sealed."""

    _apuntes: ApunteRepository
    _clave: ClaveDeCadena
    _anteriores: Sequence[ClaveDeCadena] = ()
    por_ver: dict[PydanticObjectId, str] = attrs.field(init=False, factory=dict)
    _proceso: str = attrs.field(init=False, factory=lambda: secrets.token_hex(8))
    _carriles: Iterator[int] = attrs.field(init=False, factory=lambda: count(1))
    _libres: list[Carril] = attrs.field(init=False, factory=list)

    async def escribir(self, filas: Sequence[Fila]) -> None:
        """Insert rows of the fields of `Apunte`, each with its `_id`, in the transaction in course or at once."""
        carril = self._tomar()
        firmadas = [self._firmada(fila, carril.serie, n) for n, fila in enumerate(filas, start=carril.ultimo + 1)]
        if current_session() is not None:
            # A lane of which neither comes is given up: nobody knows whether its next number was used.
            al_confirmar(lambda: self._hechas(carril, firmadas))
            al_deshacer(lambda: self._libres.append(carril))
            await self._apuntes.anotar(firmadas)
        else:
            await self._apuntes.anotar(firmadas)
            self._hechas(carril, firmadas)

    async def dichos(self, objeto: str, acciones: Collection[str]) -> list[Mapping[str, str]]:
        """The `datos` of the rows about `objeto` that a process signed."""
        filas = await self._apuntes.de_objeto(objeto, acciones)
        return [fila["datos"] for fila in filas if self._propia(fila)]

    async def de_acciones(self, acciones: Collection[str]) -> list[Fila]:
        """Those rows that a process signed, whatever they are about."""
        return [fila for fila in await self._apuntes.de_acciones(acciones) if self._propia(fila)]

    def _propia(self, fila: Fila) -> bool:
        return ClaveDeCadena.alguna_firmo((self._clave, *self._anteriores), fila)

    async def por_partes(self, accion: str) -> AsyncIterator[list[Mapping[str, str]]]:
        """The `datos` of the same, of one kind, some rows at a time."""
        async for filas in self._apuntes.por_partes(accion):
            yield [fila["datos"] for fila in filas if self._propia(fila)]

    def _tomar(self) -> Carril:
        # Also at the same time as another thread: looking and taking are one step.
        try:
            return self._libres.pop()
        except IndexError:
            return Carril(f"{self._proceso}-{next(self._carriles)}")

    def _firmada(self, fila: Fila, serie: str, orden: int) -> Fila:
        contada = {**fila, "serie": serie, "orden": orden}
        return contada | {"firma": self._clave.firma(plana(contada)), "pendiente": True}

    def _hechas(self, carril: Carril, firmadas: Sequence[Fila]) -> None:
        carril.ultimo += len(firmadas)
        self._libres.append(carril)
        self.por_ver.update((fila["_id"], fila["firma"]) for fila in firmadas)
