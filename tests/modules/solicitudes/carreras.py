"""What it takes to have two at the same moment."""

import asyncio
import concurrent.futures
import contextvars
from collections.abc import Awaitable, Coroutine
from typing import Any

import pytest
from pymongo.errors import PyMongoError

from app.shared.transaction import ordenar
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
    """Run `intento` to its end, aside, the first time that it is called, in whatever thread."""
    pendientes, bucle = [intento], asyncio.get_running_loop()

    async def aviso() -> None:
        if pendientes:
            await ordenar(en(bucle, pendientes.pop()).result)

    return aviso


def en(bucle: asyncio.AbstractEventLoop, intento: Coroutine[Any, Any, Any]) -> "concurrent.futures.Future[Any]":
    """The same as `aparte`, from a thread that is not the loop's."""
    return contextvars.Context().run(asyncio.run_coroutine_threadsafe, intento, bucle)


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
