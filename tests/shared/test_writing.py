"""A row written in the shape of a schema is, byte by byte, what the schema itself says of it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.shared.schemas import Id, InstanteOut, OutputSchema
from app.shared.writing import Escritor, en_json

UN_ID = PydanticObjectId("5f0000000000000000000001")
INSTANTE = datetime(2026, 3, 1, 12, 30, 5, 678_901, tzinfo=UTC)


class Color(StrEnum):
    rojo = "rojo"


class Parte(OutputSchema):
    id: PydanticObjectId
    desde: InstanteOut | None


class Todo(OutputSchema):
    id: Id
    otro: Id | None
    texto: str
    numero: int | None
    si: bool
    color: Color
    dia: date | None
    hecho: InstanteOut
    hasta: InstanteOut | None
    nombres: list[str]
    ids: list[PydanticObjectId]
    parte: Parte | None
    partes: list[Parte]


FILA: Mapping[str, Any] = {
    "id": UN_ID,
    "otro": None,
    "texto": 'Ñandú "\n\u2028',
    "numero": 3,
    "si": True,
    "color": "rojo",
    "dia": "2026-03-01",
    "hecho": INSTANTE,
    "hasta": None,
    "nombres": ["a", "b"],
    "ids": [UN_ID, UN_ID],
    "parte": {"id": UN_ID, "desde": INSTANTE},
    "partes": [{"id": UN_ID, "desde": None}],
}


@pytest.mark.parametrize(
    "cambios",
    [
        {},
        {"otro": UN_ID, "hasta": INSTANTE, "numero": None, "dia": None, "parte": None, "partes": [], "ids": []},
        {"hecho": datetime(2026, 1, 1, tzinfo=UTC), "hasta": datetime(1, 1, 1, tzinfo=UTC)},
        {"hecho": INSTANTE.astimezone(timezone(timedelta(hours=-5)))},
        {"color": Color.rojo, "dia": date(2026, 3, 1), "texto": ""},
    ],
)
def test_lo_mismo_que_dice_el_esquema(cambios: Mapping[str, Any]) -> None:
    fila = {**FILA, **cambios}
    assert en_json(Escritor(Todo)(fila)) == Todo.model_validate(fila).model_dump_json().encode()


def test_nada_que_el_esquema_no_tenga() -> None:
    dicha = Escritor(Todo)({**FILA, "clave": "secreta", "parte": {"id": UN_ID, "desde": None, "clave": "secreta"}})
    assert b"secreta" not in en_json(dicha)


@pytest.mark.parametrize("campo", list(FILA))
def test_una_fila_a_la_que_le_falta_algo_es_un_error_nuestro(campo: str) -> None:
    with pytest.raises(KeyError):
        Escritor(Todo)({nombre: valor for nombre, valor in FILA.items() if nombre != campo})
