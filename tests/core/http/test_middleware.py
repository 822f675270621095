"""What every answer carries, and what the log says of it."""

import logging

import httpx
import pytest
from fastapi import APIRouter, Request

from app.core.dependencies import PUBLICA
from app.core.http.route import StrictRoute
from app.core.logging import configurar_registro
from tests.conftest import Abrir

router = APIRouter(route_class=StrictRoute)


@router.get("/marcar", openapi_extra=PUBLICA)
async def _marcar(request: Request) -> bool:
    """Whether an earlier request left its mark."""
    habia = hasattr(request.state, "marca")
    request.state.marca = True
    return habia


@pytest.fixture
async def cliente(abrir_app: Abrir) -> httpx.AsyncClient:
    return await abrir_app([router], servicio="uno")


async def test_lo_que_aprende_una_peticion_no_es_de_otra(cliente: httpx.AsyncClient) -> None:
    assert [(await cliente.get("/api/v1/marcar")).json() for _ in range(3)] == [False, False, False]


async def test_lo_que_lleva_toda_respuesta(cliente: httpx.AsyncClient) -> None:
    for ruta in ("/api/v1/marcar", "/api/v1/nada", "/docs"):
        cabeceras = (await cliente.get(ruta)).headers
        assert cabeceras["x-content-type-options"] == "nosniff"
        assert cabeceras["cache-control"] == "no-store"
        assert cabeceras["x-request-id"]


async def test_una_linea_por_peticion_sin_lo_que_se_busca(
    cliente: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "parknet.acceso"):
        respuesta = await cliente.get("/api/v1/marcar?placa=ZZZ999", headers={"Authorization": "Bearer zq9marca"})
    (linea,) = [r for r in caplog.records if r.name == "parknet.acceso"]
    assert linea.getMessage().startswith("GET /api/v1/marcar 422 ")
    assert linea.__dict__["traza"] == respuesta.headers["x-request-id"]
    assert linea.__dict__["estado"] == 422
    assert linea.__dict__["ms"] >= 0
    # The client of the test may say where it goes; the application says it nowhere.
    dicho = [r.getMessage() for r in caplog.records if r.name != "httpx"]
    assert not [mensaje for mensaje in dicho if "ZZZ999" in mensaje or "zq9marca" in mensaje]


async def test_un_token_en_la_ruta_no_queda_en_el_registro(
    cliente: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "parknet.acceso"):
        await cliente.get(f"/api/v1/aparatos/{'zq9marca' * 5}/mas/{'0' * 24}")
    (linea,) = [r for r in caplog.records if r.name == "parknet.acceso"]
    assert linea.getMessage().startswith(f"GET /api/v1/aparatos/\\u2026/mas/{'0' * 24} 404 ")


async def test_nadie_escribe_lineas_de_mas_en_el_registro(
    cliente: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "parknet.acceso"):
        await cliente.get("/api/v1/a%0a2026 INFO parknet.acceso - GET /falsa 200%1b[31m")
    (linea,) = [r for r in caplog.records if r.name == "parknet.acceso"]
    assert linea.getMessage().isprintable()


def test_el_registro_va_en_utc_con_la_traza(capsys: pytest.CaptureFixture[str]) -> None:
    raiz = logging.getLogger()
    manejadores, nivel = list(raiz.handlers), raiz.level
    try:
        configurar_registro()
        logging.getLogger("parknet.prueba").info("hola", extra={"traza": "zq9"})
        logging.getLogger("parknet.prueba").info("sin ella")
    finally:
        raiz.handlers[:] = manejadores
        raiz.setLevel(nivel)
    con, sin = capsys.readouterr().err.splitlines()[-2:]
    assert con.endswith("INFO parknet.prueba zq9 hola")
    assert sin.endswith("INFO parknet.prueba - sin ella")
    assert con[4] == con[7] == "-"
    assert con[10] == "T"
    assert con.split(" ")[0].endswith("Z")
