"""What it takes to have two at the same moment."""

import asyncio
import contextvars
from collections.abc import Awaitable, Coroutine
from typing import Any

import pytest
from pymongo.errors import PyMongoError

from tests.modules.solicitudes.dobles import Aviso


async def a_la_vez(*intentos: Awaitable[Any]) -> tuple[list[Any], list[BaseException]]:
    """Run them all at once: what they gave, and the errors of those that failed."""
    hechos = await asyncio.gather(*intentos, return_exceptions=True)
    errores = [h for h in hechos if isinstance(h, BaseException)]
    return [h for h in hechos if not isinstance(h, BaseException)], errores


def aparte(intento: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
    """As somebody else's request: not in the transaction of who starts it."""
    return asyncio.create_task(intento, context=contextvars.Context())


def una_vez(intento: Coroutine[Any, Any, Any]) -> Aviso:
    """Run `intento` to its end, aside, the first time that it is called."""
    pendientes = [intento]

    async def aviso() -> None:
        if pendientes:
            await aparte(pendientes.pop())

    return aviso


def choca(repo: object, metodo: str, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when a call of that method finds another transaction in its way."""
    choque, llamar = asyncio.Event(), getattr(repo, metodo)

    async def avisar(*args: Any, **mas: Any) -> Any:
        try:
            return await llamar(*args, **mas)
        except PyMongoError:
            choque.set()
            raise

    monkeypatch.setattr(repo, metodo, avisar)
    return choque
