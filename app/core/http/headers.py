"""Headers that belong on every answer: what browsers and caches may do with it."""

from collections.abc import Collection, Mapping

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
_DEL_MARCO = (b"cache-control", b"no-cache")
_HSTS = "max-age=31536000; includeSubDomains"
DE_TODOS = ("/docs", "/redoc", "/estaticos/")
"""Where who asks, and in which language, makes no difference."""


class CabecerasMiddleware:
    """`hsts`: it is served over https alone, and browsers are told to remember it."""

    def __init__(self, app: ASGIApp, *, hsts: bool) -> None:
        self.app = app
        fijas = _FIJAS | ({"Strict-Transport-Security": _HSTS} if hsts else {})
        self._fijas = _crudas(fijas)
        self._salvo_otra = _crudas(_SALVO_OTRA)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def enviar(mensaje: Message) -> None:
            if mensaje["type"] == "http.response.start":
                # As bytes, in one pass: every answer comes by here.
                dichas = [c for c in mensaje["headers"] if c != _DEL_MARCO]
                nombres = {nombre.lower() for nombre, _ in dichas}
                dichas += self._fijas
                dichas += [c for c in self._salvo_otra if c[0] not in nombres]
                mensaje["headers"] = dichas
                if not scope["path"].startswith(DE_TODOS):
                    variar(MutableHeaders(raw=dichas), ("Accept-Language", "Authorization"))
            await send(mensaje)

        await self.app(scope, receive, enviar)


def _crudas(cabeceras: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(nombre.lower().encode("latin-1"), valor.encode("latin-1")) for nombre, valor in cabeceras.items()]


def variar(cabeceras: MutableHeaders, nombres: Collection[str]) -> None:
    """Say that the answer depends on these headers of the request."""
    dicha = cabeceras.get("vary")
    if dicha is None:
        cabeceras.append("Vary", ", ".join(nombres))
        return
    dichas = [n.strip() for linea in cabeceras.getlist("vary") for n in linea.split(",") if n.strip()]
    nuevas = [n for n in nombres if n.lower() not in {d.lower() for d in dichas}]
    cabeceras["Vary"] = ", ".join([*dichas, *nuevas])
