"""Queries on the turn of clearing away."""

from datetime import timedelta

from pymongo.errors import DuplicateKeyError

from app.core.retention.models import TurnoDeLimpieza
from app.shared.documents import callado
from app.shared.repository import Repository

_UNICO = "limpieza"


class TurnoRepository(Repository[TurnoDeLimpieza]):
    model = TurnoDeLimpieza

    async def tomar(self, *, titular: str, duracion: timedelta) -> bool:
        """Take the turn, or say that it is still being used; False while it is another's, heard within `duracion`."""
        tomado = {"$set": {"titular": titular}, "$currentDate": {"visto_en": True}}
        libre = {"_id": _UNICO, "$or": [{"titular": titular}, {"titular": None}, callado("visto_en", duracion)]}
        if await self.update_one(libre, tomado) is not None:
            return True
        try:
            # Where there is none yet: an upsert takes no `$expr`.
            await self.upsert_one({"_id": _UNICO, "titular": titular}, tomado)
        except DuplicateKeyError:
            return False
        return True

    async def soltar(self, *, titular: str) -> None:
        await self.update_one({"_id": _UNICO, "titular": titular}, {"$set": {"titular": None}})
