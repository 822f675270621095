"""Logs: one line an event, on standard error, UTC. Secrets and personal values are never among the arguments."""

import logging.config
import time


def configurar_registro() -> None:
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
            "handlers": {"consola": {"class": "logging.StreamHandler", "formatter": "linea"}},
            "root": {"level": "INFO", "handlers": ["consola"]},
            "loggers": {
                # The access line of ours carries the request's id; uvicorn's would repeat it without.
                "uvicorn.access": {"level": "WARNING"},
                "pymongo": {"level": "WARNING"},
            },
        }
    )


class _Linea(logging.Formatter):
    converter = staticmethod(time.gmtime)
