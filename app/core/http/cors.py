"""Which pages of other origins may call the API from a browser (the Fetch standard's CORS protocol).

There are no cookies: a call brings its token itself, so credentials are never allowed, and `*` in the settings is safe.
"""

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.http.headers import variar
from app.core.http.problems import problema
from app.shared.exceptions import OrigenNoAdmitido

METODOS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
PEDIDAS = (
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "Prefer",
    "X-Request-ID",
)
EXPUESTAS = (
    "Content-Disposition",
    "Content-Language",
    "Content-Location",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
    "X-Total-Count",
)
_SEGUNDOS = "600"
_DE_LA_PREGUNTA = ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")


class CorsMiddleware:
    def __init__(self, app: ASGIApp, *, origenes: Collection[str]) -> None:
        self.app = app
        self._origenes = frozenset(origenes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        pedidas = Headers(scope=scope)
        permiso = self._permiso(pedidas.get("origin"))
        if scope["method"] == "OPTIONS" and "origin" in pedidas and "access-control-request-method" in pedidas:
            await self._responder(Request(scope, receive), permiso)(scope, receive, send)
            return

        async def enviar(mensaje: Message) -> None:
            if mensaje["type"] == "http.response.start":
                cabeceras = MutableHeaders(scope=mensaje)
                cabeceras.update(permiso)
                if permiso:
                    cabeceras["Access-Control-Expose-Headers"] = ", ".join(EXPUESTAS)
                # Also of who came from nowhere: what a cache keeps of theirs is no answer to a browser.
                variar(cabeceras, ("Origin",))
            await send(mensaje)

        await self.app(scope, receive, enviar)

    def _permiso(self, origen: str | None) -> dict[str, str]:
        if origen is None:
            return {}
        if "*" in self._origenes:
            return {"Access-Control-Allow-Origin": "*"}
        return {"Access-Control-Allow-Origin": origen} if origen in self._origenes else {}

    def _responder(self, request: Request, permiso: dict[str, str]) -> Response:
        """To the question that a browser asks beforehand."""
        if permiso:
            respuesta = Response(status_code=204, headers=permiso)
            respuesta.headers["Access-Control-Allow-Methods"] = ", ".join(METODOS)
            respuesta.headers["Access-Control-Allow-Headers"] = ", ".join(PEDIDAS)
            respuesta.headers["Access-Control-Max-Age"] = _SEGUNDOS
        else:
            respuesta = problema(request, status=OrigenNoAdmitido.status, codigo=OrigenNoAdmitido.codigo)
        variar(respuesta.headers, _DE_LA_PREGUNTA)
        return respuesta
