"""HEAD wherever there is GET (RFC 9110 §9.3.2): the same answer without its body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


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
