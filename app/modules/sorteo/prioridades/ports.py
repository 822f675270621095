"""What judging requests asks: facts of flats and residents, and of requests that were drawn before."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from beanie import PydanticObjectId

from app.core.facts.marks import Dichas
from app.modules.sorteo.custodia.ports import Alterado


class SuerteDeUnidad(Protocol):
    """How a request fared in its draw. `entera`: so it is marked; None where nobody asked."""

    @property
    def id(self) -> PydanticObjectId: ...
    @property
    def unidad_id(self) -> PydanticObjectId: ...
    @property
    def clase(self) -> str: ...
    @property
    def sorteo_id(self) -> PydanticObjectId: ...
    @property
    def ofrecida(self) -> bool: ...
    @property
    def tuvo(self) -> bool: ...
    @property
    def entera(self) -> bool | None: ...


class HechosDeUnidad(Protocol):
    @property
    def al_dia(self) -> bool: ...
    @property
    def torre(self) -> str | None: ...
    @property
    def perdidos_previos(self) -> Mapping[str, int]: ...
    @property
    def condiciones(self) -> frozenset[str]: ...
    @property
    def tenencia(self) -> str | None: ...
    @property
    def fecha_ingreso(self) -> date | None: ...
    @property
    def sanciones_vigentes(self) -> int: ...
    @property
    def sancionada(self) -> bool:
        """Whether one of them excludes the flat."""

    @property
    def habitantes(self) -> Sequence[PydanticObjectId]: ...
    @property
    def alterado(self) -> Alterado | None: ...


class DeHechos(Protocol):
    async def hechos(
        self,
        *,
        pares: Sequence[tuple[PydanticObjectId, PydanticObjectId]],
        el: date,
        vivian: Sequence[Sequence[PydanticObjectId]] | None = None,
        dichas: Dichas | None = None,
    ) -> Sequence[HechosDeUnidad]:
        """The facts of each pair (unidad, residente that asks), in the same order. `vivian`: who lived there when each
        was asked for; then with `alterado`, also of what was stated since, as `dichas` says."""

    async def dichas(self) -> Dichas:
        """What the audit was told of facts of flats and residents: to be read before these."""

    async def sin_decir(self, dichas: Dichas) -> Alterado | None:
        """After `hechos` compared with them: the first that bears a mark of which the audit was not told."""


class Suertes(Protocol):
    async def suerte(
        self, *, unidades: Sequence[PydanticObjectId], con_marcas: bool = False
    ) -> Sequence[SuerteDeUnidad]: ...

    async def dicho_de_suertes(self) -> Mapping[str, frozenset[str]]:
        """As the audit was told, the ids of those that are `ofrecida` since their draw was published, and `tuvo`."""

    async def suertes_de(self, *, ids: Sequence[PydanticObjectId]) -> Sequence[SuerteDeUnidad]:
        """Of those requests, as they are marked; one that was not drawn is not in it."""
