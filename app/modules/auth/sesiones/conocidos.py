"""Devices from which an account has signed in: what the guesses of others at the same address do not stop.

Whoever signs in gets a mark for a year: the account, the device by a random name, and an HMAC of both. The mark signs
nobody in. A client without cookies sends a refresh token of an earlier session instead, which need not live any more.
"""

import base64
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import attrs
from beanie import PydanticObjectId

from app.core.security import FirmadorDeAcceso
from app.modules.auth.schemas import Token
from app.modules.auth.sesiones.refresco import Refresco
from app.modules.auth.sesiones.repository import SesionRepository

GALLETA = "parknet_dispositivo"
VIDA = timedelta(days=365)
_ID, _NOMBRE, _FIRMA = 12, 12, 24
_FORMA = re.compile(r"[A-Za-z0-9_-]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Marca:
    """`nombre`: the device's, of no meaning."""

    usuario_id: PydanticObjectId
    nombre: str


@attrs.define(kw_only=True)
class Conocidos:
    """`claves`: the first one signs; the others are those that it replaced."""

    _claves: Sequence[bytes]
    _firmador: FirmadorDeAcceso
    _sesiones: SesionRepository

    def marcar(self, token: Token, antes: Marca | None) -> str:
        """The mark of a device from which somebody just signed in; the same again where it is known."""
        usuario_id = self._firmador.leer(token.access_token).usuario_id
        suya = antes is not None and antes.usuario_id == usuario_id
        nombre = bytes.fromhex(antes.nombre) if antes is not None and suya else secrets.token_bytes(_NOMBRE)
        dicho = usuario_id.binary + nombre
        return base64.urlsafe_b64encode(dicho + _firma(self._claves[0], dicho)).decode()

    def leer(self, texto: str | None) -> Marca | None:
        """None for a text that this class did not sign."""
        if texto is None or not _FORMA.fullmatch(texto):
            return None
        crudo = base64.urlsafe_b64decode(texto)
        dicho, firma = crudo[: _ID + _NOMBRE], crudo[-_FIRMA:]
        if not any(hmac.compare_digest(firma, _firma(clave, dicho)) for clave in self._claves):
            return None
        return Marca(PydanticObjectId(dicho[:_ID]), dicho[_ID:].hex())

    async def nombre(
        self, usuarios: Sequence[PydanticObjectId], *, marca: Marca | None, refresco: str | None
    ) -> str | None:
        """What a device is called from which one of those accounts has signed in; None for any other."""
        if marca is not None and marca.usuario_id in usuarios:
            return marca.nombre
        presentado = None if refresco is None else Refresco.leer(refresco)
        if presentado is None:
            return None
        sesion = await self._sesiones.get(presentado.sesion_id)
        suya = sesion is not None and sesion.usuario_id in usuarios and presentado.es_de(sesion.sello)
        return str(presentado.sesion_id) if suya else None


def _firma(clave: bytes, dicho: bytes) -> bytes:
    return hmac.digest(hmac.digest(clave, b"parknet/dispositivo", "sha256"), dicho, "sha256")[:_FIRMA]
