"""Queries on jobs, refused rows and pieces of files."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import bson
import pymongo
from beanie import PydanticObjectId
from bson import Binary
from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import ExecutionTimeout, NetworkTimeout

from app.core.jobs.contract import EstadoTrabajo, Rechazo
from app.core.jobs.models import FilaRechazada, PiezaDeArchivo, Trabajo
from app.shared.documents import callado
from app.shared.exceptions import NoDisponible
from app.shared.repository import Repository
from app.shared.transaction import current_session, exigir_transaccion

_CANDIDATOS = 20
"""How many jobs a process tries to take in one look."""
_PACIENCIA = 1.0
"""Seconds for which a process waits for a job that another process is writing on."""


_PEDIDO = ("_id", "tipo", "parametros", "dueno", "quien", "llamada", "entrada", "creado_en")


class TrabajoRepository(Repository[Trabajo]):
    model = Trabajo

    def lo_pedido(self, trabajo: Trabajo) -> bytes:
        """Who asked, when and for what, as it is stored."""
        crudo = self._escribir(trabajo)
        return bson.encode({campo: crudo[campo] for campo in _PEDIDO})

    async def en_espera(self) -> tuple[int, datetime | None]:
        """How many jobs wait for a process, and since when the first of them waits."""
        return await self.cola({"estado": EstadoTrabajo.en_cola}, "creado_en")

    async def encolar(self, trabajo: Trabajo) -> Trabajo:
        """Store the job, or find the live one with the same `unico`. It is one statement, because a refusal by the
        index would end the transaction in course."""
        if trabajo.unico is None:
            return await self.insert(trabajo)
        exigir_transaccion()
        crudo = self._escribir(trabajo)
        del crudo["unico"]
        hallado = await self._coleccion.find_one_and_update(
            {"unico": trabajo.unico},
            {"$setOnInsert": crudo},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=current_session(),
        )
        self._apuntar(hallado["_id"])
        return self._leer(hallado)

    async def tomar(
        self, *, tipos: Collection[str], ficha: str, momento: datetime, duracion: timedelta
    ) -> Trabajo | None:
        """Take up the job that has been free for longest, under a new `ficha`. A process that had a job and has been
        silent for `duracion` has the job no more. A job that a dead process left locked, in a transaction that has not
        been ended yet, is passed over: to wait for that job would hold up all jobs that came free after it."""
        libre = {
            "libre_desde": {"$lte": momento},
            "tipo": {"$in": list(tipos)},
            "$or": [{"estado": EstadoTrabajo.en_cola}, callado("visto_en", duracion)],
        }
        cambio = {
            "$set": {"estado": EstadoTrabajo.en_curso, "ficha": ficha},
            "$inc": {"intentos": 1, "version": 1},
            "$currentDate": {"visto_en": True},
        }
        async for hallado in self._coleccion.find(libre, ["_id"]).sort("libre_desde", 1).limit(_CANDIDATOS):
            try:
                with pymongo.timeout(_PACIENCIA):
                    crudo = await self._coleccion.find_one_and_update(
                        libre | {"_id": hallado["_id"]}, cambio, return_document=ReturnDocument.AFTER
                    )
            except NoDisponible as error:
                if isinstance(error.__cause__, ExecutionTimeout | NetworkTimeout):
                    continue
                raise
            if crudo is not None:
                return self._leer(crudo)
        return None

    async def escribir(
        self, id: PydanticObjectId, *, ficha: str, poner: Mapping[str, Any], sumar: Mapping[str, int] | None = None
    ) -> Trabajo | None:
        """Write on a live job under the `ficha` of the process that has it; None when another process has it now, or it
        has ended."""
        cambio = {
            "$set": dict(poner),
            "$inc": {"version": 1, **(sumar or {})},
            "$currentDate": {"visto_en": True},
        }
        return await self.update_one({"_id": id, "ficha": ficha}, cambio)

    async def renovar(self, id: PydanticObjectId, *, ficha: str) -> Trabajo | None:
        """Say that the job is being worked on, which nobody outside sees as a change."""
        return await self.update_one({"_id": id, "ficha": ficha}, {"$currentDate": {"visto_en": True}})

    async def cancelar_en_cola(self, id: PydanticObjectId, *, poner: Mapping[str, Any]) -> Trabajo | None:
        filtro = {"_id": id, "estado": EstadoTrabajo.en_cola}
        return await self.update_one(filtro, {"$set": dict(poner), "$inc": {"version": 1}})

    async def pedir_cancelar(self, id: PydanticObjectId) -> Trabajo | None:
        filtro = {"_id": id, "estado": EstadoTrabajo.en_curso}
        return await self.update_one(filtro, {"$set": {"cancelar": True}, "$inc": {"version": 1}})

    async def caducados(self, *, momento: datetime, limite: int) -> list[PydanticObjectId]:
        filas = await self.rows({"borrar_en": {"$lte": momento}}, ["_id"], orden=[("borrar_en", 1)], limite=limite)
        return [PydanticObjectId(fila["_id"]) for fila in filas]

    async def borrar(self, ids: Collection[PydanticObjectId]) -> None:
        await self.delete_many({"_id": {"$in": list(ids)}})


class RechazoRepository(Repository[FilaRechazada]):
    model = FilaRechazada

    async def guardar(self, trabajo_id: PydanticObjectId, filas: Iterable[Rechazo]) -> int:
        """Store the rows that are not there yet; how many they were."""
        ordenes = [
            UpdateOne(
                {"trabajo_id": trabajo_id, "linea": fila.linea, "campo": fila.campo},
                {"$setOnInsert": {"codigo": fila.codigo, "datos": dict(fila.datos)}},
                upsert=True,
            )
            for fila in filas
        ]
        if not ordenes:
            return 0
        resultado = await self._coleccion.bulk_write(ordenes, session=current_session())
        return int(resultado.upserted_count)

    async def cuantos(self, trabajo_id: PydanticObjectId) -> int:
        return await self.count({"trabajo_id": trabajo_id})

    def de_trabajo(self, trabajo_id: PydanticObjectId) -> AsyncIterator[FilaRechazada]:
        """In the order of lines."""
        return self.iterate({"trabajo_id": trabajo_id}, orden=[("linea", 1), ("campo", 1)])

    async def borrar_lote(self, trabajos: Collection[PydanticObjectId], *, limite: int) -> int:
        de_ellos = {"trabajo_id": {"$in": list(trabajos)}}
        return await self.delete_batch(de_ellos, orden=[("trabajo_id", 1)], limite=limite)


class PiezaRepository(Repository[PiezaDeArchivo]):
    model = PiezaDeArchivo

    async def poner(self, *, archivo_id: PydanticObjectId, parte: int, datos: bytes, borrar_en: datetime) -> None:
        # Outside of any transaction.
        crudo = {"archivo_id": archivo_id, "parte": parte, "datos": Binary(datos), "borrar_en": borrar_en}
        await self._coleccion.insert_one(crudo)

    def de_archivo(self, archivo_id: PydanticObjectId) -> AsyncIterator[PiezaDeArchivo]:
        return self.iterate({"archivo_id": archivo_id}, orden=[("parte", 1)])

    async def borrar(self, archivo_id: PydanticObjectId) -> None:
        await self.delete_many({"archivo_id": archivo_id})

    async def borrar_caducadas(self, *, momento: datetime, limite: int) -> int:
        return await self.delete_batch({"borrar_en": {"$lte": momento}}, orden=[("borrar_en", 1)], limite=limite)
