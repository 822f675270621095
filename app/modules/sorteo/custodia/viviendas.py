"""For which flats the caller may act: where they live, if that is what was stated. What is not is told to the audit."""

import logging
from functools import partial

import attrs
from beanie import PydanticObjectId

from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.exceptions import BasesAlteradas
from app.modules.sorteo.ports import Padron
from app.shared.exceptions import SinResidente

log = logging.getLogger(__name__)

_ALTERADO = "residente_alterado"


@attrs.define(kw_only=True)
class Viviendas:
    _padron: Padron
    _bitacora: Bitacora
    _uow: UnitOfWork

    async def de_quien_actua(self, quien: Principal, *, exigir: bool = False) -> list[PydanticObjectId]:
        """Not to be called inside a transaction, which would take the denunciation with it. Raises BasesAlteradas;
        SinResidente, with `exigir`, where no resident has the account."""
        if quien.residente_id is None:
            if exigir:
                raise SinResidente()
            return []
        vivienda = await self._padron.vivienda(residente_id=quien.residente_id)
        if vivienda is None:
            return []
        if vivienda.alterado is not None:
            await self._uow.run(partial(self._denunciar, quien.residente_id, vivienda.alterado))
            raise BasesAlteradas(donde=vivienda.alterado, objeto=str(quien.residente_id))
        return list(vivienda.ocupadas)

    async def _denunciar(self, residente_id: PydanticObjectId, hecho: str) -> None:
        """Once for each fact."""
        datos = {"donde": hecho}
        if datos not in await self._bitacora.dichos(objeto=residente_id, tipos=[_ALTERADO]):
            log.error("residente %s: lo guardado no es lo que se dijo (%s)", residente_id, hecho)
            await self._bitacora.suceso(tipo=_ALTERADO, hecho=False, datos=datos, objeto=residente_id)
