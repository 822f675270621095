"""What first screens ask of others. They answer in the shapes that are shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from beanie import PydanticObjectId

from app.core.security import Principal
from app.home.schemas import (
    HomeAsignacionBase,
    HomeAviso,
    HomePasoBase,
    HomeResidente,
    HomeSolicitudBase,
    HomeSorteo,
    HomeSorteoRef,
    HomeUnidad,
)
from app.shared.messages import Idioma

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Hogar:
    residente: HomeResidente
    unidades: Sequence[HomeUnidad]


@dataclass(frozen=True, slots=True)
class DelSorteo(Generic[T]):
    """Something, and the draw that it is of."""

    sorteo_id: PydanticObjectId
    que: T


@dataclass(frozen=True, slots=True)
class ConteoDelPadron:
    unidades: int
    unidades_en_mora: int
    residentes: int
    cuentas_activas: int
    vehiculos: int
    condiciones_por_verificar: int


@dataclass(frozen=True, slots=True)
class ConteoDeEspacios:
    total: int
    libres: int


@dataclass(frozen=True, slots=True)
class EsperaDeSolicitudes:
    """`por_decidir`: by draw, where there are any."""

    por_decidir: Mapping[PydanticObjectId, int]
    por_responder: int
    proximo_vencimiento: datetime | None


class Padron(Protocol):
    async def hogar(self, *, residente_id: PydanticObjectId) -> Hogar | None: ...

    async def conteo(self) -> ConteoDelPadron: ...


class Solicitudes(Protocol):
    async def en_curso(self, *, quien: Principal) -> Sequence[DelSorteo[HomeSolicitudBase]]:
        """The latest first."""

    async def espera(self) -> EsperaDeSolicitudes: ...


class Sorteos(Protocol):
    async def abiertos(self) -> Sequence[HomeSorteo]: ...

    async def nombres(self, *, ids: Collection[PydanticObjectId]) -> Mapping[PydanticObjectId, HomeSorteoRef]: ...

    async def pendientes(self) -> Sequence[HomePasoBase]:
        """What each draw in course waits for, what can be done now first."""


class Espacios(Protocol):
    async def de(self, *, quien: Principal) -> Sequence[DelSorteo[HomeAsignacionBase]]:
        """What the caller's flats hold, the first to end first."""

    async def conteo(self) -> ConteoDeEspacios: ...


class Avisos(Protocol):
    async def ultimos(self, *, quien: Principal, idioma: Idioma, limite: int) -> Sequence[HomeAviso]:
        """Those that they have not read, the latest first."""

    async def sin_leer(self, *, quien: Principal) -> int: ...
