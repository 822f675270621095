"""Logs: one line an event, on standard error, UTC. Secrets and personal values are never among the arguments."""

import asyncio
import contextlib
import copy
import logging.config
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from structlog.processors import JSONRenderer, TimeStamper, format_exc_info
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name
from structlog.typing import EventDict

EsCaida = Callable[[BaseException | None], bool]
_CADA_SEGUNDOS = 60.0
_JUNTAS = 0.02
# What the driver says of a refused write ends in the values of the key and, of one among several, in all that was to be
# written. A brace within a value ends nothing, so all goes up to what a traceback says next; so does any address.
_VALORES = re.compile(r"(dup key: |'keyValue': |'op': ).*(?:\n(?!\n|  |Traceback|[\w.]+(?:Error|Exception)).+)*")
# Bounded, so that a long text without any takes as long as it is.
_CORREO = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,255}")
_FIJOS = ("hora", "level", "logger", "traza", "event")
# Those, what stands below, and what the event of a call says in words already.
_APARTE = {*_FIJOS, "exception", "estado", "ms"}


def configurar_registro(es_caida: EsCaida = lambda _: False, *, nivel: str = "INFO", en_json: bool = False) -> None:
    """`es_caida`: whether an error is what is to be expected while something that we need does not answer. `en_json`:
    each event, its traceback included, is one line for a program to read."""
    # No line says them, and each would be looked up for each line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"linea": {"()": ProcessorFormatter, **_pasos(en_json)}},
            "handlers": {"consola": {"()": Consola, "es_caida": es_caida, "formatter": "linea"}},
            "root": {"level": nivel, "handlers": ["consola"]},
            "loggers": {
                # The access line of ours carries the request's id; uvicorn's would repeat it without.
                "uvicorn.access": {"level": "WARNING"},
                "pymongo": {"level": "WARNING"},
                # What it could not send, and not each of its attempts.
                "opentelemetry": {"level": "ERROR"},
            },
        }
    )


def decir_por_que(error: Exception) -> None:
    """The last lines of a process that does not go on, after all that its log still held."""
    for salida in logging.getLogger().handlers:
        salida.flush()
    sys.stderr.writelines(f"parknet: {linea}\n" for linea in _limpio(str(error)).splitlines())
    sys.stderr.flush()


class Consola(logging.StreamHandler[TextIO]):
    """Of an outage, what was being done and what was raised, once a minute, with how often it was since; no traceback:
    each call of each client would leave one, and they say nothing that the first did not. So too of a collector of
    traces that does not answer.

    What is no warning is written some hundredths of a second later, with what came meanwhile: a write for each line is
    a good part of what a short call takes. Whatever is graver takes along what waits, and so does the end."""

    def __init__(self, es_caida: EsCaida) -> None:
        super().__init__(sys.stderr)
        self._es_caida = es_caida
        self._lineas: list[str] = []
        self._citado: asyncio.AbstractEventLoop | None = None
        self._dichas: dict[tuple[str, str, str], float] = {}
        self._calladas: dict[tuple[str, str, str], int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        cadena = list(_causas(record.exc_info[1] if record.exc_info else None))
        if not any(map(self._es_caida, cadena)) and not record.name.startswith("opentelemetry."):
            self._anotar(record)
            return
        clase = f": {type(cadena[-1]).__name__}" if cadena else ""
        que = (record.name, str(record.msg), clase)
        ahora = time.monotonic()
        if ahora < self._dichas.get(que, -_CADA_SEGUNDOS) + _CADA_SEGUNDOS:
            self._calladas[que] = self._calladas.get(que, 0) + 1
            return
        self._dichas[que] = ahora
        mas = self._calladas.pop(que, 0)
        corta = copy.copy(record)
        corta.levelno, corta.levelname = logging.WARNING, "WARNING"
        corta.msg = f"{record.getMessage()}{clase}" + (f" (y {mas} más desde la última línea)" if mas else "")
        corta.args = corta.exc_info = corta.exc_text = None
        self._anotar(corta)

    def _anotar(self, record: logging.LogRecord) -> None:
        try:
            self._lineas.append(self.format(record) + self.terminator)
            bucle = asyncio.events._get_running_loop()
            if record.levelno > logging.INFO or bucle is None:
                self.flush()
            elif self._citado is not bucle:
                self._citado = bucle
                bucle.call_later(_JUNTAS, self.flush)
        except Exception:
            # As every handler does: what cannot be told is no reason to fail at what it was about.
            self.handleError(record)

    def flush(self) -> None:
        with self.lock or contextlib.nullcontext():
            lineas, self._lineas, self._citado = self._lineas, [], None
            if lineas:
                self.stream.write("".join(lineas))
            super().flush()


def _causas(error: BaseException | None) -> Iterator[BaseException]:
    """`error`, what it was raised from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__


def _pasos(en_json: bool) -> dict[str, Any]:
    """How an event becomes a line. Every call of a client writes one, so these are few, and each is taken once."""
    return {
        "foreign_pre_chain": (
            add_log_level,
            add_logger_name,
            ExtraAdder(),
            TimeStamper(fmt="iso", utc=True, key="hora"),
        ),
        "processors": (
            ProcessorFormatter.remove_processors_meta,
            format_exc_info,
            _sin_datos_personales,
            *((_con_su_proceso, JSONRenderer(ensure_ascii=False)) if en_json else (_en_una_linea,)),
        ),
    }


def _con_su_proceso(_: object, __: str, evento: EventDict) -> EventDict:
    evento["proceso"] = os.getpid()
    return evento


def _en_una_linea(_: object, __: str, evento: EventDict) -> str:
    """For who reads it in a terminal; a traceback stands below its line."""
    hora, nivel, *fijos = (str(evento.get(k, "-")) for k in _FIJOS)
    otros = (f"{k}={v}" for k, v in evento.items() if k not in _APARTE and v not in (None, ""))
    linea = " ".join((hora, nivel.upper(), *fijos, *otros))
    return f"{linea}\n{evento['exception']}" if "exception" in evento else linea


def _sin_datos_personales(_: object, __: str, evento: EventDict) -> EventDict:
    """What a driver says of a refused document may be somebody's: a duplicate key comes with its value."""
    # uvicorn's own line once more, with colours.
    evento.pop("color_message", None)
    for nombre, valor in evento.items():
        if isinstance(valor, str):
            evento[nombre] = _limpio(valor)
    return evento


def _limpio(texto: str) -> str:
    if "{" in texto:
        texto = _VALORES.sub(r"\1…", texto)
    return _CORREO.sub("…@…", texto) if "@" in texto else texto
