"""Queries on second factors."""

from collections.abc import Sequence
from datetime import datetime

from beanie import PydanticObjectId

from app.modules.auth.models import SegundoFactor
from app.shared.repository import Filtro, Repository

_SIN_FALLOS: Filtro = {"fallos": 0, "frenado_hasta": None}


class SegundoFactorRepository(Repository[SegundoFactor]):
    model = SegundoFactor

    async def empezar(self, nuevo: SegundoFactor) -> bool:
        """Store a second factor that waits for its first code, also in the place of an earlier one that waits. False
        when the account has a confirmed second factor."""
        campos = nuevo.model_dump(exclude={"id", "revision_id"})
        if await self.update_one({"_id": nuevo.id, "activo": False}, {"$set": campos}) is not None:
            return True
        if await self.get(nuevo.oid) is not None:
            return False
        await self.insert(nuevo)
        return True

    async def contar_intento(self, factor: SegundoFactor, *, frenado_hasta: datetime | None) -> bool:
        """Count a guess. False when another guess was counted since `factor` was read."""
        filtro = {"_id": factor.id, "secreto": factor.secreto, "fallos": factor.fallos}
        cambio = {"$inc": {"fallos": 1}, "$set": {"frenado_hasta": frenado_hasta}}
        return await self.update_one(filtro, cambio) is not None

    async def activar(self, factor: SegundoFactor, *, paso: int, codigos: Sequence[str]) -> bool:
        filtro = {"_id": factor.id, "secreto": factor.secreto, "activo": False}
        cambio = {"activo": True, "ultimo_paso": paso, "codigos": list(codigos), **_SIN_FALLOS}
        return await self.update_one(filtro, {"$set": cambio}) is not None

    async def gastar_paso(self, usuario_id: PydanticObjectId, *, secreto: bytes, paso: int) -> bool:
        """Of many with the same code at once, one gets True."""
        filtro = {"_id": usuario_id, "secreto": secreto, "activo": True, "ultimo_paso": {"$lt": paso}}
        return await self.update_one(filtro, {"$set": {"ultimo_paso": paso, **_SIN_FALLOS}}) is not None

    async def gastar_codigo(self, usuario_id: PydanticObjectId, huella: str) -> bool:
        """Of many with the same code at once, one gets True."""
        filtro = {"_id": usuario_id, "activo": True, "codigos": huella}
        cambio = {"$pull": {"codigos": huella}, "$set": _SIN_FALLOS}
        return await self.update_one(filtro, cambio) is not None

    async def borrar(self, usuario_id: PydanticObjectId) -> bool:
        return await self.delete_one({"_id": usuario_id})
