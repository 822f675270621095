"""Queries on who is paid up, of many flats at once."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import TypeVar

import attrs
from beanie import PydanticObjectId
from pymongo import UpdateOne

from app.modules.residentes.hechos import MarcasDelPadron, decir_cambios
from app.modules.residentes.models import Unidad
from app.modules.residentes.repository import marcas_de
from app.shared.reading import a_ratos
from app.shared.repository import Repository

T = TypeVar("T")
_TROZO = 10_000
"""As many ids or keys as one command names."""


@attrs.define(kw_only=True, slots=False, eq=False)
class MoraRepository(Repository[Unidad]):
    _marcas: MarcasDelPadron
    model = Unidad

    async def por_claves(self, claves: Sequence[str]) -> dict[str, tuple[PydanticObjectId, bool | None]]:
        """The id of each flat there is, and whether it is paid up; None where that bears no mark: whatever is said of
        it is news."""
        halladas: dict[str, tuple[PydanticObjectId, bool | None]] = {}
        for trozo in _trozos(claves):
            filas = await self.rows({"clave": {"$in": trozo}}, ("clave", "al_dia", "marcas.al_dia"))
            async for varias in a_ratos(filas):
                for fila in varias:
                    rota = self._marcas.unidades.rota(fila, ("al_dia",))
                    halladas[fila["clave"]] = (PydanticObjectId(fila["_id"]), None if rota else fila["al_dia"])
        return halladas

    async def en_mora(self) -> list[PydanticObjectId]:
        return [PydanticObjectId(fila["_id"]) for fila in await self.rows({"al_dia": False}, ("_id",))]

    async def poner_al_dia(self, ids: Collection[PydanticObjectId], *, al_dia: bool, cuando: datetime) -> None:
        decir_cambios(dict.fromkeys(ids, ("al_dia",)), cuando)
        dicho, ademas = {"al_dia": al_dia}, {"$push": {"cambiados_en.al_dia": cuando}, "$inc": {"version": 1}}
        for trozo in _trozos(sorted(ids)):
            ordenes: list[UpdateOne] = []
            antes = await marcas_de(self, trozo, "al_dia")
            async for varios in a_ratos(trozo):
                marcas = self._marcas.unidades.de(dict.fromkeys(varios, dicho), antes)
                ordenes += [UpdateOne({"_id": id}, {"$set": dicho | marcas[id], **ademas}) for id in varios]
            await self.bulk_write(ordenes)

    async def poner_corte(self, corte: date, ids: Collection[PydanticObjectId] | None) -> None:
        """Of those flats; of all, where None."""
        cambio = {"$set": {"al_dia_corte": corte.isoformat()}, "$inc": {"version": 1}}
        if ids is None:
            await self.update_many({}, cambio)
            return
        for trozo in _trozos(sorted(ids)):
            await self.update_many({"_id": {"$in": trozo}}, cambio)


def _trozos(valores: Sequence[T]) -> Iterator[list[T]]:
    return (list(valores[desde : desde + _TROZO]) for desde in range(0, len(valores), _TROZO))
