"""Logs: one line an event, on standard error, UTC. Secrets and personal values are never among the arguments."""

import copy
import logging.config
import sys
import time
from collections.abc import Callable, Iterator
from typing import TextIO

EsCaida = Callable[[BaseException | None], bool]
_CADA_SEGUNDOS = 60.0


def configurar_registro(es_caida: EsCaida = lambda _: False) -> None:
    """`es_caida`: whether an error is what is to be expected while something that we need does not answer."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "linea": {
                    "()": _Linea,
                    "format": "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(traza)s %(message)s",
                    "datefmt": "%Y-%m-%dT%H:%M:%S",
                    "defaults": {"traza": "-"},
                }
            },
            "handlers": {"consola": {"()": Consola, "es_caida": es_caida, "formatter": "linea"}},
            "root": {"level": "INFO", "handlers": ["consola"]},
            "loggers": {
                # The access line of ours carries the request's id; uvicorn's would repeat it without.
                "uvicorn.access": {"level": "WARNING"},
                "pymongo": {"level": "WARNING"},
            },
        }
    )


class Consola(logging.StreamHandler[TextIO]):
    """Of an outage, what was being done and what was raised, once a minute, with how often it was since; no traceback:
    each call of each client would leave one, and they say nothing that the first did not."""

    def __init__(self, es_caida: EsCaida) -> None:
        super().__init__(sys.stderr)
        self._es_caida = es_caida
        self._dichas: dict[tuple[str, str, str], float] = {}
        self._calladas: dict[tuple[str, str, str], int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        cadena = list(_causas(record.exc_info[1] if record.exc_info else None))
        if not any(map(self._es_caida, cadena)):
            super().emit(record)
            return
        clase = type(cadena[-1]).__name__
        que = (record.name, str(record.msg), clase)
        ahora = time.monotonic()
        if ahora < self._dichas.get(que, -_CADA_SEGUNDOS) + _CADA_SEGUNDOS:
            self._calladas[que] = self._calladas.get(que, 0) + 1
            return
        self._dichas[que] = ahora
        mas = self._calladas.pop(que, 0)
        corta = copy.copy(record)
        corta.levelno, corta.levelname = logging.WARNING, "WARNING"
        corta.msg = f"{record.getMessage()}: {clase}" + (f" (y {mas} más desde la última línea)" if mas else "")
        corta.args = corta.exc_info = corta.exc_text = None
        super().emit(corta)


def _causas(error: BaseException | None) -> Iterator[BaseException]:
    """`error`, what it was raised from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__


class _Linea(logging.Formatter):
    converter = staticmethod(time.gmtime)
