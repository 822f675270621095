"""Rows of the database as JSON, in the shape of a schema, without making objects of that schema on the way.

What is only shown was checked when it was stored. To check it again, field by field, and to make an object of each row
that is thrown away as soon as it is written, takes more time than to read the rows.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from beanie import PydanticObjectId
from bson.tz_util import utc
from pydantic import BaseModel
from pydantic_core import to_json

Escribir = Callable[[Any], Any]


class Escritor:
    """Says a row as `modelo` says it: its fields and no others, each taken from the row under its own name; ids and
    instants as text, parts that are schemas in the same way. Texts, numbers, days and values of lists stand in the
    database as they are shown. A row that lacks a field raises KeyError, as an error of ours."""

    def __init__(self, modelo: type[BaseModel]) -> None:
        self._campos = tuple(modelo.model_fields)
        como = {campo: _de_tipo(info.annotation) for campo, info in modelo.model_fields.items()}
        self._por_escribir = [(campo, escribir) for campo, escribir in como.items() if escribir is not None]

    def __call__(self, fila: Mapping[str, Any]) -> dict[str, Any]:
        dicha = {campo: fila[campo] for campo in self._campos}
        for campo, escribir in self._por_escribir:
            valor = dicha[campo]
            if valor is not None:
                dicha[campo] = escribir(valor)
        return dicha


def en_json(escrito: object) -> bytes:
    """What writers say, as bytes."""
    return to_json(escrito)


def instante(valor: datetime) -> str:
    """RFC 3339 in UTC, with three decimals. One that says no zone is in UTC, as the database has it."""
    zona = valor.tzinfo
    if zona is not None:
        if zona is not utc and zona is not UTC:
            valor = valor.astimezone(UTC)
        # To say the zone as well, `isoformat` asks it for its distance, which takes longer than all the rest.
        valor = valor.replace(tzinfo=None)
    return valor.isoformat("T", "milliseconds") + "Z"


_SUELTOS: Mapping[Any, Escribir] = {PydanticObjectId: str, datetime: instante}


def _de_tipo(tipo: Any) -> Escribir | None:
    """How a value of `tipo` is written; None: as it stands."""
    origen = get_origin(tipo)
    if origen is Annotated:
        return _de_tipo(get_args(tipo)[0])
    if origen in (Union, UnionType):
        (unico,) = (parte for parte in get_args(tipo) if parte is not NoneType)
        return _de_tipo(unico)
    if origen is list:
        escribir = _de_tipo(get_args(tipo)[0])
        return None if escribir is None else lambda valores: [escribir(valor) for valor in valores]
    if isinstance(tipo, type) and issubclass(tipo, BaseModel):
        return Escritor(tipo)
    return _SUELTOS.get(tipo)
