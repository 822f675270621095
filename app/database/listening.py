"""What the driver asks of the database, heard for the metrics and the traces."""

from opentelemetry.trace import Span
from pymongo import monitoring

from app.core import tracing
from app.core.metrics import ORDENES


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
        ORDENES.labels(event.command_name, "si" if fallo else "no").observe(event.duration_micros / 1e6)
        tramo = self._tramos.pop(_cual(event), None)
        if tramo is not None:
            tracing.acabar(tramo, fallo=fallo)


def _cual(
    event: monitoring.CommandStartedEvent | monitoring.CommandSucceededEvent | monitoring.CommandFailedEvent,
) -> tuple[int, object]:
    return event.request_id, event.connection_id
