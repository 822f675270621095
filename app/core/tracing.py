"""Traces for OpenTelemetry, where `OTEL_EXPORTER_OTLP_ENDPOINT` says where they go: calls, jobs, and what they ask of
the database. Without it nothing is traced, and the SDK is not even imported.

A span names the template of a route, a status, a kind of account, a command and its collection: no path, query, body,
address or message of an error. FastAPI's own telemetry, which writes paths and query strings, is off for good.
"""

import asyncio
import importlib
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.core.config import VERSION, ConfigError

_DESTINO = "OTEL_EXPORTER_OTLP_ENDPOINT"
_trazador: trace.Tracer | None = None
_ajena = TraceContextTextMapPropagator()


def destino(entorno: Mapping[str, str] = os.environ) -> str | None:
    """Where traces go. Raises ConfigError."""
    valor = entorno.get(_DESTINO) or None
    if valor is not None and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", valor):
        raise ConfigError(f"{_DESTINO}: se espera una dirección, como http://127.0.0.1:4318")
    return valor


@asynccontextmanager
async def trazando(hacia: str | None) -> AsyncIterator[None]:
    """While it is open, what happens is traced, and sent to `hacia` by OTLP over HTTP; nothing where that is None."""
    global _trazador
    if hacia is None:
        yield
        return
    # Only here, so that whoever sends no traces does not load what sends them.
    otlp = await asyncio.to_thread(importlib.import_module, "app.core.otlp")
    proveedor = otlp.proveedor(hacia)
    _trazador = proveedor.get_tracer("parknet", VERSION)
    try:
        yield
    finally:
        _trazador = None
        await asyncio.to_thread(proveedor.shutdown)


@contextmanager
def llamada(traceparent: str | None) -> Iterator[Span]:
    """A span of a call, which `anotar_llamada` names once it is answered. `traceparent`: of whoever called."""
    # Nothing else of a caller's context is taken over: it would be sent on as it came.
    padre = _ajena.extract({"traceparent": traceparent}) if traceparent else None
    with _abierto("llamada", SpanKind.SERVER, padre) as tramo:
        yield tramo


def anotar_llamada(tramo: Span, *, metodo: str, ruta: str, estado: int, traza: str | None, rol: str | None) -> None:
    """`ruta`: its template; empty for what is no operation. `traza`: the id by which the log names the call."""
    tramo.update_name(f"{metodo} {ruta}".strip())
    dicho = {"http.route": ruta or None, "parknet.traza": traza, "parknet.rol": rol}
    tramo.set_attributes({"http.request.method": metodo, "http.response.status_code": estado})
    tramo.set_attributes({nombre: valor for nombre, valor in dicho.items() if valor is not None})
    if estado >= 500:
        tramo.set_status(StatusCode.ERROR)


@contextmanager
def tarea(nombre: str) -> Iterator[None]:
    """A span of what no call waits for."""
    if _trazador is None:
        yield
        return
    with _abierto(nombre, SpanKind.INTERNAL, None):
        yield


def orden(nombre: str, cuerpo: Mapping[str, Any]) -> Span | None:
    """A span of a command of the database, which the caller ends; None where it is part of nothing that is traced."""
    if _trazador is None or not trace.get_current_span().is_recording():
        return None
    coleccion = cuerpo.get("collection" if nombre == "getMore" else nombre)
    atributos = {"db.system.name": "mongodb", "db.operation.name": nombre}
    if not isinstance(coleccion, str):
        return _trazador.start_span(nombre, kind=SpanKind.CLIENT, attributes=atributos)
    atributos["db.collection.name"] = coleccion
    return _trazador.start_span(f"{nombre} {coleccion}", kind=SpanKind.CLIENT, attributes=atributos)


def acabar(tramo: Span, *, fallo: bool) -> None:
    if fallo:
        tramo.set_status(StatusCode.ERROR)
    tramo.end()


@contextmanager
def _abierto(nombre: str, clase: SpanKind, padre: Any) -> Iterator[Span]:
    trazador = _trazador or trace.NoOpTracer()
    # What an error says may be of a person: the log has it, without that.
    with trazador.start_as_current_span(
        nombre, context=padre, kind=clase, record_exception=False, set_status_on_exception=False
    ) as tramo:
        try:
            yield tramo
        except BaseException:
            tramo.set_status(StatusCode.ERROR)
            raise
