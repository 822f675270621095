"""What draws and the gate believe of spaces bears marks from the act that stated it on: whoever writes there gets
nothing for it but a row of the audit, once for each space."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

import attrs
from beanie import PydanticObjectId

from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.custodia.marcas import MarcasDeSorteo
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.exceptions import BasesAlteradas
from app.shared.repository import Fila

log = logging.getLogger(__name__)

_LOTE = 500
_ALTERADO = "espacio_alterado"


@attrs.define(kw_only=True)
class VigiaDeEspacios:
    """The beat of any process may call `vigilar`, as often as it likes and several at once. A row that is handed in
    has all that is believed of it, and its marks."""

    _espacios: EspacioRepository
    _marcas: MarcasDeSorteo
    _bitacora: Bitacora
    _uow: UnitOfWork
    _ultimo: PydanticObjectId | None = attrs.field(init=False, default=None)

    async def vigilar(self) -> None:
        """Look at the next of all that there are; after the last, from the first again."""
        filas = await self._espacios.por_vigilar(ultimo=self._ultimo, limite=_LOTE)
        for fila, hecho in await asyncio.to_thread(self._alterados, filas):
            await self._denunciar(fila["_id"], hecho)
        self._ultimo = filas[-1]["_id"] if len(filas) == _LOTE else None

    async def es_de_un_acto(self, fila: Fila) -> bool:
        """What is not is denounced."""
        hecho = self._marcas.espacios.rota(fila)
        if hecho is not None:
            await self._denunciar(fila["_id"], hecho)
        return hecho is None

    async def exigir(self, filas: Sequence[Fila]) -> None:
        """That all are. Raises BasesAlteradas, which names the first that is not."""
        for fila, hecho in (await asyncio.to_thread(self._alterados, filas))[:1]:
            raise BasesAlteradas(donde=hecho, objeto=str(fila["_id"]), espacio=str(fila.get("codigo")))

    def de_un_acto(self, filas: Sequence[Fila]) -> list[str]:
        """The codes of those that are."""
        return [fila["codigo"] for fila in filas if self._marcas.espacios.rota(fila) is None]

    def _alterados(self, filas: Sequence[Fila]) -> list[tuple[Fila, str]]:
        return [(fila, hecho) for fila in filas if (hecho := self._marcas.espacios.rota(fila)) is not None]

    async def _denunciar(self, id: PydanticObjectId, hecho: str) -> None:
        await self._uow.run(partial(self._decir, id, hecho))

    async def _decir(self, id: PydanticObjectId, hecho: str) -> None:
        if not await self._bitacora.dichos(objeto=id, tipos=[_ALTERADO]):
            log.error("el espacio %s no es el que dejó un acto: %s", id, hecho)
            await self._bitacora.suceso(tipo=_ALTERADO, hecho=False, datos={"donde": hecho}, objeto=id)
