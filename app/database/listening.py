"""What the driver asks of the database, heard for the metrics and the traces."""

from functools import cache

from opentelemetry.trace import Span
from prometheus_client import Histogram
from pymongo import monitoring

from app.core import tracing
from app.core.metrics import CONEXIONES, ORDENES, SIN_CONEXION


class OrdenesDeLaBase(monitoring.CommandListener):
    """Hears what the driver asks of the database, in whatever thread it does."""

    def __init__(self) -> None:
        self._tramos: dict[tuple[int, object], Span] = {}

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        tramo = tracing.orden(event.command_name, event.command)
        if tramo is not None:
            self._tramos[_cual(event)] = tramo

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        self._termino(event, fallo=False)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self._termino(event, fallo=True)

    def _termino(self, event: monitoring.CommandSucceededEvent | monitoring.CommandFailedEvent, *, fallo: bool) -> None:
        _cuenta(event.command_name, fallo).observe(event.duration_micros / 1e6)
        tramo = self._tramos.pop(_cual(event), None)
        if tramo is not None:
            tracing.acabar(tramo, fallo=fallo)


@cache
def _cuenta(orden: str, fallo: bool) -> Histogram:
    """Kept by this process: to look one up takes a lock that every command would wait for."""
    return ORDENES.labels(orden, "si" if fallo else "no")


def _cual(
    event: monitoring.CommandStartedEvent | monitoring.CommandSucceededEvent | monitoring.CommandFailedEvent,
) -> tuple[int, object]:
    return event.request_id, event.connection_id


class ConexionesDeLaBase(monitoring.ConnectionPoolListener):
    """Hears what becomes of the connections of the driver."""

    def __init__(self) -> None:
        self._abiertas, self._en_uso = CONEXIONES.labels("abiertas"), CONEXIONES.labels("en_uso")

    def connection_created(self, _: monitoring.ConnectionCreatedEvent) -> None:
        self._abiertas.inc()

    def connection_closed(self, _: monitoring.ConnectionClosedEvent) -> None:
        self._abiertas.dec()

    def connection_checked_out(self, _: monitoring.ConnectionCheckedOutEvent) -> None:
        self._en_uso.inc()

    def connection_checked_in(self, _: monitoring.ConnectionCheckedInEvent) -> None:
        self._en_uso.dec()

    def connection_check_out_failed(self, _: monitoring.ConnectionCheckOutFailedEvent) -> None:
        SIN_CONEXION.inc()

    def _callar(self, event: object) -> None:
        """The driver tells of more than is counted."""

    connection_check_out_started = connection_ready = _callar
    pool_created = pool_ready = pool_cleared = pool_closed = _callar
