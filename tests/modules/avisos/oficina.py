"""A real SMTP server on the loopback, that does with each address what a test says, and keeps what it took."""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class Corte(Enum):
    """Where the server hangs up."""

    al_presentar = "al_presentar"
    en_medio = "en_medio"
    al_recibir = "al_recibir"


Respuesta = str | Corte


@dataclass
class Oficina:
    """`a_direcciones` and `a_mensajes`: what it answers to RCPT and to the message, by address, one after the other;
    when there is nothing left, it takes it. `tomados`: what it may deliver, hung up on or not."""

    a_direcciones: dict[str, list[Respuesta]] = field(default_factory=dict)
    a_mensajes: dict[str, list[Respuesta]] = field(default_factory=dict)
    tomados: list[tuple[str, EmailMessage]] = field(default_factory=list)
    conexiones: int = 0
    identificados: list[bytes] = field(default_factory=list)
    cifradas: int = 0
    tardanza: float = 0
    puerto: int = 0
    con_clave: bool = False
    recibiendo: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def cuantos(self) -> Counter[str]:
        return Counter(para for para, _ in self.tomados)

    def de(self, para: str) -> EmailMessage:
        (mensaje,) = [mensaje for quien, mensaje in self.tomados if quien == para]
        return mensaje

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        del rcpt_options
        if self.con_clave and not session.authenticated:
            return "530 5.7.0 identifiquese"
        respuesta = _siguiente(self.a_direcciones, address)
        if isinstance(respuesta, Corte):
            _colgar(server)
            return "421 adiós"
        if respuesta.startswith("250"):
            envelope.rcpt_tos.append(address)
        return respuesta

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        del session
        self.recibiendo.set()
        await asyncio.sleep(self.tardanza)
        (para,) = envelope.rcpt_tos
        respuesta = _siguiente(self.a_mensajes, para)
        if isinstance(respuesta, Corte) or respuesta.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.tomados.append((para, message_from_bytes(envelope.content, policy=policy.default)))
            self.cifradas += _transporte(server).get_extra_info("ssl_object") is not None
        if isinstance(respuesta, Corte):
            _colgar(server)
            return "421 adiós"
        return respuesta


class _Protocolo(SMTP):
    """One that may also hang up in the middle of a message."""

    async def smtp_DATA(self, arg: str) -> None:
        assert self.envelope is not None
        pendientes = self.event_handler.a_mensajes.get(self.envelope.rcpt_tos[0] if self.envelope.rcpt_tos else "", [])
        if pendientes and pendientes[0] is Corte.en_medio:
            pendientes.pop(0)
            await self.push("354 siga")
            _colgar(self)
            return
        await super().smtp_DATA(arg)


def _siguiente(guion: dict[str, list[Respuesta]], direccion: str) -> Respuesta:
    pendientes = guion.get(direccion)
    return pendientes.pop(0) if pendientes else "250 bien"


def _colgar(server: SMTP) -> None:
    _transporte(server).abort()


def _transporte(server: SMTP) -> asyncio.WriteTransport:
    assert isinstance(server.transport, asyncio.WriteTransport)
    return server.transport


@asynccontextmanager
async def oficina(
    *, contexto: ssl.SSLContext | None = None, desde_el_principio: bool = False, clave: bytes | None = None
) -> AsyncIterator[Oficina]:
    """`contexto`: with STARTTLS, or encrypted `desde_el_principio`. `clave`: it wants a user that has this password."""
    atendida = Oficina(con_clave=clave is not None)

    def autenticar(server: SMTP, session: Session, envelope: Envelope, mecanismo: str, datos: Any) -> AuthResult:
        del server, session, envelope, mecanismo
        atendida.identificados.append(datos.login)
        return AuthResult(success=datos.password == clave, handled=False)

    def protocolo() -> _Protocolo:
        atendida.conexiones += 1
        return _Protocolo(
            atendida,
            hostname="prueba",
            tls_context=None if desde_el_principio else contexto,
            require_starttls=contexto is not None and not desde_el_principio,
            auth_require_tls=False,
            authenticator=autenticar,
            loop=asyncio.get_running_loop(),
        )

    servidor = await asyncio.get_running_loop().create_server(
        protocolo, "127.0.0.1", 0, ssl=contexto if desde_el_principio else None
    )
    atendida.puerto = servidor.sockets[0].getsockname()[1]
    async with servidor:
        yield atendida
