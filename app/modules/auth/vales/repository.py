"""Queries on vouchers, and on requests that wait for a voucher."""

from collections.abc import Sequence
from datetime import datetime

from beanie import PydanticObjectId
from pymongo.errors import DuplicateKeyError

from app.modules.auth.models import PedidoDeRecuperacion, Proposito, Vale
from app.shared.repository import Repository


class ValeRepository(Repository[Vale]):
    model = Vale

    async def vivo(self, huella: str, *, cuando: datetime) -> Vale | None:
        return await self.find_one({"huella": huella, "expira_en": {"$gt": cuando}})

    async def cuantos_vivos(self, proposito: Proposito, *, sujeto_id: PydanticObjectId, cuando: datetime) -> int:
        filtro = {"sujeto_id": sujeto_id, "proposito": proposito.value, "expira_en": {"$gt": cuando}}
        return await self.count(filtro)

    async def borrar(self, propositos: Sequence[Proposito], *, sujeto_id: PydanticObjectId) -> None:
        await self.delete_many({"sujeto_id": sujeto_id, "proposito": {"$in": [p.value for p in propositos]}})


class PedidoRepository(Repository[PedidoDeRecuperacion]):
    model = PedidoDeRecuperacion

    async def pedir(self, email: str, *, cuando: datetime) -> None:
        """Store a request. An address that waits already is stored once."""
        try:
            await self.insert(PedidoDeRecuperacion(email=email, pedido_en=cuando))
        except DuplicateKeyError:
            return

    async def tomar(self, pedido: PedidoDeRecuperacion) -> bool:
        """Take the request off the list. Of many calls at once, one gets True."""
        return await self.delete_one({"_id": pedido.oid})
