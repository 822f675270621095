"""Programs of others that are started here, and killed, paused and ended."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Protocol

_PLAZO = 60.0


class NoArranca(Exception):
    """In one line: what did not start, and where its log is."""


def puertos_libres(cuantos: int) -> list[int]:
    enchufes = [socket.socket() for _ in range(cuantos)]
    for enchufe in enchufes:
        enchufe.bind(("127.0.0.1", 0))
    puertos = [int(enchufe.getsockname()[1]) for enchufe in enchufes]
    for enchufe in enchufes:
        enchufe.close()
    return puertos


def esperar(que: Callable[[], bool], por: str, plazo: float = _PLAZO) -> None:
    """Raises NoArranca when it does not come about in time."""
    limite = time.monotonic() + plazo
    while not que():
        if time.monotonic() > limite:
            raise NoArranca(f"se esperaba {por}")
        time.sleep(0.05)


class Iniciado(Protocol):
    """What is asked of a process that was started, as `subprocess` answers it."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...


class Proceso:
    """One program. It outlives nothing: whoever started it ends it."""

    _proceso: Iniciado | None = None

    @property
    def pid(self) -> int:
        if self._proceso is None:
            raise RuntimeError("not started")
        return self._proceso.pid

    @property
    def vive(self) -> bool:
        return self._proceso is not None and self._proceso.poll() is None

    def senalar(self, senal: signal.Signals) -> None:
        if self._proceso is not None and self.vive:
            os.kill(self._proceso.pid, senal)
            if senal is signal.SIGKILL:
                self._proceso.wait()

    def parar(self) -> None:
        self.senalar(signal.SIGCONT)
        self.senalar(signal.SIGTERM)
        if self._proceso is not None:
            try:
                self._proceso.wait(2 * _PLAZO)
            except subprocess.TimeoutExpired:
                self.senalar(signal.SIGKILL)
