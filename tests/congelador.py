"""Processes that stop at any of their commands to the database, within the process of a test.

What is done inside of `como(Proceso(n))` stands still from its command number `n` on (from 1), with
all that it began: renewals of leases too. To the database that is a process that was stopped, and, if it is never told
to go on, one that was killed. All others go on."""

import asyncio
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import motor.frameworks.asyncio as de_motor
import pytest

_proceso: ContextVar["Proceso | None"] = ContextVar("proceso_que_se_para", default=None)


class Proceso:
    """`ordenes`: the commands that it has given, also the one at which it stopped. `antes_de_cada` runs before each."""

    def __init__(self, parar_en: int | None, antes_de_cada: Callable[[], None] = lambda: None) -> None:
        self._parar_en = parar_en
        self._antes_de_cada = antes_de_cada
        self._sigue = asyncio.Event()
        self.ordenes = 0
        self.parado = asyncio.Event()

    def seguir(self) -> None:
        self._parar_en = None
        self._sigue.set()

    async def paso(self) -> None:
        """Where each command goes through."""
        self._antes_de_cada()
        self.ordenes += 1
        while self._parar_en is not None and self.ordenes >= self._parar_en:
            self.parado.set()
            await self._sigue.wait()


@contextmanager
def como(proceso: Proceso) -> Iterator[None]:
    """What begins here is done by `proceso`."""
    antes = _proceso.set(proceso)
    try:
        yield
    finally:
        _proceso.reset(antes)


@contextmanager
def congelable() -> Iterator[None]:
    """While it lasts, commands to the database look whose they are."""
    original: Callable[..., Any] = de_motor.run_on_executor

    def ejecutar(bucle: Any, orden: Callable[..., Any], *que: Any, **mas: Any) -> Any:
        proceso = _proceso.get()
        if proceso is None:
            return original(bucle, orden, *que, **mas)

        async def cuando_siga() -> Any:
            await proceso.paso()
            return await original(bucle, functools.partial(orden, *que, **mas))

        return asyncio.ensure_future(cuando_siga())

    with pytest.MonkeyPatch.context() as m:
        m.setattr(de_motor, "run_on_executor", ejecutar)
        yield
