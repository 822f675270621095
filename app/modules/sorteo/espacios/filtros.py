"""Which spaces: free for a draw, or to be claimed, on all days of an interval; of a code; with a claim."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from beanie import PydanticObjectId

from app.shared.repository import Filtro


def ocupable(codigo: str, desde: date, hasta: date) -> dict[str, Any]:
    return {"codigo": codigo, "activo": True, "$and": [sin_titular(desde, hasta), sin_ocupar(desde, hasta)]}


def libre_para_sorteo(desde: date, hasta: date) -> dict[str, Any]:
    """The space is available to a draw on every day of the interval."""
    return {"activo": True, "uso": "residentes", "$and": [sin_titular(desde, hasta), sin_ocupar(desde, hasta)]}


def sin_ocupar(desde: date, hasta: date | None) -> Filtro:
    """The space has no claim on any of those days. `hasta` None means for ever."""
    dias: dict[str, Any] = {"hasta": {"$gte": desde.isoformat()}}
    if hasta is not None:
        dias["desde"] = {"$lte": hasta.isoformat()}
    return {"ocupaciones": {"$not": {"$elemMatch": dias}}}


def sin_titular(desde: date, hasta: date) -> Filtro:
    """Nobody has a right on those days. A right without end has `hasta` null, and null is not less than any text."""
    return {
        "$or": [
            {"titular": None},
            {"titular.desde": {"$gt": hasta.isoformat()}},
            {"titular.hasta": {"$lt": desde.isoformat()}},
        ]
    }


def de_codigos(codigos: Sequence[str] | None) -> dict[str, Any]:
    return {} if codigos is None else {"codigo": {"$in": list(codigos)}}


def con_ocupacion(ref: PydanticObjectId, codigo: str) -> Filtro:
    return {"codigo": codigo, "ocupaciones": {"$elemMatch": {"ref": ref}}}
