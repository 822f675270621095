"""E-mails as SMTP knows them: composing one, and a connection over which many go.

A message counts as refused only when the server says so. From the moment that its first byte may have left, anything
but an answer (a broken connection, silence) leaves it unknown whether the server took it: `Incierto`.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Literal

import aiosmtplib
from beanie import PydanticObjectId

from app.modules.avisos.redaccion import Carta
from app.shared.messages import Idioma

Cifrado = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class Servidor:
    """Where e-mail is handed in. `remitente`: an address, or `Name <address>`. `espera`: seconds for each answer."""

    host: str
    puerto: int
    cifrado: Cifrado
    usuario: str | None
    clave: str | None
    remitente: str
    espera: float

    @property
    def direccion(self) -> str:
        return parseaddr(self.remitente)[1]

    @property
    def dominio(self) -> str:
        return self.direccion.rpartition("@")[2]


class SinConexion(Exception):
    """The server is not there, does not let us in, or hung up before any message could be its."""

    def __init__(self, codigo: int | None = None) -> None:
        super().__init__(codigo)
        self.codigo = codigo


class Rechazo(Exception):
    """The server refused this message; for good, when `definitivo`."""

    def __init__(self, codigo: int) -> None:
        super().__init__(codigo)
        self.codigo = codigo
        self.definitivo = codigo >= 500


class Incierto(Exception):
    """The server may have taken the message."""


class DireccionNoAdmitida(Exception):
    """No server could take that for an address."""


def direccion_smtp(direccion: str) -> str:
    """As it goes over the wire: ASCII, names of machines in their IDNA form. Raises DireccionNoAdmitida."""
    local, _, dominio = direccion.rpartition("@")
    try:
        partes = Address(username=local, domain=dominio.encode("idna").decode())
    except (ValueError, HeaderParseError) as error:
        raise DireccionNoAdmitida from error
    if not local or not dominio or not direccion.isprintable() or not partes.addr_spec.isascii():
        raise DireccionNoAdmitida
    return partes.addr_spec


def componer(
    carta: Carta, *, id: PydanticObjectId, para: str, idioma: Idioma, creado_en: datetime, servidor: Servidor
) -> bytes:
    """The message, text and HTML. Its Message-ID is the same however often it is composed. Nothing that fills a header
    can add another: EmailMessage refuses line feeds, and in the subject every character is encoded.

    That one is written apart, for EmailMessage loses the space between two encoded words of a folded header."""
    mensaje = EmailMessage(policy=policy.SMTP)
    mensaje["From"] = servidor.remitente
    mensaje["To"] = para
    mensaje["Date"] = format_datetime(creado_en)
    mensaje["Message-ID"] = f"<{id}@{servidor.dominio}>"
    mensaje["Auto-Submitted"] = "auto-generated"
    mensaje.set_content(carta.texto, cte="quoted-printable")
    mensaje.add_alternative(carta.html, subtype="html", cte="quoted-printable")
    mensaje["Content-Language"] = idioma  # before, it would be the language of the first part alone
    asunto = Header(carta.asunto, "utf-8", header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {asunto}\r\n".encode() + mensaje.as_bytes()


class Sesion:
    """A connection that was let in. One message at a time: `presentar`, then `entregar` or `olvidar`."""

    def __init__(self, cliente: aiosmtplib.SMTP, servidor: Servidor) -> None:
        self._cliente = cliente
        self._servidor = servidor

    async def presentar(self, para: str) -> None:
        """From whom and to whom. Raises Rechazo, SinConexion."""
        try:
            await self._cliente.mail(self._servidor.direccion)
            await self._cliente.rcpt(para)
        except aiosmtplib.SMTPResponseException as error:
            raise _rechazo(error) from None  # the error names the address
        except (aiosmtplib.SMTPException, OSError):
            raise SinConexion from None

    async def entregar(self, mensaje: bytes) -> None:
        """The message itself. Raises Rechazo, Incierto."""
        try:
            await self._cliente.data(mensaje)
        except aiosmtplib.SMTPResponseException as error:
            if error.code < 400:
                raise Incierto from None
            raise _rechazo(error) from None
        except (aiosmtplib.SMTPException, OSError):
            raise Incierto from None

    async def olvidar(self) -> None:
        """Begin anew after what was presented came to nothing. Raises SinConexion."""
        try:
            await self._cliente.rset()
        except (aiosmtplib.SMTPException, OSError):
            raise SinConexion from None


def _rechazo(error: aiosmtplib.SMTPResponseException) -> Exception:
    """421 is the server's farewell, and anything that is no reply code was none."""
    if error.code == 421 or not 400 <= error.code < 600:
        return SinConexion(error.code)
    return Rechazo(error.code)


class Cartero:
    def __init__(self, servidor: Servidor) -> None:
        self.servidor = servidor

    @asynccontextmanager
    async def abrir(self) -> AsyncIterator[Sesion]:
        """Raises SinConexion."""
        s = self.servidor
        cliente = aiosmtplib.SMTP(
            hostname=s.host,
            port=s.puerto,
            username=s.usuario,
            password=s.clave,
            local_hostname=s.dominio,
            timeout=s.espera,
            use_tls=s.cifrado == "tls",
            start_tls=s.cifrado == "starttls",
            tls_context=None if s.cifrado == "none" else ssl.create_default_context(),
        )
        try:
            await cliente.connect()
        except aiosmtplib.SMTPResponseException as error:
            raise SinConexion(error.code) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise SinConexion from error
        try:
            yield Sesion(cliente, s)
            with suppress(aiosmtplib.SMTPException, OSError):
                await cliente.quit()
        finally:
            cliente.close()
