"""Queries on exchanges of spaces."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId

from app.modules.sorteo.permutas.models import ABIERTAS, EstadoPermuta, Permuta, juntos
from app.shared.exceptions import ParkNetError, TransicionInvalida
from app.shared.pagination import Page, PageQuery
from app.shared.reading import alguno_de
from app.shared.repository import Repository


class YaPedida(TransicionInvalida):
    """Somebody else asked for the same exchange at the same moment: whoever asked looks again and finds it."""


class PermutaRepository(Repository[Permuta]):
    model = Permuta
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en",)
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {"permuta_abierta": YaPedida}

    async def abierta(self, asignaciones: Sequence[PydanticObjectId]) -> Permuta | None:
        return await self.find_one({"pareja": juntos(asignaciones), "abierta": True})

    async def ultima(self, espacios: Sequence[str]) -> Permuta | None:
        """The latest between those two spaces."""
        return await self.find_one({"cruce": juntos(espacios)}, orden=[("_id", -1)])

    async def consentir(self, permuta: Permuta, *, parte: int, cuando: datetime) -> Permuta | None:
        """None when something came before."""
        return await self.update_one(
            {"_id": permuta.id, "estado": EstadoPermuta.pedida, f"partes.{parte}.consintio_en": None},
            {
                "$set": {
                    f"partes.{parte}.consintio_en": cuando,
                    "estado": EstadoPermuta.consentida,
                    "actualizado_en": cuando,
                }
            },
        )

    async def cerrar(
        self,
        id: PydanticObjectId,
        a: EstadoPermuta,
        *,
        desde: Sequence[EstadoPermuta] = ABIERTAS,
        motivo: str | None,
        cuando: datetime,
    ) -> Permuta | None:
        """End an exchange that stands open in one of `desde`; None when none does."""
        cambio = {"estado": a, "abierta": False, "motivo": motivo, "actualizado_en": cuando}
        return await self.update_one({"_id": id, "estado": {"$in": list(desde)}}, {"$set": cambio})

    async def listar(
        self,
        consulta: PageQuery,
        *,
        estados: Collection[EstadoPermuta] | None,
        unidades: Sequence[PydanticObjectId] | None,
    ) -> Page[Permuta]:
        """The latest first; a criterion that is None does not ask."""
        filtro: dict[str, Any] = {} if estados is None else {"estado": alguno_de(estados)}
        if unidades is not None:
            filtro["partes.unidad_id"] = {"$in": list(unidades)}
        return await self.page(filtro, consulta)
