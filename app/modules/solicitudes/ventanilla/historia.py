"""How requests fared in the draws that they were part of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import attrs
from beanie import PydanticObjectId

from app.modules.solicitudes.movimientos.ports import Bitacora
from app.modules.solicitudes.movimientos.precintos import ACEPTADAS, OFRECIDA
from app.modules.solicitudes.movimientos.suertes import MarcasDeSuertes
from app.modules.solicitudes.ventanilla.repository import PasoRepository
from app.shared.reading import a_ratos
from app.shared.repository import Fila


@dataclass(frozen=True, slots=True)
class SuerteEnSorteo:
    """One request that was drawn once: was its flat ever offered a space for it, and did it come to hold one?
    `entera`: so it is marked; None where nobody asked."""

    id: PydanticObjectId
    unidad_id: PydanticObjectId
    clase: str
    sorteo_id: PydanticObjectId
    ofrecida: bool
    tuvo: bool
    entera: bool | None = None


@attrs.define(kw_only=True)
class Historia:
    _pasos: PasoRepository
    _suertes: MarcasDeSuertes
    _bitacora: Bitacora

    async def dicho(self) -> Mapping[str, frozenset[str]]:
        """The ids of requests to which a space was offered after their draw was published (`ofrecida`), and that came
        to hold one (`tuvo`), as the audit was told: the mark of one is whole as well when it is put back as it was
        before."""
        dichos = await self._bitacora.dichos_de_todos(tipos=[OFRECIDA, ACEPTADAS])
        aceptadas = (datos for varios in dichos[ACEPTADAS].values() for datos in varios)
        return {"ofrecida": frozenset(dichos[OFRECIDA]), "tuvo": frozenset(id for datos in aceptadas for id in datos)}

    async def de_unidades(self, unidades: Sequence[PydanticObjectId], *, con_marcas: bool) -> list[SuerteEnSorteo]:
        return await self._leidas(await self._pasos.historia_de(unidades=unidades), con_marcas=con_marcas)

    async def de(self, ids: Sequence[PydanticObjectId]) -> list[SuerteEnSorteo]:
        return await self._leidas(await self._pasos.historia_de(ids=ids), con_marcas=True)

    async def _leidas(self, filas: Sequence[Fila], *, con_marcas: bool) -> list[SuerteEnSorteo]:
        suertes: list[SuerteEnSorteo] = []
        async for varias in a_ratos(filas):
            suertes += [
                SuerteEnSorteo(
                    fila["_id"],
                    fila["unidad_id"],
                    fila["clase"],
                    fila["sorteo_id"],
                    fila["ofrecida"],
                    fila["tuvo"],
                    self._suertes.entera(fila) if con_marcas else None,
                )
                for fila in varias
            ]
        return suertes
