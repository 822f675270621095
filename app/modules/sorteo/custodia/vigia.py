"""Goes through what bears marks, some rows at each beat, and tells the audit of each row that no act left as it is. An
act that comes upon one tells it too, and does nothing."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar, TypeVar

import attrs
from beanie import PydanticObjectId

from app.database.unit_of_work import Trabajo, UnitOfWork
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.exceptions import AsignacionAlterada, BasesAlteradas
from app.shared.repository import Fila

log = logging.getLogger(__name__)

_LOTE = 500
ASIGNACION = "asignacion_alterada"
T = TypeVar("T")
Denuncia = tuple[PydanticObjectId, Mapping[str, str]]
"""A row by its id, and what the audit is told of it."""


@attrs.define(kw_only=True)
class Vigia(ABC):
    """The beat of any process may call `vigilar`, as often as it likes and several at once. `suceso`: as the audit
    calls it."""

    suceso: ClassVar[str]
    _bitacora: Bitacora
    _uow: UnitOfWork
    _ultimo: PydanticObjectId | None = attrs.field(init=False, default=None)

    @abstractmethod
    async def _siguientes(self, ultimo: PydanticObjectId | None, limite: int) -> Sequence[Fila]:
        """The rows after that id; the first ones where there is none."""

    @abstractmethod
    def _alteradas(self, filas: Sequence[Fila]) -> Sequence[Denuncia]:
        """Those that no act left as they are. Called in a thread."""

    async def vigilar(self) -> None:
        """Look at the next of all rows; after the last, at the first again."""
        filas = await self._siguientes(self._ultimo, _LOTE)
        for id, datos in await asyncio.to_thread(self._alteradas, filas):
            await self._denunciar(id, datos)
        self._ultimo = filas[-1]["_id"] if len(filas) == _LOTE else None

    async def _denunciar(self, id: PydanticObjectId, datos: Mapping[str, str]) -> None:
        await self._uow.run(partial(decir_alterado, self._bitacora, self.suceso, id, datos))


@attrs.define(kw_only=True)
class Velo:
    """Around a transaction that is no step of a draw."""

    _bitacora: Bitacora
    _uow: UnitOfWork

    async def velar(self, hacer: Trabajo[T]) -> T:
        """Do it in one. What is found altered within is told before the error goes on."""
        try:
            return await self._uow.run(hacer)
        except BasesAlteradas as error:
            await self._uow.run(partial(self._decir, error))
            raise

    async def _decir(self, error: BasesAlteradas) -> None:
        objeto = PydanticObjectId(str(error.datos["objeto"]))
        if isinstance(error, AsignacionAlterada):
            await decir_alterado(self._bitacora, ASIGNACION, objeto, {})
        else:
            await decir_alterado(self._bitacora, "bases_alteradas", objeto, {"donde": str(error.datos["donde"])})


async def decir_alterado(bitacora: Bitacora, suceso: str, id: PydanticObjectId, datos: Mapping[str, str]) -> None:
    """Once for all that is told of it, in the transaction in course."""
    if datos not in await bitacora.dichos(objeto=id, tipos=[suceso]):
        log.error("%s: %s no es lo que dejó un acto %s", suceso, id, dict(datos) or "")
        await bitacora.aparte(tipo=suceso, hecho=False, datos=datos, objeto=id)
