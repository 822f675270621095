"""The complex, as its administration says it is, with what other modules may ask of it."""

from collections.abc import Mapping

import attrs

from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.conjunto.models import UNICO, Conjunto
from app.modules.conjunto.repository import ConjuntoRepository


@attrs.define(kw_only=True)
class ConjuntoService:
    """`primer_nombre`: until somebody gives it another."""

    _conjuntos: ConjuntoRepository
    _uow: UnitOfWork
    _primer_nombre: str

    async def ver(self) -> Conjunto:
        """As it is now; what nobody has said is None, but for the name."""
        conjunto = await self._conjuntos.get(UNICO) or Conjunto(id=UNICO)
        conjunto.nombre = conjunto.nombre or self._primer_nombre
        return conjunto

    async def nombre(self) -> str:
        return (await self.ver()).nombre or self._primer_nombre

    @una_transaccion
    async def cambiar(self, cambios: Mapping[str, object]) -> Conjunto:
        """What is absent stays."""
        if cambios:
            await self._conjuntos.cambiar(cambios)
        return await self.ver()
