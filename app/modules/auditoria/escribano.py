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

from app.modules.auditoria.cadena import DENUNCIA, ClaveDeCadena
from app.modules.auditoria.relatos import leyendo
from app.modules.auditoria.relatos.leyendo import CabezasVistas
from app.modules.auditoria.relatos.negadas import Negadas
from app.modules.auditoria.repository import ApunteRepository, Fila, plana
from app.shared.transaction import al_confirmar, al_deshacer, current_session

_ALARMA = "rechazado"
_SE_LEEN = ("id", "accion", "n", "firma")


@attrs.define
class Carril:
    serie: str
    ultimo: int = 0


@attrs.define(kw_only=True)
class Escribano:
    """Whatever this process inserted stands in `por_ver`, with its signature, until somebody has seen it sealed.
    `vistas`: what who watches saw of the chain. `negadas`: what it would have told and is not there."""

    _apuntes: ApunteRepository
    _clave: ClaveDeCadena
    _anteriores: Sequence[ClaveDeCadena] = ()
    por_ver: dict[PydanticObjectId, str] = attrs.field(init=False, factory=dict)
    vistas: CabezasVistas = attrs.field(init=False, factory=CabezasVistas)
    negadas: Negadas = attrs.field(init=False, factory=Negadas)
    _proceso: str = attrs.field(init=False, factory=lambda: secrets.token_hex(8))
    _carriles: Iterator[int] = attrs.field(init=False, factory=lambda: count(1))
    _libres: list[Carril] = attrs.field(init=False, factory=list)

    async def escribir(self, filas: Sequence[Fila]) -> None:
        """Insert rows of the fields of `Apunte`, each with its `_id`, in the transaction in course or at once. The
        first says what was read of the audit on the way to it."""
        if leido := leyendo.por_decir():
            filas = [{**filas[0], "leido": leido}, *filas[1:]]
        carril = self._tomar()
        firmadas = [self._firmada(fila, carril.serie, n) for n, fila in enumerate(filas, start=carril.ultimo + 1)]
        alarmas = [fila for fila in filas if fila["resultado"] == _ALARMA or fila["accion"] == DENUNCIA]
        if current_session() is not None:
            # A lane of which neither comes is given up: nobody knows whether its next number was used.
            al_confirmar(lambda: self._hechas(carril, firmadas))
            al_deshacer(lambda: self._libres.append(carril))
            # What was found stays so, whether or not it is there the next time that somebody looks.
            al_deshacer(lambda: self.negadas.recordar(alarmas))
            await self._apuntes.anotar(firmadas)
            return
        try:
            await self._apuntes.anotar(firmadas)
        except BaseException:
            self.negadas.recordar(alarmas)
            raise
        self._hechas(carril, firmadas)

    async def insistir(self, *, por_ultima_vez: bool = False) -> None:
        """Tell what the audit was to be told and does not have."""
        for fila in self.negadas.todas() if por_ultima_vez else self.negadas.firmes():
            await self.escribir([{**fila, "_id": PydanticObjectId()}])

    async def dichos(self, objeto: str, acciones: Collection[str]) -> list[Mapping[str, str]]:
        """The `datos` of the rows about `objeto` that a process signed."""
        # What is asked within a transaction says how far the chain goes in it (`RelatoService`), with no command more.
        hasta = self.vistas.hasta() if current_session() is not None else await self._hasta(acciones, objeto)
        filas = [fila for fila in await self._apuntes.de_objeto(objeto, acciones) if self._propia(fila)]
        leyendo.anotar(acciones, objeto, filas, hasta=hasta)
        return [fila["datos"] for fila in filas]

    async def de_acciones(self, acciones: Collection[str]) -> list[Fila]:
        """Those rows that a process signed, whatever they are about."""
        hasta = await self._hasta(acciones)
        filas = [fila for fila in await self._apuntes.de_acciones(acciones) if self._propia(fila)]
        leyendo.anotar(acciones, None, filas, hasta=hasta)
        return filas

    async def _hasta(self, acciones: Collection[str], objeto: str | None = None) -> int:
        """To where the chain goes that somebody is about to read, who has to say it."""
        ultima = await self._apuntes.ultima() if leyendo.hacen_falta(acciones, objeto) else None
        return max(0 if ultima is None else ultima[0].n, self.vistas.hasta())

    def _propia(self, fila: Fila) -> bool:
        return ClaveDeCadena.alguna_firmo((self._clave, *self._anteriores), fila)

    async def por_partes(self, accion: str) -> AsyncIterator[list[Mapping[str, str]]]:
        """The `datos` of the same, of one kind, some rows at a time."""
        hasta, vistas, dice = await self._hasta([accion]), list[Fila](), leyendo.hacen_falta([accion], None)
        async for varias in self._apuntes.por_partes(accion):
            propias = [fila for fila in varias if self._propia(fila)]
            vistas += ({campo: fila.get(campo) for campo in _SE_LEEN} for fila in propias if dice)
            yield [fila["datos"] for fila in propias]
        leyendo.anotar([accion], None, vistas, hasta=hasta)

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
        self.negadas.constan(firmadas)
        self.por_ver.update((fila["_id"], fila["firma"]) for fila in firmadas)
