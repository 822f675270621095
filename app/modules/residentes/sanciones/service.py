"""Sanctions of flats. Draws read those in force at their closing; what changes afterwards is for the next."""

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.residentes.models import Sancion
from app.modules.residentes.permisos import Permisos
from app.modules.residentes.ports import Solicitudes
from app.modules.residentes.sanciones.repository import SancionRepository
from app.modules.residentes.sanciones.schemas import SancionCreate
from app.modules.residentes.unidades.repository import UnidadRepository
from app.shared.exceptions import NoEncontrado, hallado
from app.shared.pagination import Page, PageQuery


@attrs.define(kw_only=True)
class SancionService:
    _sanciones: SancionRepository
    _unidades: UnidadRepository
    _permisos: Permisos
    _solicitudes: Solicitudes
    _uow: UnitOfWork

    async def listar(self, unidad_id: PydanticObjectId, consulta: PageQuery, quien: Principal) -> Page[Sancion]:
        """A resident sees those of a flat they live in. Raises NoEncontrado, SinResidente."""
        if quien.rol is Rol.residente and unidad_id not in (await self._permisos.propio(quien)).ocupadas:
            raise NoEncontrado()
        hallado(await self._unidades.get(unidad_id))
        return await self._sanciones.listar(unidad_id, consulta)

    @una_transaccion
    async def imponer(self, unidad_id: PydanticObjectId, datos: SancionCreate) -> Sancion:
        """Raises NoEncontrado."""
        await self._anotar(unidad_id)
        sancion = Sancion(unidad_id=unidad_id, creado_en=ahora(), **datos.model_dump())
        await self._sanciones.insert(sancion)
        await self._unidades.marcar_sanciones(unidad_id, await self._sanciones.ids_de(unidad_id))
        return sancion

    @una_transaccion
    async def levantar(self, unidad_id: PydanticObjectId, sancion_id: PydanticObjectId) -> None:
        """Raises NoEncontrado."""
        await self._anotar(unidad_id)
        if not await self._sanciones.borrar(unidad_id=unidad_id, sancion_id=sancion_id):
            raise NoEncontrado()
        await self._unidades.marcar_sanciones(unidad_id, await self._sanciones.ids_de(unidad_id))
        await self._solicitudes.cambiaron(unidades=[unidad_id])

    async def _anotar(self, unidad_id: PydanticObjectId) -> None:
        """Write the flat: it collides with its deletion, and open draws will tell that this fact was changed."""
        if not await self._unidades.tocar([unidad_id]):
            raise NoEncontrado()
        await self._unidades.anotar([unidad_id], ["sanciones"], cuando=ahora())
