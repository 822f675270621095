"""Queries on batches of imports and on dry runs."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from beanie import PydanticObjectId
from pymongo import UpdateOne

from app.core.clock import ahora
from app.core.imports.contract import Ensayada, Hecho, campos_de
from app.core.imports.models import EstadoEnsayado, LoteDeImportacion
from app.shared.repository import Repository

SE_GUARDA = timedelta(days=30)
"""As long as the job can be asked about, and taken back."""
_ENSAYO = timedelta(days=1)


class LoteRepository(Repository[LoteDeImportacion]):
    model = LoteDeImportacion

    def __init__(self, guarda: timedelta = SE_GUARDA) -> None:
        self._guarda = guarda

    async def guardar(
        self, trabajo_id: PydanticObjectId, linea: int, filas: Sequence[Mapping[str, Any]], hechos: Sequence[Hecho]
    ) -> None:
        fila = {
            "trabajo_id": trabajo_id,
            "linea": linea,
            "filas": list(filas),
            "hechos": [campos_de(hecho) for hecho in hechos],
            "borrar_en": ahora() + self._guarda,
        }
        await self.insert_rows([fila])

    async def de_trabajo(self, trabajo_id: PydanticObjectId) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
        """What became of the rows, a batch at a time: each holds much, and all of a city more than fits into memory."""
        filtro: dict[str, Any] = {"trabajo_id": trabajo_id}
        while lotes := await self.rows(filtro, ("linea", "filas"), orden=[("linea", 1)], limite=1):
            yield lotes[0]["filas"]
            filtro["linea"] = {"$gt": lotes[0]["linea"]}

    async def ultimo(self, trabajo_id: PydanticObjectId) -> LoteDeImportacion | None:
        """The last one of which something is left to take back."""
        filtro = {"trabajo_id": trabajo_id, "hechos": {"$ne": []}}
        return await self.find_one(filtro, orden=[("linea", -1)])

    async def vaciar(self, lote_id: PydanticObjectId) -> None:
        await self.update_one({"_id": lote_id}, {"$set": {"hechos": []}})

    async def olvidar(self, cosa_id: PydanticObjectId) -> None:
        """Forget what was written of one thing: it can no longer be taken back, nor read."""
        await self.update_many({"hechos.id": cosa_id}, {"$pull": {"hechos": {"id": cosa_id}}})

    async def borrar_caducados(self, *, momento: datetime, limite: int) -> int:
        return await self.delete_batch({"borrar_en": {"$lte": momento}}, orden=[("borrar_en", 1)], limite=limite)


class EnsayoRepository(Repository[EstadoEnsayado]):
    model = EstadoEnsayado

    async def leer(self, trabajo_id: PydanticObjectId, claves: Collection[str]) -> dict[str, dict[str, Any]]:
        filtro = {"trabajo_id": trabajo_id, "claves": {"$in": list(claves)}}
        return {fila["cosa"]: fila["fila"] for fila in await self.rows(filtro, ("cosa", "fila"))}

    async def guardar(self, trabajo_id: PydanticObjectId, ensayadas: Sequence[Ensayada]) -> None:
        if not ensayadas:
            return
        borrar_en = ahora() + _ENSAYO
        await self.bulk_write(
            [
                UpdateOne(
                    {"trabajo_id": trabajo_id, "cosa": una.cosa},
                    {"$set": {"claves": list(una.claves), "fila": dict(una.fila), "borrar_en": borrar_en}},
                    upsert=True,
                )
                for una in ensayadas
            ]
        )

    async def borrar(self, trabajo_id: PydanticObjectId) -> None:
        await self.delete_many({"trabajo_id": trabajo_id})

    async def borrar_caducados(self, *, momento: datetime, limite: int) -> int:
        return await self.delete_batch({"borrar_en": {"$lte": momento}}, orden=[("borrar_en", 1)], limite=limite)
