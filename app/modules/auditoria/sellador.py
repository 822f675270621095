"""Sealing: one process at a time numbers the rows that were inserted, and chains them.

The lease says which process. One transaction writes the lease's document, the rows and the head, so that a batch is
sealed whole or not at all. A process that lost the lease finds another `ficha` in it and has written nothing. So the
chain has no gap, no fork and no number twice, wherever a sealer died; the unique index on `n` would refuse them too.
"""

import logging
import secrets
from collections.abc import Sequence
from datetime import timedelta

import attrs

from app.core.clock import ahora
from app.database.unit_of_work import UnitOfWork
from app.modules.auditoria.cadena import PRIMER_PREVIO, Cabeza, ClaveDeCadena
from app.modules.auditoria.models import DEMORA, Sello
from app.modules.auditoria.repository import ApunteRepository, SelloRepository

log = logging.getLogger(__name__)

CADA_SEGUNDOS = 0.5
_LOTE = 500
_ALQUILER = timedelta(seconds=3)


@attrs.define(kw_only=True)
class Sellador:
    _apuntes: ApunteRepository
    _sellos: SelloRepository
    _clave: ClaveDeCadena
    _anteriores: Sequence[ClaveDeCadena] = ()
    _uow: UnitOfWork
    _titular: str = attrs.field(init=False, factory=lambda: secrets.token_hex(8))
    _avisado: bool = attrs.field(init=False, default=False)

    async def sellar(self) -> int:
        """Seal all that there is to seal, while this process has the lease; return how many rows."""
        sello = await self._tomar()
        sellados, lote = 0, _LOTE
        while sello is not None and lote == _LOTE:
            lote = await self._uow.run(lambda: self._sellar_lote(sello.ficha))
            sellados += lote
        return sellados

    async def soltar(self) -> None:
        """Give the lease back, so that another process goes on at once."""
        await self._sellos.soltar(titular=self._titular)

    async def _tomar(self) -> Sello | None:
        """The lease; None while another process has it, or there is nothing to seal."""
        sello = await self._sellos.leer()
        if sello is not None and sello.clave != self._clave.id:
            if sello.clave not in {clave.id for clave in self._anteriores}:
                self._avisar()
                return None
            if not await self._cambiar_de_clave(de=sello.clave):
                return None
        primera = await self._apuntes.primera_pendiente()
        if primera is None:
            return None
        tomado = await self._sellos.tomar(
            titular=self._titular,
            clave=self._clave.id,
            primera=Cabeza(0, PRIMER_PREVIO),
            duracion=_ALQUILER,
        )
        if tomado is None and ahora() - primera > DEMORA:
            log.error("la auditoría no se sella desde %s: otro proceso la tiene y no avanza", primera.isoformat())
        return tomado

    async def _cambiar_de_clave(self, *, de: str) -> bool:
        """From here on this key seals; False while another process has the lease. What was signed under the one of
        before is sealed under it first: a row is signed and sealed under one key, so that the one of before is good for
        nothing afterwards."""
        de_antes = next(clave for clave in self._anteriores if clave.id == de)
        tomado = await self._sellos.tomar(
            titular=self._titular, clave=de, primera=Cabeza(0, PRIMER_PREVIO), duracion=_ALQUILER
        )
        if tomado is None:
            return False
        while await self._uow.run(lambda: self._sellar_lote(tomado.ficha, de_antes)):
            pass
        return await self._sellos.cambiar_de_clave(de=de, a=self._clave.id, ficha=tomado.ficha)

    async def _sellar_lote(self, ficha: int, de_antes: ClaveDeCadena | None = None) -> int:
        """Seal one batch in the transaction in course. Return how many rows: 0 without rows or without lease.
        `de_antes`: what it signed, and under it."""
        sello = await self._sellos.sujetar(ficha=ficha)
        pendientes = await self._apuntes.pendientes(limite=_LOTE)
        if de_antes is not None:
            pendientes = [(id, fila) for id, fila in pendientes if de_antes.autentica(fila, sin_firma=False)]
        clave = de_antes or self._clave
        if sello is None or not pendientes:
            return 0
        cabeza = Cabeza(sello.n, sello.mac)
        ultima, firmada = await self._apuntes.ultima() or (cabeza, False)
        if ultima.n > cabeza.n:
            # Somebody put an older head into the document. Going on from that head would number rows twice.
            cabeza = ultima
        if ajenos := [id for id, fila in pendientes if not clave.autentica(fila, sin_firma=not firmada)]:
            log.error("auditoría: %d apuntes no son lo que un proceso escribió, y no se sellan", len(ajenos))
            await self._apuntes.apartar(ajenos)
            pendientes = [(id, fila) for id, fila in pendientes if id not in ajenos]
        macs = [cabeza.mac]
        for n, (_, fila) in enumerate(pendientes, start=cabeza.n + 1):
            macs.append(clave.mac(n=n, previo=macs[-1], fila=fila))
        ids = [id for id, _ in pendientes]
        if not ids:
            return 0
        sellados = await self._apuntes.sellar(ids, desde=cabeza.n + 1, previo=cabeza.mac, macs=macs[1:])
        nueva = Cabeza(cabeza.n + len(ids), macs[-1])
        if sellados != len(ids) or not await self._sellos.adelantar(nueva, ficha=ficha):
            raise RuntimeError("the rows changed within the transaction that seals them")
        return sellados

    def _avisar(self) -> None:
        if not self._avisado:
            self._avisado = True
            log.error("PARKNET_CLAVE_AUDITORIA no es la clave con la que se selló la auditoría: no se sella nada")
