"""The requests of a draw that opens in place of an annulled one: copied in batches, by ascending folio, and taken away
from the end.

Each batch is one transaction under the turn of the opening, written while the draw is a draft: until all are there and
the draw opens, nobody asks in it, and no resident sees a copy. An opening that comes to nothing takes its copies away.
One that died is begun anew, for the terms and the spaces by which copies were made may have changed since."""

from functools import partial

import attrs
from beanie import PydanticObjectId

from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.custodia.reglas import exigir_completo
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.exceptions import BasesAlteradas
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.toma.ports import Copias
from app.modules.sorteo.turnos.service import Avance, Turnos

LOTE = 1000


@attrs.define(kw_only=True)
class CopiaDeSolicitudes:
    _solicitudes: Copias
    _custodia: CustodiaService
    _turnos: Turnos
    _uow: UnitOfWork

    async def copiar(self, sorteo: Sorteo, ficha: str, avance: Avance) -> int:
        """Once the spaces are copied; how many. What an earlier opening left is taken away before. Raises TareaEnCurso
        when another process has the turn, BasesAlteradas."""
        await self.devolver(sorteo.oid, ficha)
        if sorteo.repite_a is None:
            return 0
        cotejo = await self._solicitudes.cotejo(sorteo_id=sorteo.repite_a)
        await self._custodia.exigir_terminos(sorteo.repite_a, cotejo.terminos)
        exigir_completo(cotejo.completo)
        if (hallada := await cotejo.alterada()) is not None:
            donde, objeto = hallada
            raise BasesAlteradas(donde=donde, objeto=objeto)
        total, hechas = await self._solicitudes.cuantas(sorteo_id=sorteo.repite_a), 0
        while lote := await self._uow.run(partial(self._copiar_lote, sorteo.oid, ficha, sorteo.repite_a)):
            hechas += lote
            await avance(hecho=hechas, total=total)
        return hechas

    async def exigir(self, id: PydanticObjectId, copiadas: int) -> None:
        """In the transaction that opens the draw, whose window says how many there are: as many as `copiar` made. The
        closing misses each of so many. Raises BasesAlteradas."""
        if await self._solicitudes.cuantas(sorteo_id=id) != copiadas:
            raise BasesAlteradas(donde="copias")

    async def devolver(self, id: PydanticObjectId, ficha: str) -> None:
        """Raises TareaEnCurso when another process has the turn."""
        while await self._uow.run(partial(self._devolver_lote, id, ficha)):
            pass

    async def devolver_lote(self, id: PydanticObjectId) -> bool:
        """In the transaction in course, which holds the turn. Whether there was anything left to take away."""
        return await self._solicitudes.descartar_copias(sorteo_id=id, limite=LOTE)

    async def _copiar_lote(self, id: PydanticObjectId, ficha: str, de: PydanticObjectId) -> int:
        await self._turnos.sujetar(id, ficha)
        vehiculo = await self._solicitudes.vehiculo_alterado(de=de, a=id, limite=LOTE)
        if vehiculo is not None:
            raise BasesAlteradas(donde="vehiculo", objeto=str(vehiculo))
        return await self._solicitudes.copiar(de=de, a=id, limite=LOTE)

    async def _devolver_lote(self, id: PydanticObjectId, ficha: str) -> bool:
        await self._turnos.sujetar(id, ficha)
        return await self.devolver_lote(id)
