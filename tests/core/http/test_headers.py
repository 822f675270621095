"""What browsers and caches are told: security headers, CORS, and pages of documentation that may be closed."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import HTMLResponse

from app.core.dependencies import PUBLICA
from app.core.http.application import build_application
from app.core.http.cors import EXPUESTAS, METODOS, PEDIDAS
from app.core.http.route import StrictRoute
from tests.api.problemas import defectos

router = APIRouter(route_class=StrictRoute)
Abrir = Callable[..., httpx.AsyncClient]
PANEL = "https://panel.example.com"


@router.get("/cosa", openapi_extra=PUBLICA)
async def ver() -> int:
    return 1


@router.get("/rota", openapi_extra=PUBLICA)
async def romper() -> int:
    raise RuntimeError("no se esperaba")


@router.get("/publica", openapi_extra=PUBLICA, response_class=HTMLResponse)
async def mostrar() -> Response:
    politica = {
        "Content-Security-Policy": "default-src 'self'",
        "Cache-Control": "max-age=60",
        "Vary": "Accept, origin",
    }
    return HTMLResponse("<p>hola", headers=politica)


@pytest.fixture
def abrir() -> Abrir:
    def abrir(**opciones: Any) -> httpx.AsyncClient:
        @asynccontextmanager
        async def nada(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
            yield {}

        app = build_application(lifespan=nada, routers=[router], **opciones)
        transporte = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transporte, base_url="http://parknet")

    return abrir


RUTAS = ["/api/v1/cosa", "/api/v1/rota", "/api/v1/nada", "/api/v1/publica", "/docs", "/estaticos/favicon.png"]


class TestSeguridad:
    @pytest.mark.parametrize("ruta", RUTAS)
    async def test_en_toda_respuesta(self, ruta: str, abrir: Abrir) -> None:
        cabeceras = (await abrir().get(ruta)).headers
        assert cabeceras["x-content-type-options"] == "nosniff"
        assert cabeceras["x-frame-options"] == "DENY"
        assert cabeceras["referrer-policy"] == "no-referrer"
        assert cabeceras["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in cabeceras["permissions-policy"]
        assert cabeceras["x-request-id"]
        assert "strict-transport-security" not in cabeceras
        assert "server" not in cabeceras

    @pytest.mark.parametrize("ruta", RUTAS[:3])
    async def test_los_datos_no_se_guardan_ni_se_ejecutan(self, ruta: str, abrir: Abrir) -> None:
        cabeceras = (await abrir().get(ruta)).headers
        assert cabeceras["cache-control"] == "no-store"
        assert cabeceras["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert set(cabeceras["vary"].split(", ")) == {"Accept-Language", "Authorization", "Origin"}

    async def test_lo_que_dice_lo_suyo_lo_conserva(self, abrir: Abrir) -> None:
        cabeceras = (await abrir().get("/api/v1/publica")).headers
        assert cabeceras["content-security-policy"] == "default-src 'self'"
        assert cabeceras["cache-control"] == "max-age=60"
        assert cabeceras.get_list("vary") == ["Accept, origin, Accept-Language, Authorization"]

    @pytest.mark.parametrize("ruta", RUTAS)
    async def test_por_https_se_recuerda(self, ruta: str, abrir: Abrir) -> None:
        cabeceras = (await abrir(hsts=True).get(ruta)).headers
        assert int(cabeceras["strict-transport-security"].split(";")[0].removeprefix("max-age=")) >= 31_536_000


class TestDocumentacion:
    @pytest.mark.parametrize(
        "ruta",
        ["/docs", "/redoc", "/api/v1/openapi.json", "/estaticos/swagger-ui.css", "/estaticos/redoc.standalone.js"],
    )
    async def test_cerrada_no_esta(self, ruta: str, abrir: Abrir) -> None:
        assert (await abrir().get(ruta)).status_code == 200
        assert defectos(await abrir(con_documentacion=False).get(ruta), {404}) == []

    async def test_cerrada_lo_demas_sigue(self, abrir: Abrir) -> None:
        assert (await abrir(con_documentacion=False).get("/api/v1/cosa")).status_code == 200


class TestCors:
    async def preguntar(self, cliente: httpx.AsyncClient, origen: str, ruta: str = "/api/v1/cosa") -> httpx.Response:
        cabeceras = {
            "Origin": origen,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "if-match",
        }
        return await cliente.options(ruta, headers=cabeceras)

    @pytest.mark.parametrize("ruta", ["/api/v1/cosa", "/api/v1/nada", "/docs"])
    async def test_un_origen_admitido_puede_llamar(self, ruta: str, abrir: Abrir) -> None:
        respuesta = await self.preguntar(abrir(cors_origins=["https://a.example.com", PANEL]), PANEL, ruta)
        assert (respuesta.status_code, respuesta.content) == (204, b"")
        assert respuesta.headers["access-control-allow-origin"] == PANEL
        assert respuesta.headers["access-control-allow-methods"].split(", ") == list(METODOS)
        assert respuesta.headers["access-control-allow-headers"].split(", ") == list(PEDIDAS)
        assert int(respuesta.headers["access-control-max-age"]) > 0
        assert "Origin" in respuesta.headers["vary"].split(", ")

    @pytest.mark.parametrize("origenes", [[], [PANEL]])
    @pytest.mark.parametrize("otro", ["https://zq9marca.example.com", f"{PANEL}.evil.com", "null", "", PANEL.upper()])
    async def test_otro_no(self, otro: str, origenes: list[str], abrir: Abrir) -> None:
        cliente = abrir(cors_origins=origenes)
        respuesta = await self.preguntar(cliente, otro)
        assert defectos(respuesta, {403}, marca="zq9marca") == []
        assert respuesta.json()["codigo"] == "origen_no_admitido"
        sin_preguntar = await cliente.get("/api/v1/cosa", headers={"Origin": otro})
        assert sin_preguntar.status_code == 200
        for r in (respuesta, sin_preguntar):
            assert not [c for c in r.headers if c.startswith("access-control-")]
            assert "Origin" in r.headers["vary"].split(", ")

    @pytest.mark.parametrize("ruta", ["/api/v1/cosa", "/api/v1/rota", "/api/v1/nada"])
    async def test_lo_que_lee_lo_ve_tambien_en_los_errores(self, ruta: str, abrir: Abrir) -> None:
        respuesta = await abrir(cors_origins=[PANEL]).get(ruta, headers={"Origin": PANEL})
        assert respuesta.headers["access-control-allow-origin"] == PANEL
        assert respuesta.headers["access-control-expose-headers"].split(", ") == list(EXPUESTAS)
        assert respuesta.headers["vary"].split(", ").count("Origin") == 1

    async def test_con_todos_admitidos_no_hay_credenciales(self, abrir: Abrir) -> None:
        cliente = abrir(cors_origins=["*"])
        for respuesta in (
            await self.preguntar(cliente, "https://de.donde.sea"),
            await cliente.get("/api/v1/cosa", headers={"Origin": "https://de.donde.sea"}),
        ):
            assert respuesta.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in respuesta.headers

    async def test_options_sin_preguntar_dice_los_metodos(self, abrir: Abrir) -> None:
        respuesta = await abrir(cors_origins=[PANEL]).options("/api/v1/cosa", headers={"Origin": PANEL})
        assert (respuesta.status_code, respuesta.headers["allow"]) == (204, "GET, HEAD, OPTIONS")

    def test_lo_que_se_manda_y_lo_que_se_lee_esta_en_la_lista(self) -> None:
        assert {"If-Match", "If-None-Match", "Idempotency-Key", "Prefer", "Authorization"} <= set(PEDIDAS)
        assert {"ETag", "Link", "Location", "Retry-After", "RateLimit", "Idempotency-Replayed", "X-Request-ID"} <= set(
            EXPUESTAS
        )
        assert "Preference-Applied" in EXPUESTAS
