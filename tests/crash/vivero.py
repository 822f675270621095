"""Processes that are forks of one that has read the whole application: reading it takes longer than all that starting
does besides."""

import gc
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import main

_VIVERO = multiprocessing.get_context("forkserver")
_VIVERO.set_forkserver_preload(["tests.crash.corredor", "tests.crash.arbol", __name__])


class Ramificado:
    """`hacer`, a function of a module, in a process of its own, which is asked and ended as one of `subprocess` is."""

    def __init__(self, hacer: Callable[..., None], *que: Any) -> None:
        self._proceso: BaseProcess = _VIVERO.Process(target=hacer, args=que)
        self._proceso.start()

    @property
    def pid(self) -> int:
        assert self._proceso.pid is not None
        return self._proceso.pid

    def poll(self) -> int | None:
        return self._proceso.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._proceso.join(timeout)
        if self._proceso.exitcode is None:
            raise subprocess.TimeoutExpired(str(self._proceso), timeout or 0)
        return self._proceso.exitcode

    def send_signal(self, senal: signal.Signals) -> None:
        """Unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, senal)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def instalarse(carpeta: Path, entorno: Mapping[str, str], registro: Path) -> None:
    """What a process that has just been forked does first: it has these variables and no others, is in this folder, and
    `registro` has what it says."""
    # All that was read stays shared, as long as nobody looks for cycles there.
    gc.freeze()
    os.environ.clear()
    os.environ.update(entorno)
    os.chdir(carpeta)
    with registro.open("ab") as salida:
        for una in (sys.stdout, sys.stderr):
            os.dup2(salida.fileno(), una.fileno())


def programa(carpeta: Path, entorno: Mapping[str, str], registro: Path, sitio: Path | None = None) -> None:
    """`python main.py`, in a session of its own. `sitio`: what Python runs before, in those that it starts too where
    `entorno` says so."""
    os.setsid()
    instalarse(carpeta, entorno, registro)
    if sitio is not None:
        runpy.run_path(str(sitio))
    sys.exit(main.main([]))
