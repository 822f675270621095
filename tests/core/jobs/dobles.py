"""Who calls, and a real server on a socket."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from app.core.http.application import build_application
from app.core.jobs.router import router
from app.core.openapi.words import documentar
from app.core.security import Principal
from app.shared.exceptions import TokenInvalido


class FakeAutenticador:
    """The token is a name."""

    def __init__(self, **quienes: Principal) -> None:
        self._quienes = quienes

    async def autenticar(self, token: str) -> Principal:
        if token not in self._quienes:
            raise TokenInvalido
        return self._quienes[token]


def como(nombre: str, **mas: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {nombre}", **mas}


@asynccontextmanager
async def en_un_socket(**estado: Any) -> AsyncIterator[tuple[httpx.AsyncClient, uvicorn.Server]]:
    """The routes of jobs behind uvicorn, as a browser meets them."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        yield estado

    app = build_application(lifespan=lifespan, routers=[router], documentar=documentar())
    servidor = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    sirviendo = asyncio.create_task(servidor._serve())  # no signals of its own: they are pytest's
    while not servidor.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.01)
    puerto = servidor.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{puerto}", timeout=20) as cliente:
        yield cliente, servidor
    servidor.should_exit = True
    await sirviendo


async def eventos(respuesta: httpx.Response) -> AsyncIterator[Mapping[str, str]]:
    """The events of a stream as they come; a comment is an event without fields."""
    campos: dict[str, str] = {}
    async for linea in respuesta.aiter_lines():
        if not linea:
            yield campos
            campos = {}
        elif not linea.startswith(":"):
            nombre, _, valor = linea.partition(": ")
            campos[nombre] = valor
