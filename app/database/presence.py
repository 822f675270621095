"""What a dead process still owns in the database: the transactions that it had begun.

MongoDB ends them only when they are old (`transactionLifetimeLimitSeconds`, a minute unless somebody set it), and until
then nobody else writes on what they had written. So each process says every second that it lives, by the clock of the
database, and those that live end the transactions of one that has been silent. One that was only slow finds its
transaction gone, and begins it again.
"""

import logging
import time
from datetime import timedelta
from typing import Any

import pymongo
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from app.shared.documents import callado

log = logging.getLogger(__name__)

CADA_SEGUNDOS = 1.0
SILENCIO = timedelta(seconds=3)
"""After which a process is taken for dead, by those that were heard themselves for as long: when the database comes
back, nobody has been heard for a while."""


def nombre_de(ficha: str) -> str:
    """What a process calls itself to the server: who looks at its operations sees whose they are."""
    return f"parknet-{ficha}"


class Presencia:
    """`latir` is to be called every `CADA_SEGUNDOS`, `irse` at the end."""

    def __init__(self, cliente: "AsyncIOMotorClient[dict[str, Any]]", base: str, *, ficha: str) -> None:
        self._procesos = cliente[base]["procesos"]
        # What the server is doing is nowhere stored.
        self._servidor = cliente.get_database("admin", read_concern=ReadConcern("local"))
        self._ficha = ficha
        self._oido_desde = self._oido = float("-inf")

    async def latir(self) -> None:
        with pymongo.timeout(CADA_SEGUNDOS):
            await self._procesos.update_one({"_id": self._ficha}, {"$currentDate": {"visto_en": True}}, upsert=True)
        ahora = time.monotonic()
        if ahora - self._oido > SILENCIO.total_seconds():
            self._oido_desde = ahora
        self._oido = ahora
        if ahora - self._oido_desde >= SILENCIO.total_seconds():
            await self._soltar_lo_de_los_muertos()

    async def irse(self) -> None:
        with pymongo.timeout(CADA_SEGUNDOS):
            await self._procesos.delete_one({"_id": self._ficha})

    async def _soltar_lo_de_los_muertos(self) -> None:
        muertos = [fila["_id"] for fila in await self._procesos.find(callado("visto_en", SILENCIO)).to_list(None)]
        if not muertos:
            return
        try:
            sueltas = await self._deshacer([nombre_de(ficha) for ficha in muertos])
            log.warning("no dan señales %d procesos; se deshicieron %d transacciones suyas", len(muertos), sueltas)
        except OperationFailure as error:
            # An account of the database that may not: then the server does so, later.
            log.warning("no se pueden deshacer las transacciones de los procesos que no dan señales: %s", error.code)
        await self._procesos.delete_many({"_id": {"$in": muertos}, **callado("visto_en", SILENCIO)})

    async def _deshacer(self, nombres: list[str]) -> int:
        abiertas = self._servidor.aggregate(
            [
                {"$currentOp": {"allUsers": False, "idleSessions": True}},
                {"$match": {"transaction": {"$exists": True}, "appName": {"$in": nombres}}},
            ]
        )
        sesiones = [{"id": operacion["lsid"]["id"]} for operacion in await abiertas.to_list(None)]
        if sesiones:
            await self._servidor.command({"killSessions": sesiones})
        return len(sesiones)
