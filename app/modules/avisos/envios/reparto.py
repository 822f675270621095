"""Telling everybody: one document becomes a notice for each person, in batches. A crash undoes no batch that was done,
and two workers do none twice."""

from collections.abc import Sequence

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.database.unit_of_work import UnitOfWork
from app.modules.avisos.models import Difusion, Publico
from app.modules.avisos.ports import Directorio
from app.modules.avisos.public import A_TODOS, envio_de, nuevo_aviso
from app.modules.avisos.repository import AvisoRepository, DifusionRepository, EnvioRepository

LOTE = 1000


@attrs.define(kw_only=True)
class RepartoService:
    _difusiones: DifusionRepository
    _avisos: AvisoRepository
    _envios: EnvioRepository
    _directorio: Directorio
    _uow: UnitOfWork
    _por_correo: bool

    async def repartir(self) -> None:
        """Until nobody is left to be told."""
        while await self._uow.run(self._lote):
            pass

    async def _lote(self) -> bool:
        """One batch and the mark of how far the fan-out came, in one transaction; False when none is left."""
        difusion = await self._difusiones.siguiente()
        if difusion is None:
            return False
        ids = await self._siguientes(difusion)
        # The mark is written first: of two workers at once, one collides here before writing anything.
        if await self._avanzar(difusion, ids):
            avisos = [nuevo_aviso(difusion.tipo, id, difusion.datos, difusion.creado_en, difusion.oid) for id in ids]
            leidos = await self._avisos.de_difusiones([difusion.oid], ids)
            ya = {aviso.destinatario for aviso in leidos}
            await self._avisos.insert_rows([aviso for aviso in avisos if aviso["destinatario"] not in ya])
            if self._por_correo:
                await self._envios.insert_many(envio_de(aviso, prioridad=A_TODOS) for aviso in avisos)
        return True

    async def _siguientes(self, difusion: Difusion) -> Sequence[PydanticObjectId]:
        if difusion.publico is Publico.residentes:
            return await self._directorio.residentes(despues_de=difusion.hasta, limite=LOTE)
        return await self._directorio.cuentas(despues_de=difusion.hasta, limite=LOTE)

    async def _avanzar(self, difusion: Difusion, ids: Sequence[PydanticObjectId]) -> bool:
        if len(ids) == LOTE:
            return await self._difusiones.avanzar(difusion, cambio={"hasta": ids[-1]}, cuantos=LOTE)
        if difusion.publico is Publico.residentes:
            cambio = {"publico": Publico.cuentas.value, "hasta": None}
            return await self._difusiones.avanzar(difusion, cambio=cambio, cuantos=len(ids))
        return await self._difusiones.avanzar(
            difusion, cambio={"pendiente": False, "terminada_en": ahora()}, cuantos=len(ids)
        )
