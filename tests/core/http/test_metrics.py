"""`/metrics`: for this machine, or with the token; routes by their template; to anybody else it is not there."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import APIRouter, FastAPI

from app.core.clock import ahora
from app.core.dependencies import PUBLICA
from app.core.http.application import build_application
from app.core.http.health import ruta_de_metricas
from app.core.http.route import StrictRoute
from app.core.quotas.contract import SinCuotas

TOKEN = "t" * 40
router = APIRouter(prefix="/cosas", tags=["cosas"], route_class=StrictRoute)


@router.get("/{id}", openapi_extra=PUBLICA)
async def ver(id: str) -> str:
    return id


class _Base:
    def __init__(self, *, hay: bool) -> None:
        self.hay = hay

    async def responde(self) -> bool:
        return self.hay


@asynccontextmanager
async def _cliente(desde: str, *, hay_base: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    async def cola() -> tuple[int, Any]:
        if not hay_base:
            raise ConnectionError
        return 3, ahora() - timedelta(seconds=50)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        yield {"base": _Base(hay=hay_base), "cuotas": SinCuotas(), "colas": {"pruebas": cola}}

    app = build_application(lifespan=lifespan, routers=[router])
    app.router.routes.append(ruta_de_metricas(TOKEN))
    async with LifespanManager(app, startup_timeout=None, shutdown_timeout=None) as gestor:
        transporte = httpx.ASGITransport(app=gestor.app, client=(desde, 1), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transporte, base_url="http://parknet") as cliente:
            yield cliente


async def test_las_rutas_van_por_su_plantilla_y_lo_que_espera_se_cuenta() -> None:
    async with _cliente("127.0.0.1") as cliente:
        await cliente.get("/api/v1/cosas/zq9marca")
        respuesta = await cliente.get("/metrics")
    assert respuesta.status_code == 200
    assert 'metodo="GET",ruta="/api/v1/cosas/{id}"' in respuesta.text
    assert "zq9marca" not in respuesta.text
    assert 'parknet_en_espera{cola="pruebas"} 3.0' in respuesta.text
    assert 'parknet_espera_segundos{cola="pruebas"} 5' in respuesta.text


async def test_sin_base_se_dice_lo_que_el_proceso_sabe_de_si_mismo() -> None:
    """An outage that could not be seen from outside would be told as a process that is gone."""
    async with _cliente("127.0.0.1", hay_base=False) as cliente:
        await cliente.get("/api/v1/cosas/1")
        respuesta = await cliente.get("/metrics")
    assert respuesta.status_code == 200
    assert 'metodo="GET",ruta="/api/v1/cosas/{id}"' in respuesta.text
    assert 'parknet_espera_segundos{cola="pruebas"} NaN' in respuesta.text


@pytest.mark.parametrize(
    ("desde", "cabeceras", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 404),
        ("192.0.2.7", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("192.0.2.7", {"Authorization": "Bearer otro"}, 404),
        ("127.0.0.1", {"Authorization": "Bearer otro"}, 404),
    ],
)
async def test_quien_la_lee(desde: str, cabeceras: dict[str, str], status: int) -> None:
    async with _cliente(desde) as cliente:
        assert (await cliente.get("/metrics", headers=cabeceras)).status_code == status


_UN_PROCESO = """
import asyncio, sys
from app.core import clock, metrics

async def cola():
    return int(sys.argv[1]), clock.ahora()

metrics.CONEXIONES.labels("abiertas").inc(int(sys.argv[1]))
metrics.PASOS_DADOS.labels("abierto").inc(int(sys.argv[1]))
metrics.anotar_detenidos(["cierre_tardio"] * int(sys.argv[1]))
print(asyncio.run(metrics.escribir({"pruebas": cola}))[0].decode())
"""


def test_de_varios_procesos_vale_lo_ultimo_y_lo_de_los_que_viven(tmp_path: Path) -> None:
    """What waits was counted by whoever was asked before, and what one held ended with it; what was done, was done."""

    def proceso(cuanto: int) -> str:
        return subprocess.run(  # noqa: S603 - this Python, the lines above
            [sys.executable, "-c", _UN_PROCESO, str(cuanto)],
            cwd=Path(__file__).parents[3],
            env={"PATH": os.environ["PATH"], "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    proceso(7)
    dicho = proceso(2)
    assert 'parknet_en_espera{cola="pruebas"} 2.0' in dicho
    assert 'parknet_base_conexiones{estado="abiertas"} 2.0' in dicho
    assert 'parknet_pasos_detenidos{codigo="cierre_tardio"} 2.0' in dicho
    assert 'parknet_pasos_total{estado="abierto"} 9.0' in dicho
