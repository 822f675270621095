"""Queries on kept figures, and how several counts are made in one command."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pymongo.errors import DuplicateKeyError

from app.core.acts.contract import fuera_del_acto
from app.core.figures.models import Cifra, CifraGuardada
from app.shared.repository import Filtro, Repository

Pasos = list[dict[str, Any]]


class CifraRepository(Repository[CifraGuardada]):
    model = CifraGuardada

    async def todas(self) -> dict[str, Cifra]:
        return {
            fila["_id"]: Cifra(filas=fila["filas"], contado_en=fila["contado_en"], tardo=fila["tardo"])
            for fila in await self.rows({})
        }

    async def guardar(self, nombre: str, cifra: Cifra) -> None:
        """Unless a later count stands, of which the database says that its name is taken."""
        anterior = {"_id": nombre, "contado_en": {"$lt": cifra.contado_en}}
        cambio = {"$set": {"filas": cifra.filas, "contado_en": cifra.contado_en, "tardo": cifra.tardo}}
        with fuera_del_acto(), suppress(DuplicateKeyError):
            await self.upsert_one(anterior, cambio)


def grupos(parte: str, filtro: Filtro, por: Mapping[str, Any], *, antes: Sequence[dict[str, Any]] = ()) -> Pasos:
    """The steps that count what matches, by the groups `por`: rows of the group's fields, `parte` and `n`. `antes`:
    steps between matching and counting."""
    grupo = {"$group": {"_id": dict(por), "n": {"$sum": 1}}}
    fila = {"$replaceWith": {"$mergeObjects": ["$_id", {"n": "$n", "parte": parte}]}}
    return [{"$match": filtro}, *antes, grupo, fila]


def junto(pasos: Pasos, *otros: tuple[str, Pasos]) -> Pasos:
    """One command for the rows of `pasos` and of others, each in its collection."""
    return [*pasos, *({"$unionWith": {"coll": coleccion, "pipeline": suyos}} for coleccion, suyos in otros)]
