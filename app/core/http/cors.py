"""Which pages of other origins may call the API from a browser (the Fetch standard's CORS protocol).

There are no cookies: a call brings its token itself, so credentials are never allowed, and `*` in the settings is safe.
"""

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import Response

from app.core.http.headers import Cruda
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
_EXPUESTAS = ", ".join(EXPUESTAS).encode()
_SEGUNDOS = "600"
_DE_LA_PREGUNTA = ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")


class Cors:
    def __init__(self, origenes: Collection[str]) -> None:
        self._origenes = frozenset(origenes)

    def permiso(self, origen: bytes | None) -> list[Cruda]:
        """What an answer says to a page of `origen`; nothing to whoever comes from none, or from one not admitted."""
        if origen is None or not (admitido := self._admitido(origen)):
            return []
        return [(b"access-control-allow-origin", admitido), (b"access-control-expose-headers", _EXPUESTAS)]

    def responder(self, request: Request, origen: bytes) -> Response:
        """The answer to the question that a browser asks before the call itself."""
        if self._admitido(origen):
            respuesta = Response(status_code=204)
            respuesta.headers["Access-Control-Allow-Methods"] = ", ".join(METODOS)
            respuesta.headers["Access-Control-Allow-Headers"] = ", ".join(PEDIDAS)
            respuesta.headers["Access-Control-Max-Age"] = _SEGUNDOS
        else:
            respuesta = problema(request, status=OrigenNoAdmitido.status, codigo=OrigenNoAdmitido.codigo)
        respuesta.headers["Vary"] = ", ".join(_DE_LA_PREGUNTA)
        return respuesta

    def _admitido(self, origen: bytes) -> bytes:
        """The origin as the answer names it; empty for an origin that is not admitted."""
        if "*" in self._origenes:
            return b"*"
        return origen if origen.decode("latin-1") in self._origenes else b""
