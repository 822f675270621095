"""Vouchers: what a link in an e-mail or in a letter stands for. A voucher is good for one thing, once, until it
expires.

A voucher is 256 random bits, shown once. The database stores SHA-256 over the purpose and the voucher, so that a
voucher of one purpose is worth nothing for another. A voucher names its subject (an invitation, an account) and holds
only while the subject stays as it was. The voucher of an account dies with the password or the e-mail that the account
had.
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
        """Make a voucher and return its token. `token`: given where the caller had to know the token before. `email`:
        the address that the token is sent to."""
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
        """Use the voucher up. Of many calls at once, one gets True."""
        return await self._vales.delete_one({"_id": vale.oid})

    async def vivos(self, proposito: Proposito, *, sujeto_id: PydanticObjectId) -> int:
        return await self._vales.cuantos_vivos(proposito, sujeto_id=sujeto_id, cuando=ahora())

    async def retirar(self, *propositos: Proposito, sujeto_id: PydanticObjectId) -> None:
        await self._vales.borrar(propositos, sujeto_id=sujeto_id)


def ligadura_de(usuario: Usuario) -> str:
    """The part of an account that its vouchers are bound to: with another password or another e-mail the vouchers are
    worth nothing. Password hashes are salted, so this hash tells nothing of either."""
    return hashlib.sha256(f"{usuario.clave}\n{usuario.email or ''}".encode()).hexdigest()


def _huella(proposito: Proposito, token: str) -> str:
    return hash_de_token(f"{proposito.value}:{token}")
