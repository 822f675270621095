"""Nobody of the staff, but the admin, decides about themselves or their own flat."""

from collections.abc import Iterable

from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.modules.residentes.repository import ResidenteRepository
from app.shared.exceptions import ConflictoDeInteres


class Intereses:
    def __init__(self, residentes: ResidenteRepository) -> None:
        self._residentes = residentes

    async def exigir_ajeno(
        self,
        quien: Principal,
        *,
        unidades: Iterable[PydanticObjectId],
        residente_id: PydanticObjectId | None = None,
    ) -> None:
        """Raises ConflictoDeInteres when `quien` is an operador who is that resident or belongs to one of the flats."""
        if quien.rol is not Rol.operador or quien.interesado_id is None:
            return
        if quien.interesado_id == residente_id:
            raise ConflictoDeInteres()
        propio = await self._residentes.get(quien.interesado_id)
        if propio is not None and not set(propio.ids_de_unidades).isdisjoint(unidades):
            raise ConflictoDeInteres()
