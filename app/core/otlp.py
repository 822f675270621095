"""What sends spans, by OTLP over HTTP. Only `tracing` loads this, and only where there is somebody to send them to."""

import os

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from app.core.config import VERSION

_PLAZO = 5.0
"""For one attempt, and for the last spans of a process that ends, in seconds."""


def proveedor(hacia: str) -> TracerProvider:
    """Its spans go to `hacia` in batches, from a thread of its own."""
    quien = {"service.name": os.environ.get("OTEL_SERVICE_NAME") or "parknet", "service.version": VERSION}
    nuevo = TracerProvider(resource=Resource.create(quien), shutdown_on_exit=False)
    destinatario = OTLPSpanExporter(endpoint=f"{hacia.rstrip('/')}/v1/traces", timeout=_PLAZO)
    nuevo.add_span_processor(BatchSpanProcessor(destinatario))
    return nuevo
