"""The mails that would have been sent, on a page: a server of e-mail that keeps them in memory, and delivers none."""

import html
import socket
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_CABEN = 200
_PAGINA = """<!doctype html>
<html lang="es"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>Correos de ParkNet</title>
<style>body{{font:16px/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}}article{{border-top:1px solid
#bbb;padding:1rem 0}}pre{{white-space:pre-wrap;font:inherit}}</style></head>
<body><h1>Correos que habrían salido</h1>{correos}</body></html>"""
_CORREO = "<article><h2>{asunto}</h2><p>Para {para} · {hora}</p><pre>{texto}</pre></article>"


@dataclass(frozen=True, slots=True)
class Correo:
    asunto: str
    para: Sequence[str]
    texto: str
    cuando: datetime

    def escrito(self) -> str:
        return _CORREO.format(
            asunto=html.escape(self.asunto),
            para=html.escape(", ".join(self.para)),
            hora=f"{self.cuando:%H:%M:%S}",
            texto=html.escape(self.texto),
        )


class Buzon:
    """`with Buzon() as buzon`: takes mails at `puerto_smtp`, and shows them at `direccion`."""

    def __init__(self, *, puerto: int = 0) -> None:
        self._correos: deque[Correo] = deque(maxlen=_CABEN)
        with socket.socket() as libre:
            libre.bind(("127.0.0.1", 0))
            self.puerto_smtp = int(libre.getsockname()[1])
        self._oficina = Controller(self, hostname="127.0.0.1", port=self.puerto_smtp)
        self._pagina = ThreadingHTTPServer(("127.0.0.1", puerto), _de(self))

    @property
    def direccion(self) -> str:
        return f"http://127.0.0.1:{self._pagina.server_port}/"

    def __enter__(self) -> Self:
        self._oficina.start()
        threading.Thread(target=self._pagina.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, tipo: type[BaseException] | None, error: BaseException | None, traza: TracebackType | None
    ) -> None:
        self._pagina.shutdown()
        self._pagina.server_close()
        self._oficina.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002
        correo = message_from_bytes(cast(bytes, envelope.content), policy=policy.default)
        cuerpo = correo.get_body(("plain", "html"))
        self._correos.appendleft(
            Correo(
                asunto=str(correo["subject"]),
                para=list(envelope.rcpt_tos),
                texto="" if cuerpo is None else str(cuerpo.get_content()),
                cuando=datetime.now().astimezone(),
            )
        )
        return "250 OK"

    def pagina(self) -> bytes:
        correos = "".join(correo.escrito() for correo in list(self._correos)) or "<p>Ninguno todavía.</p>"
        return _PAGINA.format(correos=correos).encode()


def _de(buzon: Buzon) -> type[BaseHTTPRequestHandler]:
    class Manejador(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cuerpo = buzon.pagina()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(cuerpo)))
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.end_headers()
            self.wfile.write(cuerpo)

        def log_message(self, *_: object) -> None:
            """Whoever looks at the page is of no interest."""

    return Manejador
