"""The judge of the document: it sees what the document does not say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Query, Response

from app.core.dependencies import PUBLICA
from app.core.http.application import build_application
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.openapi.words import documentar
from app.shared.exceptions import Conflicto, NoEncontrado, TransicionInvalida
from tests.veracidad import Veracidad

router = APIRouter(prefix="/cosas", tags=["cosas"], route_class=StrictRoute)


@router.get("/{como}", summary="Ver una cosa", responses=problemas(NoEncontrado, Conflicto), openapi_extra=PUBLICA)
async def ver_cosa(como: str, response: Response) -> dict[str, Any]:
    match como:
        case "ausente":
            raise NoEncontrado()
        case "movida":
            raise TransicionInvalida()
        case "enviada":
            response.headers["Location"] = "/otra"
        case "creada":
            response.status_code = 201
    return {}


@router.post("", status_code=201, summary="Crear una cosa", responses=problemas(), openapi_extra=PUBLICA)
async def crear_cosa(response: Response, callada: Annotated[bool, Query()] = False) -> dict[str, Any]:
    if not callada:
        response.headers["Location"] = "/api/v1/cosas/entera"
    return {}


crear_cosa.__module__ = ver_cosa.__module__ = "app.modules.cosas.router"


@asynccontextmanager
async def _nada(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    yield {}


@pytest.fixture
async def cliente() -> AsyncIterator[httpx.AsyncClient]:
    app = build_application(lifespan=_nada, routers=[router], documentar=documentar())
    transporte = httpx.ASGITransport(app=app)
    ganchos: dict[str, list[Any]] = {"response": [Veracidad(app)]}
    async with httpx.AsyncClient(transport=transporte, base_url="http://parknet", event_hooks=ganchos) as cliente:
        yield cliente


@pytest.mark.parametrize("ruta", ["cosas/entera", "cosas/ausente", "nada"])
async def test_lo_dicho_pasa(ruta: str, cliente: httpx.AsyncClient) -> None:
    assert (await cliente.get(f"/api/v1/{ruta}")).status_code in (200, 404)


async def test_lo_que_se_crea_dice_donde_esta(cliente: httpx.AsyncClient) -> None:
    assert (await cliente.post("/api/v1/cosas")).status_code == 201
    with pytest.raises(AssertionError, match="no dice dónde está"):
        await cliente.post("/api/v1/cosas?callada=true")


@pytest.mark.parametrize(
    ("ruta", "mentira"),
    [
        ("movida", "409 transicion_invalida"),
        ("enviada", "que 200 traiga Location"),
        ("creada", "que responda 201"),
    ],
)
async def test_lo_callado_se_ve(ruta: str, mentira: str, cliente: httpx.AsyncClient) -> None:
    with pytest.raises(AssertionError, match=mentira):
        await cliente.get(f"/api/v1/cosas/{ruta}")
