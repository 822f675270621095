"""What notices hold of residents: told, erased with what of it waits to be sent, and gone when it has had its time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.avisos.repository import AvisoRepository, DifusionRepository, DispositivoRepository, EnvioRepository

_MAXIMO = 1000


@attrs.define(kw_only=True)
class CustodioDeAvisos:
    """Every call joins the transaction of its caller. `usuario_id`: the account of the resident, if they have one."""

    _avisos: AvisoRepository
    _envios: EnvioRepository
    _dispositivos: DispositivoRepository

    async def datos(
        self, *, residente_id: PydanticObjectId, usuario_id: PydanticObjectId | None
    ) -> Sequence[dict[str, Any]]:
        """The latest."""
        return await self._avisos.mostrar(_de(residente_id, usuario_id), limite=_MAXIMO)

    async def suprimir(self, *, residente_id: PydanticObjectId, usuario_id: PydanticObjectId | None) -> None:
        for destinatario in _de(residente_id, usuario_id):
            await self._avisos.borrar_los_de(destinatario)
            await self._envios.borrar_los_de(destinatario)
        if usuario_id is not None:
            await self._dispositivos.borrar_los_de(usuario_id)


@attrs.define(kw_only=True)
class LimpiezaDeAvisos:
    """A batch each: how many were erased. `guarda`: how long a notice is kept, read or not, and a device that is not
    seen."""

    _avisos: AvisoRepository
    _difusiones: DifusionRepository
    _dispositivos: DispositivoRepository
    _guarda: timedelta

    async def avisos(self, *, limite: int) -> int:
        return await self._avisos.borrar_viejos(antes_de=ahora() - self._guarda, limite=limite)

    async def difusiones(self, *, limite: int) -> int:
        return await self._difusiones.borrar_viejas(antes_de=ahora() - self._guarda, limite=limite)

    async def dispositivos(self, *, limite: int) -> int:
        return await self._dispositivos.borrar_viejos(antes_de=ahora() - self._guarda, limite=limite)


def _de(residente_id: PydanticObjectId, usuario_id: PydanticObjectId | None) -> list[PydanticObjectId]:
    return [residente_id] if usuario_id is None else [residente_id, usuario_id]
