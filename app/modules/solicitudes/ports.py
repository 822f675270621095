"""What this module asks of others and, at the end, how it tells draws of their requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from beanie import PydanticObjectId


@dataclass(frozen=True, slots=True)
class Solicitante:
    residente_id: PydanticObjectId
    activo: bool
    unidades: tuple[PydanticObjectId, ...]


@dataclass(frozen=True, slots=True)
class VehiculoRegistrado:
    id: PydanticObjectId
    unidad_id: PydanticObjectId
    tipo: str
    electrico: bool
    placa: str | None


@dataclass(frozen=True, slots=True)
class Situacion:
    """A flat's standing: arrears, own maximum of live requests, conditions verified and unexpired."""

    al_dia: bool
    cupo: int | None
    condiciones: frozenset[str]


@dataclass(frozen=True, slots=True)
class Nombres:
    """How staff see who asks."""

    nombre: str
    torre: str | None
    apartamento: str
    al_dia: bool


class Padron(Protocol):
    async def solicitante(self, *, residente_id: PydanticObjectId) -> Solicitante | None: ...

    async def principal_de(self, *, unidad_id: PydanticObjectId) -> PydanticObjectId | None:
        """The active resident who asks when staff ask for a flat: an owner before a tenant, the earliest first."""

    async def vehiculo(
        self, *, vehiculo_id: PydanticObjectId | None, placa: str | None
    ) -> VehiculoRegistrado | None: ...

    async def de_quien(self, *, vehiculos: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, PydanticObjectId]:
        """The flat of each vehicle; one that is no longer there is not in it."""

    async def situaciones(self, *, unidades: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, Situacion]:
        """By flat; one that does not exist is not in it."""

    async def tocar_unidad(self, *, unidad_id: PydanticObjectId) -> None:
        """Make the transaction in course collide with one that deletes the flat or its vehicles."""

    async def nombres(self, *, pares: Sequence[tuple[PydanticObjectId, PydanticObjectId]]) -> Sequence[Nombres]:
        """For each (unidad, residente), in the same order."""

    async def residentes_de(self, *, unidades: Sequence[PydanticObjectId]) -> Sequence[PydanticObjectId]:
        """The active residents of those flats."""

    async def unidades_de_torre(self, *, torre: str) -> Sequence[PydanticObjectId]: ...

    async def buscar(self, *, q: str) -> Sequence[PydanticObjectId]:
        """Residents whose name or document matches."""


DatoDeAviso = str | int | datetime | PydanticObjectId | None


class Avisos(Protocol):
    """Telling people, in the transaction in course."""

    async def avisar_varios(
        self, *, tipo: str, avisos: Sequence[tuple[PydanticObjectId, Mapping[str, DatoDeAviso]]]
    ) -> None:
        """Tell each resident what is theirs."""


class EspacioDelSorteo(Protocol):
    @property
    def tipo(self) -> str: ...
    @property
    def reserva(self) -> str | None: ...


class EspacioOcupado(Protocol):
    """A space that a flat holds for a kind of vehicle, both days included."""

    @property
    def unidad_id(self) -> PydanticObjectId: ...
    @property
    def clase(self) -> str: ...
    @property
    def desde(self) -> date: ...
    @property
    def hasta(self) -> date: ...


class Espacios(Protocol):
    async def clases(
        self, *, sorteos: Sequence[PydanticObjectId]
    ) -> Mapping[PydanticObjectId, Sequence[tuple[str, str | None]]]:
        """The (tipo, reserva) that there are among the spaces of each draw; one without spaces is not in it."""

    async def espacio(self, *, sorteo_id: PydanticObjectId, codigo: str) -> EspacioDelSorteo | None: ...

    async def ocupados(
        self, *, unidades: Sequence[PydanticObjectId], desde: date, hasta: date
    ) -> Sequence[EspacioOcupado]:
        """What those flats hold on some day of the term."""

    async def guardar(self, *, codigo: str, solicitud_id: PydanticObjectId, desde: date, hasta: date) -> bool:
        """Keep a free space for a request; False when it is not free."""

    async def soltar(self, *, codigo: str, solicitud_id: PydanticObjectId) -> None: ...

    async def soltar_varios(self, *, solicitudes: Sequence[PydanticObjectId]) -> None:
        """Let go of what is kept for any of them."""

    async def asignar(
        self,
        *,
        solicitud_id: PydanticObjectId,
        sorteo_id: PydanticObjectId,
        unidad_id: PydanticObjectId,
        vehiculo: Mapping[str, object],
        clase: str,
        codigo: str,
        prestado: bool,
        desde: date,
        hasta: date,
    ) -> None:
        """Turn what is kept for a request into an assignment."""

    async def terminar(self, *, solicitud_id: PydanticObjectId) -> str | None:
        """End the assignment that came of a request; the code of its space, free from now on."""


@dataclass(frozen=True, slots=True)
class SolicitudEnSorteo:
    """A request as its draw sees it. `impedimentos` are those of now."""

    id: PydanticObjectId
    folio: int
    unidad_id: PydanticObjectId
    residente_id: PydanticObjectId
    estado: str
    clase: str
    electrico: bool
    tipos: tuple[str, ...]
    preferencias: tuple[str, ...]
    usa_condiciones: bool
    impedimentos: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SuerteEnSorteo:
    """One request that was drawn once: was its flat ever offered a space for it?"""

    unidad_id: PydanticObjectId
    clase: str
    sorteo_id: PydanticObjectId
    ofrecida: bool


class PuestoDeSolicitud(Protocol):
    """What the result says of one request. Whatever has these fields fits."""

    @property
    def solicitud_id(self) -> PydanticObjectId: ...
    @property
    def espacio(self) -> str | None: ...
    @property
    def espera(self) -> int | None: ...
    @property
    def prestado(self) -> bool: ...
    @property
    def condiciones(self) -> list[str]: ...
