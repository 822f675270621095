"""Which resident calls, and about whom an operador may not decide."""

from collections.abc import Iterable

import attrs
from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.modules.residentes.models import Residente
from app.modules.residentes.ports import Solicitudes
from app.modules.residentes.repository import ResidenteRepository
from app.shared.exceptions import ConflictoDeInteres, SinResidente, hallado


@attrs.define(kw_only=True)
class Permisos:
    _residentes: ResidenteRepository
    _solicitudes: Solicitudes

    async def propio(self, quien: Principal) -> Residente:
        """The resident who calls, active or not. Raises SinResidente."""
        return hallado(
            None if quien.residente_id is None else await self._residentes.get(quien.residente_id), si_no=SinResidente
        )

    async def interesado(self, quien: Principal) -> Residente | None:
        """Who an operador is as a resident, about whom they decide nothing; None for all others."""
        if quien.rol is not Rol.operador or quien.interesado_id is None:
            return None
        return await self._residentes.get(quien.interesado_id)

    async def exigir_ajeno(
        self,
        quien: Principal,
        *,
        unidades: Iterable[PydanticObjectId],
        residente_id: PydanticObjectId | None = None,
    ) -> None:
        """An operador decides neither about themselves nor about their own flat. Raises ConflictoDeInteres when `quien`
        is an operador who is that resident or belongs to one of `unidades`; or has left it while a draw was on that
        still is."""
        decididas = set(unidades)
        if quien.rol is not Rol.operador or quien.interesado_id is None:
            return
        if quien.interesado_id == residente_id:
            raise ConflictoDeInteres()
        propio = await self._residentes.get(quien.interesado_id)
        if propio is None:
            return
        if not decididas.isdisjoint(propio.ids_de_unidades):
            raise ConflictoDeInteres()
        vividos = {sorteo for d in propio.dejadas if d.unidad_id in decididas for sorteo in d.sorteos}
        if vividos and not vividos.isdisjoint(await self._solicitudes.sorteos_en_curso()):
            raise ConflictoDeInteres()
