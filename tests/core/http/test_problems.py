"""Broken rules as problems: also those that no table of ours names, and without a word of the client's."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, RootModel

from app.core.dependencies import PUBLICA
from app.core.http.route import StrictRoute
from app.shared.exceptions import Conflicto, EntradaInvalida
from app.shared.schemas import Codigo, Entre, InputSchema
from tests.conftest import Abrir


class Vencido(Conflicto):
    # Any code with a text will do: what is tested is how its data are written.
    codigo = "conflicto"


class Uno(InputSchema):
    tipo: Literal["uno"]
    numero: Annotated[int, Entre(1, 9)]


class Otro(InputSchema):
    tipo: Literal["otro"]


class Todo(InputSchema):
    mapa: dict[Codigo, list[Annotated[int, Entre(1, 9)]]] = {}
    union: Annotated[Uno | Otro, Field(discriminator="tipo")] | None = None
    multiplo: Annotated[int, Field(multiple_of=5)] | None = None


class Raiz(RootModel[list[int]]):
    pass


class Consulta(BaseModel):
    model_config = {"extra": "forbid"}
    limite: int = 1


router = APIRouter(route_class=StrictRoute)


@router.post("/todo", openapi_extra=PUBLICA)
async def _todo(datos: Todo) -> None:
    del datos


@router.post("/raiz", openapi_extra=PUBLICA)
async def _raiz(datos: Raiz) -> None:
    del datos


@router.get("/consulta", openapi_extra=PUBLICA)
async def _consulta(datos: Annotated[Consulta, Query()]) -> None:
    del datos


@router.get("/vencido", openapi_extra=PUBLICA)
async def _vencido() -> None:
    raise Vencido(desde=date(2026, 1, 2), disponible_desde=datetime(2026, 1, 2, 3, tzinfo=UTC), cuantas=3, hay=None)


@router.get("/campo", openapi_extra=PUBLICA)
async def _campo() -> None:
    raise EntradaInvalida.en("unidades.0.torre", "muy_largo", max_length=40)


@pytest.fixture
async def cliente(abrir_app: Abrir) -> httpx.AsyncClient:
    cliente = await abrir_app([router])
    cliente.base_url = httpx.URL("http://parknet/api/v1/")
    return cliente


@pytest.mark.parametrize(
    ("cuerpo", "errores"),
    [
        ({"mapa": {"carro": ["zq9marca"]}}, [("mapa.0", "tipo_invalido")]),
        ({"mapa": {"zq9marca!": [1]}}, [("mapa", "forma_invalida")]),
        ({"mapa": {"carro": [1, 0, 10]}}, [("mapa.1", "fuera_de_rango"), ("mapa.2", "fuera_de_rango")]),
        ({"union": {"tipo": "zq9marca"}}, [("union", "valor_no_admitido")]),
        ({"union": {}}, [("union", "requerido")]),
        ({"union": {"tipo": "uno", "zq9marca": 1}}, [("union.numero", "requerido"), ("union", "campo_desconocido")]),
        ({"union": {"tipo": "uno", "numero": 1.5}}, [("union.numero", "tipo_invalido")]),
        ({"multiplo": 7}, [("multiplo", "forma_invalida")]),
        ({"zq9marca": 1, "numero": 2}, [("", "campo_desconocido")]),
    ],
)
async def test_cada_regla_en_su_campo(
    cuerpo: dict[str, Any], errores: list[tuple[str, str]], cliente: httpx.AsyncClient
) -> None:
    respuesta = await cliente.post("todo", json=cuerpo)
    assert respuesta.status_code == 422, respuesta.text
    assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == errores
    assert all(e["mensaje"] for e in respuesta.json()["errores"])
    assert "zq9marca" not in respuesta.text


async def test_lo_que_no_tiene_campo_es_de_todo_el_cuerpo(cliente: httpx.AsyncClient) -> None:
    respuesta = await cliente.post("raiz", json={"zq9marca": 1})
    assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("", "tipo_invalido")]


async def test_un_parametro_que_no_hay_tampoco_se_repite(cliente: httpx.AsyncClient) -> None:
    respuesta = await cliente.get("consulta?zq9marca=1&limite=a")
    assert respuesta.status_code == 422
    assert "zq9marca" not in respuesta.text
    assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [
        ("", "parametro_desconocido"),
        ("limite", "tipo_invalido"),
    ]


async def test_los_datos_van_como_en_lo_demas(cliente: httpx.AsyncClient) -> None:
    respuesta = await cliente.get("vencido")
    assert respuesta.status_code == 409
    assert respuesta.json()["datos"] == {
        "desde": "2026-01-02",
        "disponible_desde": "2026-01-02T03:00:00.000Z",
        "cuantas": 3,
        "hay": None,
    }


async def test_una_regla_de_servicio_se_dice_como_una_de_esquema(cliente: httpx.AsyncClient) -> None:
    (error,) = (await cliente.get("campo")).json()["errores"]
    assert (error["campo"], error["codigo"]) == ("unidades.0.torre", "muy_largo")
    assert "40" in error["mensaje"]
