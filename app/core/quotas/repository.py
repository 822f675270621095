"""Cuotas counted by the `limits` library in MongoDB, so that all workers count together.

The sliding window counter is one `findAndModify` a hit, by the server's clock: of any number of hits at once, exactly
as many pass as may.
"""

import hashlib
import hmac
import math
import time
from typing import Any

from limits import RateLimitItemPerSecond
from limits.aio.storage import MongoDBStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from motor.motor_asyncio import AsyncIOMotorClient

from app.core.config import Settings
from app.core.quotas.contract import Cuotas, Saldo, SinCuotas, Tasa
from app.database.deadlines import una_orden
from app.database.errors import traducidas
from app.shared.exceptions import DemasiadasPeticiones


class _Almacen(MongoDBStorage):
    """The library's storage on the client that the application has already. It expires by its own TTL index."""

    def __init__(self, cliente: "AsyncIOMotorClient[dict[str, Any]]", base: str) -> None:
        super().__init__(
            "async+mongodb://localhost",
            database_name=base,
            counter_collection_name="cuotas_contadores",
            window_collection_name="cuotas",
            connect=False,
        )
        self.storage.close()
        self.storage = cliente

    def __del__(self) -> None:
        """The client is not this storage's to close."""


class CuotasMongo:
    """`factor` multiplies every rate. `clave`: addresses and names are stored as HMACs under it, never as they are."""

    def __init__(
        self, cliente: "AsyncIOMotorClient[dict[str, Any]]", base: str, *, clave: bytes, factor: float
    ) -> None:
        self._ventanas = SlidingWindowCounterRateLimiter(_Almacen(cliente, base))
        self._clave = hmac.digest(clave, b"parknet/cuotas", "sha256")
        self._factor = factor

    async def gastar(self, tasa: Tasa, *quien: str) -> Saldo:
        """Raises DemasiadasPeticiones, NoDisponible."""
        cosa, nombre = self._cosa(tasa), self._nombre(tasa, quien)
        # Whatever came of the count, nothing is done yet of what the caller asked for.
        with traducidas(escribia=False), una_orden():
            pasa = await self._ventanas.hit(cosa, nombre)
            estado = await self._ventanas.get_window_stats(cosa, nombre)
        repone_en = max(1, math.ceil(estado.reset_time - time.time()))
        if not pasa:
            raise DemasiadasPeticiones(
                politica=tasa.nombre,
                limite=cosa.amount,
                segundos=min(repone_en, tasa.segundos),
                ventana=tasa.segundos,
            )
        efectiva = Tasa(nombre=tasa.nombre, veces=cosa.amount, segundos=tasa.segundos)
        return Saldo(tasa=efectiva, queda=max(0, int(estado.remaining)), repone_en=repone_en)

    async def olvidar(self, tasa: Tasa, *quien: str) -> None:
        with traducidas(escribia=False):
            await self._ventanas.clear(self._cosa(tasa), self._nombre(tasa, quien))

    def _cosa(self, tasa: Tasa) -> RateLimitItemPerSecond:
        return RateLimitItemPerSecond(max(1, round(tasa.veces * self._factor)), tasa.segundos, tasa.nombre)

    def _nombre(self, tasa: Tasa, quien: tuple[str, ...]) -> str:
        partes = "\x00".join((tasa.nombre, *quien))
        return hmac.new(self._clave, partes.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def cuotas_de(settings: Settings, cliente: "AsyncIOMotorClient[dict[str, Any]]") -> Cuotas:
    """Who calls how often, counted in the application's database; not at all where the settings say so."""
    if settings.cuotas == 0:
        return SinCuotas()
    return CuotasMongo(cliente, settings.mongodb_db, clave=settings.clave("clave_pimienta"), factor=settings.cuotas)
