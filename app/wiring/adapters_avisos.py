"""Whom notices can reach, from what is known of residents and of accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

from beanie import PydanticObjectId

from app.modules.auth.public import CuentasService
from app.modules.residentes.public import PadronService
from app.shared.messages import Idioma


@dataclass(frozen=True, slots=True)
class _Contacto:
    email: str | None
    idioma: Idioma


class DirectorioDeAvisos:
    """avisos.ports.Directorio

    A resident is written to at their contact address, else at that of their account; the holder of an account, the
    other way round. Somebody who has no account is written to in Spanish. Who has left is not written to as a resident.
    """

    def __init__(self, padron: PadronService, cuentas: CuentasService) -> None:
        self._padron = padron
        self._cuentas = cuentas

    async def contacto(self, *, destinatario: PydanticObjectId) -> _Contacto | None:
        residente = await self._padron.residente(residente_id=destinatario)
        if residente is None:
            return await self._de_cuenta(destinatario)
        if not residente.activo:
            return None
        cuenta = await self._cuentas.contacto_de_residente(residente_id=destinatario)
        if cuenta is None:
            return _Contacto(email=residente.email, idioma="es")
        return _Contacto(email=residente.email or cuenta.email, idioma=cuenta.idioma)

    async def _de_cuenta(self, usuario_id: PydanticObjectId) -> _Contacto | None:
        cuenta = await self._cuentas.contacto(usuario_id=usuario_id)
        if cuenta is None:
            return None
        email = cuenta.email
        if email is None and cuenta.residente_id is not None:
            residente = await self._padron.residente(residente_id=cuenta.residente_id)
            email = None if residente is None else residente.email
        return _Contacto(email=email, idioma=cuenta.idioma)

    async def residentes(self, *, despues_de: PydanticObjectId | None, limite: int) -> Sequence[PydanticObjectId]:
        return await self._padron.activos(despues_de=despues_de, limite=limite)

    async def cuentas(self, *, despues_de: PydanticObjectId | None, limite: int) -> Sequence[PydanticObjectId]:
        return await self._cuentas.sin_residencia(despues_de=despues_de, limite=limite)
