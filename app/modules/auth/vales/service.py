"""Vouchers: what a link in an e-mail or in a letter stands for. Each is good for one thing, once, until it expires.

A voucher is 256 random bits, shown once. Stored is SHA-256 over its purpose and itself, so that a voucher of one
purpose is nothing to another. It names whom it is for (an invitation, an account) and holds only while that stands as
it stood when the voucher was made: one of an account dies with the password or the e-mail that the account had.
"""

import hashlib
from datetime import timedelta

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import hash_de_token, token_nuevo
from app.modules.auth.models import Proposito, Usuario, Vale
from app.modules.auth.vales.repository import ValeRepository


@attrs.define(kw_only=True)
class ValeService:
    _vales: ValeRepository

    async def emitir(
        self,
        proposito: Proposito,
        *,
        sujeto_id: PydanticObjectId,
        vida: timedelta,
        email: str | None = None,
        ligadura: str | None = None,
        creado_por: PydanticObjectId | None = None,
        token: str | None = None,
    ) -> str:
        """A new one, and its token: `token`, where whoever asks had to know it before. `email` is where it is sent."""
        token, cuando = token or token_nuevo(), ahora()
        await self._vales.insert(
            Vale(
                proposito=proposito,
                huella=_huella(proposito, token),
                sujeto_id=sujeto_id,
                email=email,
                ligadura=ligadura,
                creado_por=creado_por,
                creado_en=cuando,
                expira_en=cuando + vida,
            )
        )
        return token

    async def vivo(self, proposito: Proposito, token: str) -> Vale | None:
        return await self._vales.vivo(_huella(proposito, token), cuando=ahora())

    async def gastar(self, vale: Vale) -> bool:
        """Use it up. Of many at once, one gets True."""
        return await self._vales.delete_one({"_id": vale.oid})

    async def vivos(self, proposito: Proposito, *, sujeto_id: PydanticObjectId) -> int:
        return await self._vales.cuantos_vivos(proposito, sujeto_id=sujeto_id, cuando=ahora())

    async def retirar(self, *propositos: Proposito, sujeto_id: PydanticObjectId) -> None:
        await self._vales.borrar(propositos, sujeto_id=sujeto_id)


def ligadura_de(usuario: Usuario) -> str:
    """What of an account its vouchers are bound to: they are worth nothing once its password or its e-mail is another.
    (Password hashes are salted, so this tells nothing of either.)"""
    return hashlib.sha256(f"{usuario.clave}\n{usuario.email or ''}".encode()).hexdigest()


def _huella(proposito: Proposito, token: str) -> str:
    return hash_de_token(f"{proposito.value}:{token}")
