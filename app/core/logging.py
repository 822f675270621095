"""Logs: one line an event, on standard error, UTC. Secrets and personal values are never among the arguments."""

import copy
import logging.config
import re
import sys
import time
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

EsCaida = Callable[[BaseException | None], bool]
_CADA_SEGUNDOS = 60.0
# Of what the database says of a refused key, the values; and any address of e-mail.
_VALORES = re.compile(r"(dup key: |'keyValue': )\{[^}]*\}")
# Bounded, so that a long text without any takes as long as it is.
_CORREO = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,255}")


def configurar_registro(es_caida: EsCaida = lambda _: False, *, nivel: str = "INFO", en_json: bool = False) -> None:
    """`es_caida`: whether an error is what is to be expected while something that we need does not answer. `en_json`:
    each event, its traceback included, is one line for a program to read."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "linea": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [
                        structlog.stdlib.add_log_level,
                        structlog.stdlib.add_logger_name,
                        structlog.stdlib.ExtraAdder(),
                        structlog.processors.TimeStamper(fmt="iso", utc=True, key="hora"),
                    ],
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        _sin_datos_personales,
                        _escritura(en_json),
                    ],
                }
            },
            "handlers": {"consola": {"()": Consola, "es_caida": es_caida, "formatter": "linea"}},
            "root": {"level": nivel, "handlers": ["consola"]},
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


def _escritura(en_json: bool) -> Processor:
    return structlog.processors.JSONRenderer(ensure_ascii=False) if en_json else _en_una_linea


def _en_una_linea(_: object, __: str, evento: MutableMapping[str, Any]) -> str:
    """For who reads it in a terminal; a traceback stands below its line."""
    traza = evento.pop("exception", None)
    hora, nivel, *fijos = (str(evento.pop(k, "-")) for k in ("hora", "level", "logger", "traza", "event"))
    linea = " ".join(
        [
            hora,
            nivel.upper(),
            *fijos,
            *(f"{k}={v}" for k, v in evento.items() if v not in (None, "") and k != "color_message"),
        ]
    )
    return linea if traza is None else f"{linea}\n{traza}"


def _sin_datos_personales(_: object, __: str, evento: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What a driver says of a refused document may be somebody's: a duplicate key comes with its value."""
    for nombre, valor in evento.items():
        if isinstance(valor, str):
            evento[nombre] = _CORREO.sub("…@…", _VALORES.sub(r"\1{…}", valor))
    return evento
