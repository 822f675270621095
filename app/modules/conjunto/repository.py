"""The one document of the complex."""

from collections.abc import Mapping

from app.modules.conjunto.models import UNICO, Conjunto
from app.shared.repository import Repository


class ConjuntoRepository(Repository[Conjunto]):
    model = Conjunto

    async def cambiar(self, cambios: Mapping[str, object]) -> None:
        await self.upsert_one({"_id": UNICO}, {"$set": dict(cambios)})
