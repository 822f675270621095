"""Processes of the system beside the one of the tests, on the same database."""

import asyncio
import multiprocessing
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

from beanie import init_beanie
from motor.motor_asyncio import AsyncIOMotorClient

from app.core import clock
from app.database.collections import BaseDeDatos
from app.database.mongodb import OPCIONES
from app.database.unit_of_work import MongoUnitOfWork
from tests.conftest import Reloj
from tests.wiring.edificio import DOCUMENTOS, Edificio, Ids, Suceso


class ProcesoAparte:
    """Another process of the system, which does what it is told while others do theirs."""

    def __init__(self, uri: str, base: str) -> None:
        contexto = multiprocessing.get_context("spawn")
        self._conexion, suya = contexto.Pipe()
        self._proceso = contexto.Process(target=_servir, args=(suya, uri, base), daemon=True)
        self._proceso.start()
        # Only the other process holds that end: once it is gone, waiting for its answer ends.
        suya.close()

    @property
    def pid(self) -> int | None:
        return self._proceso.pid

    async def atender(self, ids: Ids) -> None:
        await self._pedir(ids)

    async def hacer(self, instante: datetime, suceso: Suceso) -> None:
        await self._pedir((instante, suceso))

    async def cerrar(self) -> None:
        await self._pedir(None)
        await asyncio.to_thread(self._proceso.join)
        self._conexion.close()

    async def _pedir(self, que: object) -> None:
        self._conexion.send(que)
        assert await asyncio.to_thread(self._conexion.recv) == "hecho"


def _servir(conexion: Connection, uri: str, base: str) -> None:
    asyncio.run(_atender(conexion, uri, base))


async def _atender(conexion: Connection, uri: str, base: str) -> None:
    cliente: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, tz_aware=True, tzinfo=UTC, **OPCIONES)
    await init_beanie(database=BaseDeDatos(cliente, base), document_models=list(DOCUMENTOS))
    uow, reloj, edificio = MongoUnitOfWork(cliente), Reloj(), None
    clock.usar_fuente(lambda: reloj.instante)
    while (orden := await asyncio.to_thread(conexion.recv)) is not None:
        if isinstance(orden, Ids):
            edificio = Edificio(uow, orden)
        else:
            assert edificio is not None
            instante, suceso = orden
            reloj.poner(instante)
            await edificio.proceso.hacer(suceso)
        conexion.send("hecho")
    cliente.close()
    conexion.send("hecho")
