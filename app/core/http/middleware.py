"""What wraps every request, in one layer that each of its two messages goes through once: its id, one line of log, what
is left of the quotas that it was counted in, the headers of every answer, whether pages of other origins may read it;
503 while what it needs is being opened, a problem for what nobody foresaw; and HEAD wherever there is GET (RFC 9110
§9.3.2), the same answer without its body. And the connection, on which the head and the body of an answer leave
together."""

import asyncio
import logging
import random
import re
import time
from collections.abc import Collection
from typing import Any, cast
from uuid import UUID

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.core import tracing
from app.core.http.cors import Cors
from app.core.http.headers import Cabeceras
from app.core.http.health import por_abrir
from app.core.http.problems import inesperado
from app.core.metrics import anotar_llamada
from app.core.quotas import stage as cuotas
from app.core.shutdown import se_va
from app.database.opening import Apertura

log = logging.getLogger("parknet.acceso")
# A segment of a path that is so long is the token of a device or of a link, which no log may show.
_LARGO = re.compile(r"/[^/]{33,}")
_UUID = re.compile(rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_GRANDE = 64 * 1024
_SONDAS = ("/health/", "/metrics")
_METODOS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class LlamadaMiddleware:
    """Gives each request an id: the client's `X-Request-ID` when it is a UUID, else a new one. It stands in
    `request.state.traza`, in every answer, in every problem and in the log."""

    def __init__(self, app: ASGIApp, *, hsts: bool, origenes: Collection[str]) -> None:
        self.app = app
        self._cabeceras = Cabeceras(hsts=hsts)
        self._cors = Cors(origenes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Of a header that is given twice the first counts, as it does for Starlette.
        pedidas = dict(reversed(scope["headers"]))
        traza = _traza(pedidas.get(b"x-request-id", b""))
        # The state is copied, because not every server gives each request a state of its own: the id and the caller of
        # one request must never become those of another.
        estado = scope["state"] = {**scope.get("state", {}), "traza": traza}
        permiso = self._cors.permiso(pedidas.get(b"origin"))
        inicio = time.perf_counter()
        status, empezada = 500, False

        async def enviar(mensaje: Message) -> None:
            nonlocal status, empezada
            if not empezada:
                status, empezada = mensaje["status"], True
                propias = [(b"x-request-id", traza.encode()), *permiso]
                if se_va(estado):
                    # A client that kept the connection would send its next call to a process that is gone by then.
                    propias.append((b"connection", b"close"))
                if "saldos" in estado:
                    propias += cuotas.cabeceras(estado["saldos"])
                mensaje["headers"] = self._cabeceras.completar(mensaje["headers"], propias, scope["path"])
            await send(mensaje)

        try:
            await self._responder(scope, receive, enviar, pedidas)
        except Exception as error:
            # An unforeseen error is answered here and not in the framework's place for it, which is outside: so this
            # answer too has its id and the headers of every answer.
            if empezada:
                raise
            await inesperado(Request(scope), error)(scope, receive, enviar)
        finally:
            _anotar(scope, status, time.perf_counter() - inicio)

    async def _responder(self, scope: Scope, receive: Receive, send: Send, pedidas: dict[bytes, bytes]) -> None:
        estado, metodo = scope["state"], scope["method"]
        if metodo == "OPTIONS" and b"origin" in pedidas and b"access-control-request-method" in pedidas:
            await self._cors.responder(Request(scope, receive), pedidas[b"origin"])(scope, receive, send)
            return
        apertura = cast(Apertura | None, estado.get("apertura"))
        if apertura is not None and apertura.tarde:
            if apertura.estado is not None:
                estado.update(apertura.estado)
            elif (todavia_no := por_abrir(scope)) is not None:
                await todavia_no(scope, receive, send)
                return
        if metodo == "HEAD":
            await _sin_cuerpo(self.app, scope, receive, send)
        else:
            await self.app(scope, receive, send)


class TrazasMiddleware:
    """A span of each call, around all else: `app.core.tracing` says what it may tell. A call of whoever keeps the
    process running has no span."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_SONDAS):
            await self.app(scope, receive, send)
            return
        status = 500

        async def enviar(mensaje: Message) -> None:
            nonlocal status
            if mensaje["type"] == "http.response.start":
                status = mensaje["status"]
            await send(mensaje)

        with tracing.llamada(Headers(scope=scope).get("traceparent")) as tramo:
            try:
                await self.app(scope, receive, enviar)
            finally:
                estado = scope["state"]
                quien = estado.get("principal")
                tracing.anotar_llamada(
                    tramo,
                    metodo=scope["method"] if scope["method"] in _METODOS else "_OTHER",
                    ruta=scope.get("plantilla", ""),
                    estado=status,
                    traza=estado.get("traza"),
                    rol=None if quien is None else quien.rol.value,
                )


def _anotar(scope: Scope, status: int, segundos: float) -> None:
    metodo, ruta = scope["method"], scope.get("plantilla", "")
    anotar_llamada(ruta, metodo, status, segundos)
    if not log.isEnabledFor(logging.INFO):
        return
    quien = scope["state"].get("principal")
    # The path alone: a query string may hold a plate or a name.
    camino = _LARGO.sub("/…", scope["path"]).encode("unicode_escape").decode()
    extra = {
        "traza": scope["state"]["traza"],
        "ruta": ruta,
        "rol": None if quien is None else quien.rol.value,
        "estado": status,
        "ms": round(segundos * 1000, 1),
    }
    que: tuple[Any, ...] = (metodo, camino, status, segundos * 1000)
    # The record is made here, because `log.info` looks each time for the line of code that calls it, which this log
    # does not show.
    log.handle(log.makeRecord(log.name, logging.INFO, "", 0, "%s %s %d %.1f ms", que, None, extra=extra))


def _traza(recibida: bytes) -> str:
    # The id goes back as it came: some systems write theirs in capitals, and look for what they sent.
    if _UUID.fullmatch(recibida):
        return recibida.decode("ascii")
    # The id tells one call from another and protects nothing: it need not be hard to guess.
    return str(UUID(int=random.getrandbits(128), version=4))


class _Basta(Exception):
    """Raised in an application whose answer nobody reads to its end, so that it stops."""


async def _sin_cuerpo(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """The answer of `app` to a GET, without its body."""
    terminada = False

    async def enviar(mensaje: Message) -> None:
        nonlocal terminada
        if mensaje["type"] == "http.response.body":
            if not terminada:
                terminada = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            if mensaje.get("more_body", False):
                raise _Basta()
            return
        await send(mensaje)

    try:
        await app({**scope, "method": "GET"}, receive, enviar)
    except _Basta:
        return


class _Salida:
    """The transport of a connection, which keeps a write until the next or until the turn of the loop ends."""

    def __init__(self, transporte: asyncio.Transport, bucle: asyncio.AbstractEventLoop) -> None:
        self._transporte = transporte
        self._bucle = bucle
        self._espera = b""

    def write(self, datos: bytes) -> None:
        if self._espera:
            junto, self._espera = self._espera, b""
            if len(datos) < _GRANDE:
                self._transporte.write(junto + datos)
                return
            self._transporte.write(junto)
        elif len(datos) < _GRANDE:
            self._espera = datos
            self._bucle.call_soon(self.soltar)
            return
        self._transporte.write(datos)

    def soltar(self) -> None:
        if self._espera:
            junto, self._espera = self._espera, b""
            self._transporte.write(junto)

    def close(self) -> None:
        self.soltar()
        self._transporte.close()

    def is_closing(self) -> bool:
        return self._transporte.is_closing()

    def __getattr__(self, nombre: str) -> Any:
        return getattr(self._transporte, nombre)


class Conexion(HttpToolsProtocol):
    """uvicorn writes the head of an answer as soon as it is known, and the body after it: two calls of the system, two
    packets, and a client that wakes twice. Here the first waits for the second within one turn of the loop, and no
    longer: what is written slowly, such as a stream of events, leaves as it comes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(_Salida(transport, self.loop))  # type: ignore[arg-type]
