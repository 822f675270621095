"""What wraps every request: its id, one line of log, what is left of the quotas that it was counted in; and HEAD
wherever there is GET (RFC 9110 §9.3.2), the same answer without its body."""

import logging
import re
import time
from uuid import UUID, uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.metrics import anotar_llamada
from app.core.quotas import stage as cuotas

log = logging.getLogger("parknet.acceso")
# In a path, so long a name is a token: of a device, of a link. It is nobody's business but its holder's.
_LARGO = re.compile(r"/[^/]{33,}")


class RequestIdMiddleware:
    """Gives each request an id: the client's `X-Request-ID` when it is a UUID, else a new one. It stands in
    `request.state.traza`, in every answer, in every problem and in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        traza = _traza(Headers(scope=scope).get("x-request-id", ""))
        # A copy: not every server gives each request a state of its own, and what one request learns (its id, who is
        # calling) is never another's.
        scope["state"] = {**scope.get("state", {}), "traza": traza}
        inicio = time.perf_counter()
        status = 500

        async def enviar(mensaje: Message) -> None:
            nonlocal status
            if mensaje["type"] == "http.response.start":
                status = mensaje["status"]
                cabeceras = MutableHeaders(scope=mensaje)
                cabeceras["X-Request-ID"] = traza
                for nombre, valor in cuotas.cabeceras(scope["state"].get("saldos", ())).items():
                    cabeceras[nombre] = valor
            await send(mensaje)

        try:
            await self.app(scope, receive, enviar)
        finally:
            segundos, ruta = time.perf_counter() - inicio, scope.get("plantilla", "")
            anotar_llamada(ruta, scope["method"], status, segundos)
            quien = scope["state"].get("principal")
            # The path alone: a query string may hold a plate or a name.
            log.info(
                "%s %s %d %.1f ms",
                scope["method"],
                _LARGO.sub("/…", scope["path"]).encode("unicode_escape").decode(),
                status,
                segundos * 1000,
                extra={"traza": traza, "ruta": ruta, "rol": None if quien is None else quien.rol.value},
            )


def _traza(recibida: str) -> str:
    try:
        return str(UUID(recibida)) if len(recibida) == 36 else str(uuid4())
    except ValueError:
        return str(uuid4())


class _Basta(Exception):
    """Nobody reads what would follow: whoever is making it stops."""


class HeadMiddleware:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
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
            await self.app({**scope, "method": "GET"}, receive, enviar)
        except _Basta:
            return
