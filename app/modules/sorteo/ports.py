"""What draws ask of others. Answers are described by what is read of them: whatever has those fields fits."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, Protocol

from beanie import PydanticObjectId

from app.core.facts.marks import Dichas
from app.modules.sorteo.custodia.ports import Alterado, PorPublicar
from app.modules.sorteo.espacios.ports import Condiciones
from app.modules.sorteo.prioridades.ports import DeHechos, Suertes
from app.modules.sorteo.toma.ports import Copias, CotejoDeCopias


class Pretendiente(Protocol):
    """Who asks for a space, or might: a flat, one of its residents, a vehicle of its own."""

    @property
    def unidad_id(self) -> PydanticObjectId: ...
    @property
    def residente_id(self) -> PydanticObjectId: ...
    @property
    def clase(self) -> str: ...
    @property
    def electrico(self) -> bool: ...
    @property
    def usa_condiciones(self) -> bool: ...


class SolicitudDelSorteo(Pretendiente, Protocol):
    """A request by its folio. `impedimentos`: those of now. `alterada`: where it is not right; else None."""

    @property
    def id(self) -> PydanticObjectId: ...
    @property
    def folio(self) -> int: ...
    @property
    def vehiculo_id(self) -> PydanticObjectId: ...
    @property
    def estado(self) -> str: ...
    @property
    def tipos(self) -> tuple[str, ...]: ...
    @property
    def preferencias(self) -> tuple[str, ...]: ...
    @property
    def habitantes(self) -> Sequence[PydanticObjectId]:
        """Who lived there when it was handed in."""

    @property
    def impedimentos(self) -> tuple[str, ...]: ...
    @property
    def alterada(self) -> str | None: ...


class Juzgada(Protocol):
    """A flat as far as it is judged. `condiciones`: those that count for the request; `sancionada`: a sanction in force
    excludes the flat."""

    @property
    def al_dia(self) -> bool: ...
    @property
    def condiciones(self) -> frozenset[str]: ...
    @property
    def sancionada(self) -> bool: ...


class Cotejo(CotejoDeCopias, Protocol):
    """All requests of a draw that closes, by folio; of what is `alterada` only id and folio are told. `faltan`: the
    folios of which the audit was told and that were not found so far."""

    async def siguientes(self, *, limite: int) -> Sequence[SolicitudDelSorteo]:
        """Judged by nobody yet."""

    async def juzgar(self, pedidos: Sequence[tuple[SolicitudDelSorteo, Juzgada]]) -> Sequence[Sequence[str]]:
        """The impediments of each, by facts that were compared with their marks, in the transaction in which they were
        read: whoever writes for the moment of another reading keeps nobody out."""

    @property
    def faltan(self) -> Collection[int]: ...


class SolicitudDeListado(Protocol):
    """A request on the list of a result: whose it is, and where it stands now."""

    @property
    def residente_id(self) -> PydanticObjectId: ...
    @property
    def clase(self) -> str: ...
    @property
    def placa(self) -> str | None: ...
    @property
    def estado(self) -> str: ...
    @property
    def espacio(self) -> str | None: ...


class Solicitudes(Copias, PorPublicar, Suertes, Protocol):
    """The window of a draw. Except for `asentar` and `por_publicar`, every call joins the transaction of its caller."""

    async def preparar(
        self,
        *,
        sorteo_id: PydanticObjectId,
        aprobacion: Literal["manual", "automatica"],
        exige_al_dia: bool,
        al_dia_en: Literal["solicitud", "cierre"],
        max_por_unidad: int,
        max_por_tipo: Mapping[str, int],
        reglamento: str | None,
        compatibilidad: Mapping[str, Sequence[str]],
        aceptacion: Literal["requerida", "tacita"],
        plazo_aceptacion_horas: int,
        liberar_reservas: bool,
        desde: date,
        hasta: date,
    ) -> None:
        """`reglamento`: the hash of what whoever asks must accept."""

    async def abrir(self, *, sorteo_id: PydanticObjectId, cierre: datetime | None) -> None: ...
    async def cerrar(self, *, sorteo_id: PydanticObjectId) -> None: ...

    async def asentar(self, *, sorteo_id: PydanticObjectId) -> None:
        """Once it is shut, outside of any transaction: when this returns, nothing that came before is on its way."""

    async def pendientes(self, *, sorteo_id: PydanticObjectId) -> int: ...

    async def por_folio(
        self,
        *,
        sorteo_id: PydanticObjectId,
        despues_de: int = 0,
        limite: int = 1000,
        ids: Sequence[PydanticObjectId] | None = None,
    ) -> Sequence[SolicitudDelSorteo]: ...

    async def cotejo(self, *, sorteo_id: PydanticObjectId) -> Cotejo: ...

    async def rechazar(self, *, sorteo_id: PydanticObjectId, rechazos: Mapping[int, str]) -> None:
        """At the closing: by folio, the rule that does not hold."""

    async def aprobar(self, *, sorteo_id: PydanticObjectId, limite: int) -> int:
        """At the closing, up to `limite` of those that nobody decided; how many."""

    async def descongelar(self, *, sorteo_id: PydanticObjectId, despues_de: int, limite: int) -> int | None: ...
    async def pasar_a(self, *, sorteo_id: PydanticObjectId, fase: Literal["publicado", "terminado"]) -> None: ...

    async def anular(self, *, sorteo_id: PydanticObjectId, motivo: str | None, limite: int = 1000) -> int:
        """Cancel up to `limite` of the requests that are alive, also those that got a space; how many."""

    async def en_espera(self, *, sorteo_id: PydanticObjectId) -> bool:
        """Whether anybody waits for a space, or has not answered."""

    async def completas(self, *, sorteo_id: PydanticObjectId, cuantas: int) -> bool:
        """Whether so many that were drawn are there, as the rules left them."""

    async def finalizar(self, *, sorteo_id: PydanticObjectId, limite: int = 1000) -> int: ...

    async def a_quienes(
        self, *, ids: Sequence[PydanticObjectId]
    ) -> Mapping[PydanticObjectId, Sequence[PydanticObjectId]]: ...


class Propias(Protocol):
    async def propias(self, *, residente_id: PydanticObjectId) -> Sequence[PydanticObjectId]:
        """The requests whose level and reasons a resident may see."""

    async def lugares_en_espera(self, *, ids: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, int]:
        """Of those that wait, the place among all who still wait in their draw."""


class Listado(Protocol):
    async def listado(self, *, ids: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, SolicitudDeListado]: ...

    async def desenlaces(self, *, sorteos: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, Mapping[str, int]]:
        """By draw: how many `solicitudes` there were; of those that the draw gave a space, how many `aceptadas`,
        `declinadas`, `vencidas`, `sin_responder`; of the others, how many `recibieron` an offer later or `siguen`
        waiting."""


class CambioDeHechos(Protocol):
    @property
    def unidad_id(self) -> PydanticObjectId: ...
    @property
    def campo(self) -> str: ...
    @property
    def cuando(self) -> datetime: ...


class NombreDeUnidad(Protocol):
    @property
    def torre(self) -> str | None: ...
    @property
    def apartamento(self) -> str: ...


class VehiculoConPlaca(Protocol):
    @property
    def vehiculo_id(self) -> PydanticObjectId: ...
    @property
    def unidad_id(self) -> PydanticObjectId: ...
    @property
    def tipo(self) -> str: ...


class Unidades(Protocol):
    async def ocupar_unidad(self, *, unidad_id: PydanticObjectId) -> bool:
        """Whether there is such a flat; it stays while the transaction in course lasts, which makes it be named."""


class Lugares(Unidades, Condiciones, Protocol):
    """The flats that have a right to a space, and the conditions for which one is kept."""


class Vivienda(Protocol):
    """`ocupadas`: the flats in which somebody lives. `alterado`: what of it somebody wrote on the database."""

    @property
    def ocupadas(self) -> Sequence[PydanticObjectId]: ...
    @property
    def alterado(self) -> str | None: ...


class Padron(Lugares, DeHechos, Protocol):
    async def aspirantes(
        self, *, despues_de: PydanticObjectId | None, limite: int
    ) -> tuple[Sequence[Pretendiente], PydanticObjectId | None]:
        """Who might ask with the next `limite` vehicles of the roll, and the last of these: None when it is all."""

    async def alterado_con_condicion(self, *, dichas: Dichas) -> Alterado | None:
        """The first of those who have or had a condition, wherever they live, who is not there, or of whom somebody
        wrote on the database what a draw reads."""

    async def cambios(self, *, unidades: Sequence[PydanticObjectId], desde: datetime) -> Sequence[CambioDeHechos]:
        """Facts of those flats that staff changed since then, as far as it stands with them."""

    async def cambios_dichos(self, *, desde: datetime) -> Mapping[PydanticObjectId, Sequence[CambioDeHechos]]:
        """The same of all flats, as far as the audit was told."""

    async def unidades_de(self, *, residente_id: PydanticObjectId) -> Sequence[PydanticObjectId]: ...

    async def vivienda(self, *, residente_id: PydanticObjectId) -> Vivienda | None:
        """For who is about to do something for where they live."""

    async def unidades_de_torres(self, *, torres: Sequence[str]) -> Sequence[PydanticObjectId]: ...

    async def residentes_de(
        self, *, unidades: Sequence[PydanticObjectId]
    ) -> Mapping[PydanticObjectId, Sequence[PydanticObjectId]]:
        """The active residents of each of those flats; one where nobody lives is not in it."""

    async def vehiculo(self, *, placa: str) -> VehiculoConPlaca | None: ...

    async def vehiculo_alterado(self, *, vehiculos: Sequence[PydanticObjectId]) -> PydanticObjectId | None:
        """The first of those that no act made what it is, and whose."""

    async def nombres_de(
        self, *, unidades: Sequence[PydanticObjectId]
    ) -> Mapping[PydanticObjectId, NombreDeUnidad]: ...

    async def personas(self, *, residentes: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, str]: ...


class CabezaDeAuditoria(Protocol):
    """The last row of the audit's chain at some moment: its number and its mac."""

    @property
    def n(self) -> int: ...
    @property
    def mac(self) -> str: ...


class Auditoria(Protocol):
    async def cabeza(self) -> CabezaDeAuditoria | None: ...


DatoDeAviso = str | int | date | PydanticObjectId | None
"""A value that fills a notice; an instant is a `date` too."""


class Avisos(Protocol):
    """Telling people, in the transaction in course."""

    async def difundir(self, *, tipo: str, datos: Mapping[str, DatoDeAviso]) -> None: ...

    async def avisar_varios(
        self, *, tipo: str, avisos: Sequence[tuple[PydanticObjectId, Mapping[str, DatoDeAviso]]]
    ) -> None:
        """Tell each resident what is theirs."""


class Cuentas(Protocol):
    async def otro_confirmador(self, *, excepto: PydanticObjectId, desde: datetime) -> bool:
        """Whether somebody else could confirm an annulment: an active admin or auditor, so since before `desde`."""

    async def puede_confirmar(self, *, usuario_id: PydanticObjectId, desde: datetime) -> bool: ...
