"""How far the copy has come, and what has changed since: the database's own log tells (a change stream).

A watermark made of a document's own instants would skip what a transaction, or a paused process, wrote under an instant
that was past by the time it could be seen. The log has each change once, in the order in which they could be seen.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import attrs
import pymongo
from beanie import PydanticObjectId
from motor.frameworks.asyncio import run_on_executor
from pymongo.errors import OperationFailure

from app.modules.analitica.models import UNICO, Copia
from app.shared.documents import callado
from app.shared.repository import Repository

DURACION = timedelta(seconds=60)
"""The work is somebody's for so long after their last sign of life."""
_PARA_LEER = 60.0
"""Seconds."""
_SIN_NADA = 200
"""Milliseconds without a change after which the log is at its end."""
_DE_FILAS = frozenset({"insert", "update", "replace", "delete"})
_LOG_PERDIDO = frozenset({260, 280, 286})


class SinHistoria(Exception):
    """The log does not go back as far as the watermark, or tells of more than rows: everything has to be read."""


@attrs.frozen
class Cambios:
    """The ids that were written, by collection, and how far that is. `hay_mas`: the log went on."""

    ids: Mapping[str, Collection[PydanticObjectId]]
    posicion: Mapping[str, Any]
    hay_mas: bool


class CopiaRepository(Repository[Copia]):
    model = Copia

    async def ver(self) -> Copia:
        return await self.get(UNICO) or Copia(id=UNICO)

    async def tomar(self, *, ficha: str) -> Copia | None:
        """Take up the work; None while somebody else has it. By the clock of the database."""
        await self.upsert_one({"_id": UNICO}, {"$setOnInsert": {"marca": 0, "ficha": None}})
        marca = {"$max": [{"$add": ["$marca", 1]}, {"$toLong": "$$NOW"}]}
        libre = {"$or": [{"ficha": None}, callado("visto_en", DURACION)]}
        return await self.update_one(
            {"_id": UNICO} | libre, [{"$set": {"ficha": ficha, "visto_en": "$$NOW", "marca": marca}}]
        )

    async def renovar(self, *, ficha: str) -> bool:
        """Whether the work is still of `ficha`."""
        cambio = {"$currentDate": {"visto_en": True}}
        return await self.update_one({"_id": UNICO, "ficha": ficha}, cambio) is not None

    async def guardar(self, copia: Copia) -> bool:
        """Write how far it came; False, and nothing is written, where somebody else has the work by now."""
        repaso = None if copia.repaso is None else copia.repaso.model_dump()
        donde = {"destino": copia.destino, "posicion": copia.posicion, "repaso": repaso}
        return await self.update_one({"_id": UNICO, "ficha": copia.ficha}, {"$set": donde}) is not None

    async def dejar(self, *, ficha: str) -> None:
        await self.update_one({"_id": UNICO, "ficha": ficha}, {"$set": {"ficha": None}})

    async def cambios(self, colecciones: Collection[str], *, desde: Mapping[str, Any] | None, limite: int) -> Cambios:
        """What was written in those collections after `desde`, up to `limite` changes; without `desde` nothing, and
        where the log is now. Raises SinHistoria."""
        base = self._coleccion.database.delegate
        nombres = list(colecciones)
        condicion = {
            "$or": [
                {"ns.coll": {"$in": nombres}},
                {"to.coll": {"$in": nombres}},
                {"operationType": {"$in": ["dropDatabase", "invalidate"]}},
            ]
        }
        campos = {"operationType": 1, "ns": 1, "documentKey": 1}

        def leer() -> Cambios:
            ids: dict[str, set[PydanticObjectId]] = {}
            vistos, hay_mas = 0, True
            pasos = [{"$match": condicion}, {"$project": campos}]
            with (
                pymongo.timeout(_PARA_LEER),
                base.watch(pasos, resume_after=desde, max_await_time_ms=_SIN_NADA) as flujo,
            ):
                while hay_mas and vistos < limite and desde is not None:
                    cambio = flujo.try_next()
                    hay_mas = cambio is not None
                    if cambio is None:
                        break
                    if cambio["operationType"] not in _DE_FILAS:
                        raise SinHistoria
                    ids.setdefault(cambio["ns"]["coll"], set()).add(PydanticObjectId(cambio["documentKey"]["_id"]))
                    vistos += 1
                return Cambios(ids, flujo.resume_token, hay_mas and vistos >= limite)

        try:
            cambios: Cambios = await run_on_executor(  # type: ignore[no-untyped-call]
                self._coleccion.get_io_loop(), leer
            )
        except OperationFailure as error:
            if error.code in _LOG_PERDIDO:
                raise SinHistoria from error
            raise
        return cambios
