"""What this service says of itself to Prometheus: how many calls, how long, what the database did, what waits.

With several processes each writes its own files under `PROMETHEUS_MULTIPROC_DIR`, and any of them answers for all.
Routes stand by their template, never by their path, and nothing here names a person.
"""

import math
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from app.core.clock import ahora

LLAMADAS = Histogram(
    "parknet_llamadas_segundos",
    "How long calls took, by route template, method and status.",
    ("ruta", "metodo", "estado"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 6, 30),
)
ORDENES = Histogram(
    "parknet_base_segundos",
    "How long commands of the database took, by name and whether they failed.",
    ("orden", "fallo"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2, 6),
)
CONEXIONES = Gauge(
    "parknet_base_conexiones",
    "Connections to the database: open, and at work.",
    ("estado",),
    multiprocess_mode="livesum",
)
SIN_CONEXION = Counter("parknet_base_sin_conexion", "Commands that found no connection.")
PASOS_DADOS = Counter("parknet_pasos", "Steps of draws that were taken, by where the draw stands since.", ("estado",))
PASOS_DETENIDOS = Gauge(
    "parknet_pasos_detenidos",
    "Steps that the clock could not take when it last tried, by why.",
    ("codigo",),
    multiprocess_mode="livemax",
)
ENTRADAS_RECHAZADAS = Counter("parknet_entradas_rechazadas", "Sign-ins that were refused.")
# Of what waits, who counted last knows: what another process counted before is past.
ESPERA = Gauge(
    "parknet_en_espera",
    "What waits to be done: jobs, e-mails, rows to seal.",
    ("cola",),
    multiprocess_mode="mostrecent",
)
ANTIGUEDAD = Gauge(
    "parknet_espera_segundos",
    "How long the oldest of what waits has waited.",
    ("cola",),
    multiprocess_mode="mostrecent",
)
_ENTRAR = "/api/v1/auth/login"
_detenidos: set[str] = set()

Colas = Mapping[str, Callable[[], Awaitable[tuple[int, datetime | None]]]]
"""Of each queue, by name: how many wait, and since when the first of them."""


def anotar_llamada(ruta: str, metodo: str, estado: int, segundos: float) -> None:
    """Of every call, once it is answered. `ruta`: its template; empty for what is no operation."""
    LLAMADAS.labels(ruta, metodo, str(estado)).observe(segundos)
    if ruta == _ENTRAR and estado in (401, 429):
        ENTRADAS_RECHAZADAS.inc()


def anotar_detenidos(codigos: Sequence[str]) -> None:
    """Why steps of draws could not be taken, of each that was tried just now."""
    _detenidos.update(codigos)
    for codigo in _detenidos:
        PASOS_DETENIDOS.labels(codigo).set(codigos.count(codigo))


async def escribir(colas: Colas, *, hay_base: bool = True) -> tuple[bytes, str]:
    """The page and its type. What waits is counted when it is asked for; without a database it is not known, and what
    this process itself has counted says the more."""
    for nombre, medir in colas.items():
        if not hay_base:
            ESPERA.labels(nombre).set(math.nan)
            ANTIGUEDAD.labels(nombre).set(math.nan)
            continue
        cuantos, desde = await medir()
        ESPERA.labels(nombre).set(cuantos)
        ANTIGUEDAD.labels(nombre).set(0.0 if desde is None else max(0.0, (ahora() - desde).total_seconds()))
    carpeta = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if carpeta is None:
        return generate_latest(), CONTENT_TYPE_LATEST
    _olvidar_muertos(Path(carpeta))
    registro: Any = CollectorRegistry()
    multiprocess.MultiProcessCollector(registro)  # type: ignore[no-untyped-call]
    return generate_latest(registro), CONTENT_TYPE_LATEST


def _olvidar_muertos(carpeta: Path) -> None:
    """What a process says of itself ends with it: its connections, the steps that it could not take."""
    for archivo in carpeta.glob("gauge_live*.db"):
        pid = archivo.stem.rpartition("_")[2]
        try:
            os.kill(int(pid), 0)
        except (ProcessLookupError, PermissionError):  # of nobody, or of a process that is not ours
            archivo.unlink(missing_ok=True)
