"""What the driver asks of the database, heard for the metrics."""

from pymongo import monitoring

from app.core.metrics import ORDENES


class OrdenesDeLaBase(monitoring.CommandListener):
    """Hears what the driver asks of the database, in whatever thread it does."""

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        pass

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        ORDENES.labels(event.command_name, "no").observe(event.duration_micros / 1e6)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        ORDENES.labels(event.command_name, "si").observe(event.duration_micros / 1e6)
