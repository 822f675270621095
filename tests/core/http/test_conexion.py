"""What a client is sent of an answer, and in how many pieces."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from app.core.http.middleware import Conexion

CABEZA = {"type": "http.response.start", "status": 200}
PETICION = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Tuberia(asyncio.Transport):
    """Keeps what is written to it, a piece a call."""

    def __init__(self) -> None:
        super().__init__()
        self.trozos: list[bytes] = []
        self.cerrada = False

    def write(self, datos: bytes | bytearray | memoryview) -> None:
        self.trozos.append(bytes(datos))

    def is_closing(self) -> bool:
        return self.cerrada

    def close(self) -> None:
        self.cerrada = True


async def _responder(
    app: Callable[[Send], Awaitable[None]], peticion: bytes = PETICION, tuberia: Tuberia | None = None
) -> Tuberia:
    """What is written of the answer of `app` to `peticion`."""
    hecha = asyncio.Event()

    async def completa(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await app(send)
        hecha.set()

    config = uvicorn.Config(completa, http=Conexion, log_config=None)
    config.load()
    conexion = Conexion(config=config, server_state=uvicorn.Server(config).server_state, app_state={})
    tuberia = tuberia or Tuberia()
    conexion.connection_made(tuberia)
    conexion.data_received(peticion)
    await hecha.wait()
    for _ in range(3):
        await asyncio.sleep(0)
    return tuberia


@pytest.mark.parametrize("cuerpo", [b"hola", b"x" * 1000])
async def test_cabeza_y_cuerpo_salen_juntos(cuerpo: bytes) -> None:
    async def app(send: Send) -> None:
        await send({**CABEZA, "headers": [(b"content-length", str(len(cuerpo)).encode())]})
        await send({"type": "http.response.body", "body": cuerpo})

    (unico,) = (await _responder(app)).trozos
    assert unico.startswith(b"HTTP/1.1 200 OK\r\n")
    assert unico.endswith(b"\r\n\r\n" + cuerpo)


async def test_un_cuerpo_grande_no_se_copia() -> None:
    cuerpo = b"x" * 100_000

    async def app(send: Send) -> None:
        await send({**CABEZA, "headers": [(b"content-length", str(len(cuerpo)).encode())]})
        await send({"type": "http.response.body", "body": cuerpo})

    cabeza, resto = (await _responder(app)).trozos
    assert cabeza.endswith(b"\r\n\r\n")
    assert resto == cuerpo


async def test_lo_que_llega_despacio_no_espera_a_lo_que_sigue() -> None:
    visto: list[bytes] = []
    tuberia = Tuberia()

    async def app(send: Send) -> None:
        await send({**CABEZA, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        for _ in range(3):
            await asyncio.sleep(0)
        visto.append(b"".join(tuberia.trozos).partition(b"\r\n\r\n")[2])
        await send({"type": "http.response.body", "body": b"b"})

    await _responder(app, tuberia=tuberia)
    assert visto == [b"a"]


async def test_una_respuesta_sin_cuerpo_no_se_queda_y_se_cierra_despues_de_ella() -> None:
    async def app(send: Send) -> None:
        await send({**CABEZA, "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    tuberia = await _responder(app, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"".join(tuberia.trozos).startswith(b"HTTP/1.1 204 No Content\r\n")
    assert tuberia.cerrada
