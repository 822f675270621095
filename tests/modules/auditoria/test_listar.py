"""`GET /auditoria`: filters, pages, and that an index serves each."""

from typing import Any

import httpx
import pytest
from beanie import PydanticObjectId

from app.core.acts.contract import atendiendo
from app.core.security import Principal
from tests.conftest import Reloj
from tests.modules.auditoria.conftest import ADMIN, AUDITOR, TRAZA, Casa, acto

OBJETO = PydanticObjectId()


@pytest.fixture(autouse=True)
async def _lo_hecho(casa: Casa, reloj: Reloj) -> None:
    """Four acts, a minute apart."""
    hechos: list[tuple[Principal | None, str, str]] = [
        (ADMIN, "cosas_crear", "P-01"),
        (ADMIN, "cosas_cambiar", str(OBJETO)),
        (AUDITOR, "cosas_cambiar", "P-01"),
        (None, "cosas_borrar", str(OBJETO)),
    ]
    for quien, operacion, objeto in hechos:
        with atendiendo(acto(quien, operacion=operacion, objetos=(objeto,))):
            await casa.uow.run(casa.cosa)
        reloj.avanzar(minutes=1)


async def listar(api: httpx.AsyncClient, **consulta: Any) -> Any:
    respuesta = await api.get("/api/v1/auditoria", params=consulta, headers={"Authorization": "Bearer auditor"})
    assert respuesta.status_code == 200, respuesta.text
    return respuesta.json()


async def acciones(api: httpx.AsyncClient, **consulta: Any) -> list[str]:
    return [fila["accion"] for fila in (await listar(api, **consulta))["items"]]


async def test_lo_ultimo_primero_y_por_paginas(api: httpx.AsyncClient) -> None:
    primera = await listar(api, limite=3, contar=True)
    assert primera["total"] == 4
    segunda = await listar(api, limite=3, cursor=primera["siguiente"])
    assert [fila["accion"] for fila in [*primera["items"], *segunda["items"]]] == [
        "cosas_borrar",
        "cosas_cambiar",
        "cosas_cambiar",
        "cosas_crear",
    ]
    assert segunda["siguiente"] is None


async def test_lo_que_dice_una_fila(api: httpx.AsyncClient, casa: Casa) -> None:
    await casa.sellador().sellar()
    fila = (await listar(api, accion="cosas_crear"))["items"][0]
    assert fila | {"id": "", "objeto": [], "mac": ""} == {
        "id": "",
        "hora": "2026-03-02T15:00:00.000Z",
        "actor": str(ADMIN.usuario_id),
        "rol": "admin",
        "llave": None,
        "accion": "cosas_crear",
        "operacion": "cosas_crear",
        "objeto": [],
        "colecciones": ["cosas_de_prueba"],
        "campos": [],
        "datos": {},
        "resultado": "hecho",
        "traza": TRAZA,
        "direccion": "192.0.2.0/24",
        "n": 1,
        "mac": "",
    }


@pytest.mark.parametrize(
    ("filtro", "esperadas"),
    [
        ({"actor": str(ADMIN.usuario_id)}, ["cosas_cambiar", "cosas_crear"]),
        ({"accion": "cosas_cambiar"}, ["cosas_cambiar", "cosas_cambiar"]),
        ({"accion": "cosas"}, []),
        ({"objeto": str(OBJETO)}, ["cosas_borrar", "cosas_cambiar"]),
        ({"objeto": "P-01"}, ["cosas_cambiar", "cosas_crear"]),
        ({"objeto": "P-01", "actor": str(AUDITOR.usuario_id)}, ["cosas_cambiar"]),
        ({"desde": "2026-03-02T15:02:00Z"}, ["cosas_borrar", "cosas_cambiar"]),
        ({"hasta": "2026-03-02T15:01:00Z"}, ["cosas_crear"]),
        ({"desde": "2026-03-02T15:01:00Z", "hasta": "2026-03-02T15:02:00Z"}, ["cosas_cambiar"]),
    ],
)
async def test_filtros(filtro: dict[str, str], esperadas: list[str], api: httpx.AsyncClient) -> None:
    assert await acciones(api, **filtro) == esperadas


async def test_varias_acciones(api: httpx.AsyncClient) -> None:
    assert await acciones(api, accion=["cosas_crear", "cosas_borrar"]) == ["cosas_borrar", "cosas_crear"]


@pytest.mark.parametrize("filtro", [{"actor": "ana"}, {"desde": "ayer"}, {"hasta": "2026-03-02"}, {"orden": "rol"}])
async def test_filtros_mal_escritos(filtro: dict[str, str], api: httpx.AsyncClient) -> None:
    respuesta = await api.get("/api/v1/auditoria", params=filtro, headers={"Authorization": "Bearer auditor"})
    assert respuesta.status_code == 422


@pytest.mark.parametrize(
    ("filtro", "indice"),
    [
        ({}, "apunte_recientes"),
        ({"actor": ADMIN.usuario_id}, "apunte_actor"),
        ({"accion": "cosas_cambiar"}, "apunte_accion"),
        ({"objeto": "P-01"}, "apunte_objeto"),
        ({"pendiente": True, "n": {"$exists": False}}, "apunte_pendiente"),
        ({"n": {"$exists": True}}, "apunte_numero"),
    ],
)
async def test_un_indice_sirve_cada_lista_ya_en_orden(filtro: dict[str, Any], indice: str, casa: Casa) -> None:
    orden = {"apunte_pendiente": [("hora", 1), ("_id", 1)], "apunte_numero": [("n", 1)]}
    cursor = casa.coleccion.find(filtro).sort(orden.get(indice, [("hora", -1), ("_id", -1)]))
    plan = str((await cursor.explain())["queryPlanner"]["winningPlan"])
    assert f"'{indice}'" in plan
    assert "SORT" not in plan
    assert "COLLSCAN" not in plan
