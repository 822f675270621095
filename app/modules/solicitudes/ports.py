"""What this module asks of others and, at the end, how it tells draws of their requests."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from beanie import PydanticObjectId

from app.shared.reading import Ids, Lectura


@dataclass(frozen=True, slots=True)
class Solicitante:
    """`dejadas`: flats that they left, each with a draw that was on then. `alterado`: what of where they live somebody
    wrote on the database."""

    residente_id: PydanticObjectId
    activo: bool
    unidades: tuple[PydanticObjectId, ...]
    dejadas: frozenset[tuple[PydanticObjectId, PydanticObjectId]] = frozenset()
    alterado: str | None = None


class VehiculoRegistrado(Protocol):
    @property
    def id(self) -> PydanticObjectId: ...
    @property
    def unidad_id(self) -> PydanticObjectId: ...
    @property
    def tipo(self) -> str: ...
    @property
    def electrico(self) -> bool: ...
    @property
    def placa(self) -> str | None: ...


class Ficha(Protocol):
    """A flat: its name, arrears, own maximum of live requests, conditions verified and unexpired, and whether a
    sanction in force excludes it."""

    @property
    def torre(self) -> str | None: ...
    @property
    def apartamento(self) -> str: ...
    @property
    def al_dia(self) -> bool: ...
    @property
    def cupo(self) -> int | None: ...
    @property
    def condiciones(self) -> frozenset[str]: ...
    @property
    def sancionada(self) -> bool: ...


class Peticion(Protocol):
    """What is known of a flat that asks: the names of its active residents, the one of them who lives there longest,
    and the vehicle asked for, whose ever it is. `alterados`: which of these facts somebody wrote on the database.
    `vistos`: when arrears (`al_dia`) and the vehicle (`vehiculo`) were stated so, in microseconds; 0: when put in."""

    @property
    def ficha(self) -> Ficha: ...
    @property
    def nombres(self) -> Mapping[PydanticObjectId, str]: ...
    @property
    def principal_id(self) -> PydanticObjectId | None: ...
    @property
    def vehiculo(self) -> VehiculoRegistrado | None: ...
    @property
    def alterados(self) -> Collection[str]: ...
    @property
    def vistos(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True)
class Hallados:
    """`residentes`: by names, document and flats; `unidades`: by tower, number and plates."""

    residentes: Sequence[PydanticObjectId]
    unidades: Sequence[PydanticObjectId]


class Padron(Protocol):
    async def solicitante(self, *, residente_id: PydanticObjectId, actua: bool = False) -> Solicitante | None:
        """`actua`: they are about to do something for where they live, so it is compared with what was stated last."""

    async def vehiculo_alterado(self, *, vehiculos: Sequence[PydanticObjectId]) -> PydanticObjectId | None:
        """The first of them that is not as somebody stated it."""

    async def placas(
        self, *, vehiculos: Sequence[PydanticObjectId]
    ) -> Mapping[PydanticObjectId, tuple[PydanticObjectId, str | None]]:
        """Of those that are as somebody stated them: the flat and the plate of each."""

    async def de_quien(self, *, vehiculos: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, PydanticObjectId]:
        """The flat of each vehicle; one that is no longer there is not in it."""

    def fichas(
        self, *, unidades: Ids, residentes: Ids = ()
    ) -> Lectura[tuple[Mapping[PydanticObjectId, Ficha], Mapping[PydanticObjectId, str]]]:
        """Flats as they are today, and names of residents. One that does not exist is not in it."""

    def peticion(
        self, *, unidad_id: PydanticObjectId, vehiculo_id: PydanticObjectId | None, placa: str | None
    ) -> Lectura[Peticion | None]:
        """None when there is no such flat: then nothing is read of what is joined to it either."""

    async def historia(self, *, con_al_dia: bool) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """Each time that those were stated, by fact and by id of the vehicle and, `con_al_dia`, of the flat."""

    async def siguen_alli(
        self, *, pedidas: Sequence[tuple[PydanticObjectId, PydanticObjectId, Sequence[PydanticObjectId]]]
    ) -> Sequence[bool]:
        """Of each flat, with who asked for it and who lived there then: whether any of these still does, or somebody
        wrote on the database that they do not."""

    async def tocar_unidades(self, *, unidades: Collection[PydanticObjectId]) -> None:
        """Make the transaction in course collide with one that deletes any of those flats or its vehicles."""

    async def residentes_de(
        self, *, unidades: Collection[PydanticObjectId]
    ) -> Mapping[PydanticObjectId, Sequence[PydanticObjectId]]:
        """The active residents of each of those flats; a flat without any is not in it."""

    async def unidades_llamadas(self, *, claves: Collection[str]) -> Mapping[str, PydanticObjectId]:
        """The flats of those keys (`clave_de_apartamento`); one that does not exist is not in it."""

    async def unidades_de_torres(self, *, torres: Sequence[str]) -> Sequence[PydanticObjectId]: ...

    async def buscar(self, *, q: str) -> Hallados:
        """What the words of `q` find. Raises EntradaInvalida where that is too much to be told."""


DatoDeAviso = str | int | datetime | PydanticObjectId | None


class Avisos(Protocol):
    """Telling people, in the transaction in course."""

    async def avisar_varios(
        self, *, tipo: str, avisos: Sequence[tuple[PydanticObjectId, Mapping[str, DatoDeAviso]]]
    ) -> None:
        """Tell each resident what is theirs."""


class EspacioQueSeToma(Protocol):
    @property
    def codigo(self) -> str: ...
    @property
    def tipo(self) -> str | None: ...
    @property
    def reserva(self) -> str | None: ...


class EspacioDelSorteo(EspacioQueSeToma, Protocol):
    @property
    def tipo(self) -> str: ...


SegunLaApertura = Callable[[str, EspacioQueSeToma | None], bool]
"""Whether what a draw has under a code, if anything, is what its opening published, if anything."""


class EspacioOcupado(Protocol):
    """A space that a flat holds on some days, both included: for a vehicle of that `tipo`, which is `vehiculo_id`; or
    by right, and then for any vehicle that `tipo_espacio` takes."""

    @property
    def unidad_id(self) -> PydanticObjectId: ...
    @property
    def tipo(self) -> str | None: ...
    @property
    def vehiculo_id(self) -> PydanticObjectId | None: ...
    @property
    def solicitud_id(self) -> PydanticObjectId | None: ...
    @property
    def tipo_espacio(self) -> str | None: ...
    @property
    def desde(self) -> date: ...
    @property
    def hasta(self) -> date: ...


class Tenencia(Protocol):
    """What came of an accepted request: from when to when a flat has its space, and whether it still does."""

    @property
    def id(self) -> PydanticObjectId: ...
    @property
    def estado(self) -> str: ...
    @property
    def desde(self) -> date: ...
    @property
    def hasta(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Aceptada:
    """A request that was accepted, with its space."""

    solicitud_id: PydanticObjectId
    unidad_id: PydanticObjectId
    vehiculo: Mapping[str, object]
    clase: str
    codigo: str
    prestado: bool


class Espacios(Protocol):
    async def clases(self, *, sorteo_id: PydanticObjectId) -> Sequence[tuple[str, str | None]]:
        """The (tipo, reserva) that there are among the spaces of a draw that opens."""

    async def espacio(self, *, sorteo_id: PydanticObjectId, codigo: str) -> EspacioDelSorteo | None: ...

    async def publicados(self, *, sorteo_id: PydanticObjectId) -> SegunLaApertura:
        """To compare what the draw has with what its opening published."""

    async def tipos(self, *, sorteo_id: PydanticObjectId, codigos: Sequence[str]) -> Mapping[str, str]:
        """The kind of each of those that the draw has; another is not in it."""

    def ocupados(self, *, unidades: Ids, desde: date, hasta: date) -> Lectura[Sequence[EspacioOcupado]]:
        """What those flats hold on some day of the term, also by right."""

    async def guardar(self, *, codigo: str, solicitud_id: PydanticObjectId, desde: date, hasta: date) -> bool:
        """Keep a free space for a request; False when it is not free."""

    async def libre(self, *, codigo: str, desde: date, hasta: date) -> bool:
        """Whether `guardar` could keep it."""

    def libres(
        self, *, sorteo_id: PydanticObjectId, desde: date, hasta: date
    ) -> AsyncIterator[tuple[str, EspacioDelSorteo | None]]:
        """The codes of all spaces that stand free on all those days, in order, each with the space that the draw has
        under it, if any."""

    async def soltar(self, *, codigo: str, solicitud_id: PydanticObjectId) -> None: ...
    async def soltar_varios(self, *, solicitudes: Sequence[PydanticObjectId]) -> None:
        """Let go of what is kept for any of them."""

    async def asignar(
        self, *, sorteo_id: PydanticObjectId, desde: date, hasta: date, aceptadas: Sequence[Aceptada]
    ) -> Collection[PydanticObjectId]:
        """Turn what is kept for each of those requests into an assignment. Those for which it is not kept: then none
        is."""

    async def asignadas(self, *, solicitudes: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, Tenencia]:
        """The latest assignment that came of each; one of which none came is not in it."""

    async def revocar_varias(self, *, solicitudes: Sequence[PydanticObjectId], motivo: str | None) -> None:
        """End, as taken away, the assignments in force that came of them."""

    async def terminar(self, *, solicitud_id: PydanticObjectId) -> str | None:
        """End the assignment that came of a request; the code of its space, free from now on."""


@dataclass(frozen=True, slots=True)
class SolicitudDeListado:
    """A request on the list of a result: whose it is, and where it stands now."""

    residente_id: PydanticObjectId
    clase: str
    placa: str | None
    estado: str
    espacio: str | None


@dataclass(frozen=True, slots=True)
class TitularDeFolio:
    """Whose a request is."""

    id: PydanticObjectId
    folio: int
    unidad_id: PydanticObjectId
    vehiculo_id: PydanticObjectId


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
