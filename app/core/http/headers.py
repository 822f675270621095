"""Headers that belong on every answer: what browsers and caches may do with it."""

from collections.abc import Collection

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Answers are data, not pages: nothing of them is run, framed, or guessed at. A page of ours brings its own policy.
_FIJAS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SALVO_OTRA = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # Answers are somebody's data; what may be kept says so itself.
    "Cache-Control": "no-store",
}
# What FastAPI says of event streams, which a cache then may keep as long as it asks before it gives them out.
_DEL_MARCO = "no-cache"
_HSTS = "max-age=31536000; includeSubDomains"
DE_TODOS = ("/docs", "/redoc", "/estaticos/")
"""Where who asks, and in which language, makes no difference."""


class CabecerasMiddleware:
    """`hsts`: it is served over https alone, and browsers are told to remember it."""

    def __init__(self, app: ASGIApp, *, hsts: bool) -> None:
        self.app = app
        self._fijas = _FIJAS | ({"Strict-Transport-Security": _HSTS} if hsts else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def enviar(mensaje: Message) -> None:
            if mensaje["type"] == "http.response.start":
                cabeceras = MutableHeaders(scope=mensaje)
                for nombre, valor in self._fijas.items():
                    cabeceras[nombre] = valor
                if cabeceras.get("cache-control") == _DEL_MARCO:
                    del cabeceras["Cache-Control"]
                for nombre, valor in _SALVO_OTRA.items():
                    cabeceras.setdefault(nombre, valor)
                if not scope["path"].startswith(DE_TODOS):
                    variar(cabeceras, ("Accept-Language", "Authorization"))
            await send(mensaje)

        await self.app(scope, receive, enviar)


def variar(cabeceras: MutableHeaders, nombres: Collection[str]) -> None:
    """Say that the answer depends on these headers of the request."""
    dichas = [n.strip() for linea in cabeceras.getlist("vary") for n in linea.split(",") if n.strip()]
    nuevas = [n for n in nombres if n.lower() not in {d.lower() for d in dichas}]
    cabeceras["Vary"] = ", ".join([*dichas, *nuevas])
