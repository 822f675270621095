"""Queries on the turns of draws. Each write is one conditional command, judged by the clock of the database."""

from collections.abc import Collection
from datetime import timedelta

from beanie import PydanticObjectId

from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.repository import de_nadie
from app.shared.repository import Repository


class TurnoRepository(Repository[Sorteo]):
    model = Sorteo

    async def tomar(self, id: PydanticObjectId, *, paso: str, ficha: str, duracion: timedelta) -> Sorteo | None:
        """Take the turn on a draw; None when somebody has it who was heard of within `duracion`."""
        turno = {"paso": paso, "ficha": ficha, "visto_en": "$$NOW", "latidos": 0}
        return await self.update_one({"_id": id} | de_nadie(duracion), [{"$set": {"turno": turno}}])

    async def renovar(self, id: PydanticObjectId, *, ficha: str) -> bool:
        """Whether the turn is still of `ficha`."""
        cambio = {"$currentDate": {"turno.visto_en": True}, "$inc": {"turno.latidos": 1}}
        return await self.update_one({"_id": id, "turno.ficha": ficha}, cambio) is not None

    async def dejar(self, id: PydanticObjectId, *, ficha: str) -> None:
        await self.update_one({"_id": id, "turno.ficha": ficha}, {"$set": {"turno": None}})

    async def empezar(self, id: PydanticObjectId, *, ficha: str) -> Sorteo | None:
        """Note that rows will be written under `ficha`; None when `ficha` has not the turn."""
        return await self.update_one({"_id": id, "turno.ficha": ficha}, {"$addToSet": {"a_medias": ficha}})

    async def olvidar(self, id: PydanticObjectId, fichas: Collection[str]) -> None:
        """Drop the notes of tokens whose rows are gone."""
        await self.update_one({"_id": id}, {"$pullAll": {"a_medias": list(fichas)}})
