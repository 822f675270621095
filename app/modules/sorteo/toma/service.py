"""The spaces of a draw that opens: claimed and copied in batches, by ascending code, and given back from the end.

Each batch is one transaction under the turn of the opening. A claim of a draw that has not opened has its copy beside
it, so that whoever takes the turn next can give back all that was taken. Of draws that open at once, the one that finds
a space in the hands of another that is still opening yields. As all go in the same order, the other does not yield to
it."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from hashlib import sha256

import attrs
from beanie import PydanticObjectId

from app.core.facts.marks import Dichas
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.custodia.dichos import DichosDeSorteo, exigir_dichos
from app.modules.sorteo.espacios.models import Espacio, motivo_de
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.espacios.vigia import VigiaDeEspacios
from app.modules.sorteo.exceptions import BasesAlteradas, EspacioComprometido
from app.modules.sorteo.models import EspacioEnJuego, Sorteo
from app.modules.sorteo.motor import Espacio as EspacioDelMotor
from app.modules.sorteo.repository import EspacioEnJuegoRepository, SorteoRepository
from app.modules.sorteo.toma.ocupaciones import Ocupaciones
from app.modules.sorteo.turnos.service import Avance, Turnos

LOTE = 1000


@attrs.define(kw_only=True)
class TomaDeEspacios:
    _sorteos: SorteoRepository
    _espacios: EspacioRepository
    _en_juego: EspacioEnJuegoRepository
    _vigia: VigiaDeEspacios
    _dichos: DichosDeSorteo
    _ocupaciones: Ocupaciones
    _turnos: Turnos
    _uow: UnitOfWork

    async def tomar(self, sorteo: Sorteo, ficha: str, avance: Avance) -> str:
        """Claim the spaces of the draw, and note which were left out and why; what an earlier opening left is given
        back before. A rehearsal copies spaces and claims none. The hash of the copies, for `tomados`. Raises
        TareaEnCurso when another process has the turn; EspacioComprometido when a space that was named is not
        available, when no space is left and another draw has some, and when another draw is taking them; BasesAlteradas
        when one that it might take, or a claim on it, is not as acts left it, or is gone."""
        await self.devolver(sorteo.oid, ficha)
        dichas = await self._dichos.espacios.dichas()
        if sorteo.espacios is None and (
            falta := await self._dichos.espacios.que_falta(dichas, await self._espacios.cuales())
        ):
            raise BasesAlteradas(donde="espacios", objeto=falta)
        total, hechos, huella = await self._espacios.count({}), 0, sha256()
        while lote := await self._uow.run(partial(self._tomar_lote, sorteo, ficha, dichas)):
            hechos += len(lote)
            huella.update(_en_bytes((c.codigo, c.tipo, c.reserva, c.excluido) for c in lote))
            await avance(hecho=hechos, total=max(total, hechos))
        await exigir_dichos(self._dichos.espacios, dichas)
        if sorteo.espacios is not None:
            tomados = {e.codigo for e in await self._en_juego.en_juego(sorteo.oid)}
            if faltan := [codigo for codigo in sorteo.espacios if codigo not in tomados]:
                raise EspacioComprometido(faltan)
        if not sorteo.ensayo and (de_otros := await self._en_juego.solo_de_otros(sorteo.oid)):
            raise EspacioComprometido(de_otros)
        return huella.hexdigest()

    async def tomados(self, id: PydanticObjectId, huella: str) -> list[EspacioDelMotor]:
        """In the transaction that opens the draw: the spaces in it. Copies bear no mark, so they are those that `tomar`
        wrote, of what it had looked at. Raises BasesAlteradas."""
        copias = await self._en_juego.copias(id)
        if await asyncio.to_thread(lambda: sha256(_en_bytes(copias)).hexdigest()) != huella:
            raise BasesAlteradas(donde="espacios")
        return [EspacioDelMotor(*campos) for *campos, excluido in copias if excluido is None]

    async def devolver(self, id: PydanticObjectId, ficha: str) -> None:
        """Raises TareaEnCurso when another process has the turn."""
        while await self._uow.run(partial(self._devolver_lote, id, ficha)):
            pass

    async def devolver_lote(self, id: PydanticObjectId) -> bool:
        """In the transaction in course, which holds the turn. Whether there was anything left to give back."""
        codigos = await self._en_juego.ultimos(id, limite=LOTE)
        if not codigos:
            return False
        await self._espacios.soltar(ref=id, codigos=codigos)
        await self._en_juego.descartar(id, codigos)
        return True

    async def _devolver_lote(self, id: PydanticObjectId, ficha: str) -> bool:
        await self._turnos.sujetar(id, ficha)
        return await self.devolver_lote(id)

    async def _tomar_lote(self, sorteo: Sorteo, ficha: str, dichas: Dichas) -> Sequence[EspacioEnJuego]:
        id, desde, hasta = sorteo.oid, sorteo.vigencia.desde, sorteo.vigencia.hasta
        await self._turnos.sujetar(id, ficha)
        ultimos = await self._en_juego.ultimos(id, limite=1)
        codigos = await self._espacios.codigos(despues_de=max(ultimos, default=""), limite=LOTE)
        elegidos = None if sorteo.espacios is None else frozenset(sorteo.espacios)
        pedidos = [codigo for codigo in codigos if elegidos is None or codigo in elegidos]
        await self._vigia.exigir(await self._espacios.creidos(pedidos), dichas)
        if sorteo.ensayo:
            suyos = {e.codigo for e in await self._espacios.disponibles(codigos=pedidos, desde=desde, hasta=hasta)}
        else:
            await self._espacios.comprometer(sorteo_id=id, codigos=pedidos, desde=desde, hasta=hasta)
            suyos = {e.codigo for e in await self._espacios.comprometidos(sorteo_id=id, codigos=pedidos)}
        lote = await self._espacios.por_codigos(codigos)
        await self._ocupaciones.exigir(sorteo, [lote[codigo] for codigo in pedidos])
        if not sorteo.ensayo:
            await self._ceder(sorteo, [lote[codigo] for codigo in pedidos if codigo not in suyos])
        copias = [
            EspacioEnJuego(sorteo_id=id, codigo=codigo, tipo=e.tipo, reserva=e.reserva)
            if codigo in suyos
            else EspacioEnJuego(sorteo_id=id, codigo=codigo, excluido=motivo_de(e, desde, hasta, elegidos))
            for codigo, e in sorted(lote.items())
        ]
        await self._en_juego.insert_many(copias)
        return copias

    async def _ceder(self, sorteo: Sorteo, ajenos: Collection[Espacio]) -> None:
        """Raises EspacioComprometido when a draw that is still opening has one of them in the term."""
        desde, hasta = sorteo.vigencia.desde, sorteo.vigencia.hasta
        tomados = [(e.codigo, o.ref) for e in ajenos for o in e.ocupaciones if o.rige_entre(desde, hasta)]
        if tomados and (abriendose := await self._sorteos.borradores({ref for _, ref in tomados})):
            raise EspacioComprometido(codigo for codigo, ref in tomados if ref in abriendose)


def _en_bytes(copias: Iterable[Sequence[object]]) -> bytes:
    """Of each, in order of their codes, all that there is of a copy."""
    return b"".join(repr(tuple(copia)).encode() for copia in copias)
