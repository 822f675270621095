"""Traces: what is sent to a collector of OTLP over HTTP, and what never is."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from app.core import tracing
from app.core.config import ConfigError, Settings
from app.main import create_app

BASE = "pruebas_trazas"
CORREO, CONTRASENA = "vigilada@example.com", "las trazas no la llevan 1"
AJENA, SUYA = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Colector(ThreadingHTTPServer):
    """What was posted to it: by path, the bodies as they came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Recibir)
        self.recibido: list[tuple[str, bytes]] = []

    @property
    def origen(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def tramos(self) -> list[Span]:
        pedidos = [ExportTraceServiceRequest.FromString(cuerpo) for _, cuerpo in self.recibido]
        return [t for p in pedidos for r in p.resource_spans for s in r.scope_spans for t in s.spans]


class _Recibir(BaseHTTPRequestHandler):
    server: Colector

    def do_POST(self) -> None:
        cuerpo = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.recibido.append((self.path, cuerpo))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def colector() -> Iterator[Colector]:
    with Colector() as servidor:
        hilo = threading.Thread(target=servidor.serve_forever)
        hilo.start()
        yield servidor
        servidor.shutdown()
        hilo.join()


def atributos(de: Iterator[KeyValue] | Any) -> dict[str, Any]:
    return {a.key: a.value.string_value or a.value.int_value for a in de}


async def usar(servidor: str) -> dict[str, Any]:
    """Some calls to a whole application; the ids that they were answered under, by what was called."""
    valores: dict[str, Any] = {"mongodb_uri": servidor, "mongodb_db": BASE, "bcrypt_cost": 4, "latido_segundos": 0}
    ajustes = Settings(_env_file=None, admin_email=CORREO, admin_password=CONTRASENA, **valores)
    async with LifespanManager(create_app(ajustes), startup_timeout=None, shutdown_timeout=None) as gestor:
        transporte = httpx.ASGITransport(app=gestor.app)
        async with httpx.AsyncClient(transport=transporte, base_url="http://parknet") as http:
            entrada = await http.post("/api/v1/auth/login", data={"username": CORREO, "password": CONTRASENA})
            http.headers["Authorization"] = f"Bearer {entrada.json()['access_token']}"
            de_fuera = {"traceparent": f"00-{AJENA}-{SUYA}-01", "tracestate": "ajeno=secreto", "baggage": "de=secreto"}
            lista = await http.get("/api/v1/residentes?q=Apellidos", headers=de_fuera)
            ninguna = await http.get("/api/v1/residentes/6b0a22a1c17c8347a2b4700f")
            perdida = await http.get("/nada/de/Apellidos?clave=secreto")
            await http.get("/health/ready")
    assert [r.status_code for r in (entrada, lista, ninguna, perdida)] == [200, 200, 404, 404]
    return {"lista": lista.headers["X-Request-ID"]}


@pytest.mark.mongod
async def test_lo_que_se_envia(servidor: str, colector: Colector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", colector.origen)
    # FastAPI's own, which would send paths, query strings and errors, stays off whatever the environment says.
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    trazas = await usar(servidor)

    assert {camino for camino, _ in colector.recibido} == {"/v1/traces"}
    llamadas = {t.name: t for t in colector.tramos if t.kind == Span.SPAN_KIND_SERVER}
    assert llamadas.keys() == {
        "POST /api/v1/auth/login",
        "GET /api/v1/residentes",
        "GET /api/v1/residentes/{id}",
        "GET",
    }
    lista = llamadas["GET /api/v1/residentes"]
    assert (lista.trace_id.hex(), lista.parent_span_id.hex(), lista.trace_state) == (AJENA, SUYA, "")
    assert atributos(lista.attributes) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/api/v1/residentes",
        "parknet.rol": "admin",
        "parknet.traza": trazas["lista"],
    }
    ordenes = [t for t in colector.tramos if t.parent_span_id == lista.span_id]
    assert {t.name for t in ordenes} >= {"find residentes"} or {t.name for t in ordenes} >= {"aggregate residentes"}
    assert {t.kind for t in ordenes} == {Span.SPAN_KIND_CLIENT}
    claves = {"db.system.name", "db.operation.name", "db.collection.name"}
    assert {clave for t in ordenes for clave in atributos(t.attributes)} == claves
    crudo = b"".join(cuerpo for _, cuerpo in colector.recibido)
    for dato in ("Apellidos", "secreto", CORREO, CONTRASENA, "6b0a22a1c17c8347a2b4700f", "127.0.0.1", "health"):
        assert dato.encode() not in crudo, dato
    (quien,) = {tuple(atributos(r.resource.attributes).items()) for r in _recursos(colector)}
    assert ("service.name", "parknet") in quien


def _recursos(colector: Colector) -> list[Any]:
    return [r for _, c in colector.recibido for r in ExportTraceServiceRequest.FromString(c).resource_spans]


async def test_un_trabajo_y_lo_que_falla(colector: Colector) -> None:
    async with tracing.trazando(colector.origen):
        with pytest.raises(ValueError, match="secreto"), tracing.tarea("trabajo de_prueba"):
            raise ValueError("un secreto")
        assert tracing.orden("find", {"find": "residentes"}) is None  # part of nothing
    (tramo,) = colector.tramos
    assert (tramo.name, tramo.status.code) == ("trabajo de_prueba", Status.STATUS_CODE_ERROR)
    assert b"secreto" not in colector.recibido[0][1]


@pytest.mark.mongod
async def test_sin_destino_no_se_envia_nada(servidor: str, colector: Colector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    await usar(servidor)
    assert colector.recibido == []


def test_sin_destino_no_se_carga_nada() -> None:
    programa = "import sys; from app.main import create_app; create_app(); print(*sys.modules)"
    hecho = subprocess.run(  # noqa: S603
        [sys.executable, "-c", programa], capture_output=True, text=True, check=True, env={"PATH": "/usr/bin"}
    )
    assert {m for m in hecho.stdout.split() if m.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))} == set()


@pytest.mark.parametrize("valor", ["127.0.0.1:4319", "grpc://colector:4317", "http://", "http://colector/?a=1"])
def test_un_destino_que_no_lo_es(valor: str) -> None:
    with pytest.raises(ConfigError) as dicho:
        tracing.destino({"OTEL_EXPORTER_OTLP_ENDPOINT": valor})
    esperado = "OTEL_EXPORTER_OTLP_ENDPOINT: se espera una dirección, como http://127.0.0.1:4318"
    assert str(dicho.value) == esperado


@pytest.mark.parametrize("valor", ["http://127.0.0.1:4318", "https://colector.example/otlp/"])
def test_un_destino(valor: str) -> None:
    assert tracing.destino({"OTEL_EXPORTER_OTLP_ENDPOINT": valor}) == valor
    assert tracing.destino({}) is tracing.destino({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}) is None
