"""Jobs, as every module sees them: who queues one, who does it, what states it has, and how one looks from outside."""

from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any, Literal, Protocol

from beanie import PydanticObjectId
from pydantic import TypeAdapter
from typing_extensions import TypeAliasType

from app.core.security import Principal
from app.shared.exceptions import Conflicto, Dato, NoDisponible
from app.shared.messages import Idioma, mensaje, titulo
from app.shared.schemas import InstanteOut, OutputSchema


class EstadoTrabajo(StrEnum):
    en_cola = "en_cola"
    en_curso = "en_curso"
    hecho = "hecho"
    fallido = "fallido"
    cancelado = "cancelado"


_INSTANTE = TypeAdapter(InstanteOut)
TERMINADOS = frozenset({EstadoTrabajo.hecho, EstadoTrabajo.fallido, EstadoTrabajo.cancelado})


class TrabajoCancelado(Conflicto):
    """Somebody asked that the job stop. Out of a `Contexto` it ends the work; a handler lets it pass."""

    codigo = "trabajo_cancelado"


class TrabajoPerdido(NoDisponible):
    """The job has gone to another process, which took this one for dead. A handler lets it pass."""

    codigo = "trabajo_perdido"


class TrabajoInterrumpido(NoDisponible):
    """Every attempt broke off in the middle of it."""

    codigo = "trabajo_interrumpido"


@dataclass(frozen=True, slots=True)
class RefDeArchivo:
    """A kept file: `partes` pieces, which are `tamano` bytes together. As a dict it fits into `parametros`."""

    id: PydanticObjectId
    partes: int
    tamano: int


@dataclass(frozen=True, slots=True)
class Rechazo:
    """A row that was refused. `linea` counts from 1, the header included; `campo` is the name of a column of ours,
    empty for the whole row; `codigo` has a text in the catalogues, which `datos` fills in."""

    linea: int
    campo: str
    codigo: str
    datos: Mapping[str, Dato] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fallo:
    """Why a job failed, as the call itself would have said it."""

    codigo: str
    status: int
    datos: Mapping[str, Dato]


@dataclass(frozen=True, slots=True)
class Entregado:
    """The file that a job made, until `vence_en`."""

    nombre: str
    tipo: str
    tamano: int
    vence_en: datetime


@dataclass(frozen=True, slots=True)
class TrabajoVisto:
    """A job from outside. `version` grows with every change of it."""

    id: PydanticObjectId
    tipo: str
    estado: EstadoTrabajo
    hecho: int
    total: int | None
    errores: int
    resultado: Mapping[str, Any] | None
    fallo: Fallo | None
    archivo: Entregado | None
    version: int

    @property
    def terminado(self) -> bool:
        return self.estado in TERMINADOS


class Contexto(Protocol):
    """What a handler gets of the job that it does. Whatever writes raises TrabajoCancelado or TrabajoPerdido when the
    work is to stop; both are for the worker, not for the handler."""

    @property
    def trabajo_id(self) -> PydanticObjectId: ...

    @property
    def quien(self) -> Principal:
        """Who asked for it, with the rights they had then."""

    @property
    def parametros(self) -> Mapping[str, Any]: ...

    @property
    def entrada(self) -> RefDeArchivo | None:
        """The file that came with it."""

    @property
    def punto(self) -> Mapping[str, Any]:
        """Where an earlier attempt came to: what the last `guardar` that was committed said; at first, empty."""

    async def avanzar(self, *, hecho: int, total: int | None = None) -> None:
        """Say how far it is: call it as often as wished, some of it is written."""

    async def guardar(self, *, punto: Mapping[str, Any], hecho: int, total: int | None = None) -> None:
        """The write that makes a batch happen once: as the first of the batch's transaction it keeps everybody else
        from the job until that ends, and what the batch wrote counts only together with its `punto`."""

    async def rechazar(self, *, filas: Iterable[Rechazo]) -> None:
        """Keep refused rows. The same line and field again is the same row. Joins the transaction in course."""

    async def entregar(self, *, nombre: str, tipo: str, contenido: bytes | AsyncIterable[bytes]) -> None:
        """Leave a file (`tipo`: its media type) to who asked, and to nobody else: sealed, erased after a day. It counts
        when the job ends well; of several, the last."""


class Vigencia(Protocol):
    async def sigue(self, quien: Principal) -> bool:
        """Whether that caller would still be taken for the same: a job may begin, or go on, long after it was asked
        for."""


class Bitacora(Protocol):
    async def suceso(
        self, *, tipo: str, hecho: bool = True, datos: Mapping[str, str], objeto: PydanticObjectId | None = None
    ) -> None:
        """A row of the audit, in the transaction in course. `datos`: codes and ids."""

    async def aparte(self, *, tipo: str, datos: Mapping[str, str], objeto: PydanticObjectId) -> None:
        """The same, beside the row of the act in which it comes about."""

    async def dichos(self, *, objeto: PydanticObjectId, tipos: Collection[str]) -> Sequence[Mapping[str, str]]:
        """The `datos` of every event of those kinds about `objeto`, as far as they are ours."""


class Encargado(Protocol):
    """Does jobs of one `tipo`. After a crash it is called again, perhaps elsewhere, with the `punto` it had saved."""

    async def realizar(self, *, contexto: Contexto) -> Mapping[str, Any] | None:
        """What it made: the `resultado` of the job, the `propio` of a ResultadoOut of its kind, with nothing in
        it that may be shown once only. A ParkNetError that it raises is the job's end (`fallido`, with its `codigo`);
        NoDisponible, and whatever nobody foresaw, is tried again a few times."""


class Cola(Protocol):
    """Where modules leave work for later."""

    async def encolar(
        self,
        *,
        tipo: str,
        parametros: Mapping[str, Any],
        quien: Principal,
        unico: str | None = None,
        entrada: RefDeArchivo | None = None,
    ) -> PydanticObjectId:
        """Queue a job, in the transaction in course if there is one. `parametros`: what BSON holds, and no secrets.
        While one with the same `unico` has not ended, it is that one. `entrada` is erased when the job ends."""


class Archivos(Protocol):
    """Files on their way in, sealed, in pieces, never whole in memory. What no job took is erased after a day."""

    async def guardar(self, *, contenido: AsyncIterable[bytes]) -> RefDeArchivo: ...

    async def borrar(self, *, archivo: RefDeArchivo) -> None: ...

    def leer(self, *, archivo: RefDeArchivo) -> AsyncIterator[bytes]:
        """Its bytes. Raises ArchivoIncompleto (a RuntimeError) if they are not all as they were written."""


class ArchivoOut(OutputSchema):
    nombre: str
    tipo: str
    tamano: int
    vence_en: InstanteOut


class ResultadoOut(OutputSchema):
    """What a job made; its class by `tipo`, which is that of the job. `archivo`: the file that it made, if any."""

    tipo: str
    archivo: ArchivoOut | None

    def propio(self) -> Mapping[str, Any]:
        """What an `Encargado` says of it: the job knows its kind and its file."""
        return self.model_dump(mode="json", exclude={"tipo", "archivo"})


class FalloOut(OutputSchema):
    """Why a job failed, as the call itself would have said it."""

    tipo: Literal["fallo"]
    codigo: str
    status: int
    title: str
    detail: str
    datos: dict[str, Any]


TipoDeTrabajo = TypeAliasType("TipoDeTrabajo", str)
ResultadoDeTrabajo = TypeAliasType("ResultadoDeTrabajo", dict[str, Any])
"""A ResultadoOut of the kind of its job, or a FalloOut. Each module has its own: who knows all modules tells the
document which there are."""


class TrabajoOut(OutputSchema):
    """`total` is null until it is known. `resultado`: of a job that is `hecho`, what it made; of one that is `fallido`,
    the problem; of any other, null."""

    id: PydanticObjectId
    tipo: TipoDeTrabajo
    estado: EstadoTrabajo
    hecho: int
    total: int | None
    errores: int
    resultado: ResultadoDeTrabajo | None


class EventoDeTrabajo(OutputSchema):
    """One of the events that follow a job. `data`: a TrabajoOut, in one line."""

    event: Literal["progreso", "fin"]
    id: str
    data: str


def trabajo_out(visto: TrabajoVisto, idioma: Idioma, zona: tzinfo) -> TrabajoOut:
    """What a client sees of a job; why it failed, in that language."""
    return TrabajoOut(
        id=visto.id,
        tipo=visto.tipo,
        estado=visto.estado,
        hecho=visto.hecho,
        total=visto.total,
        errores=visto.errores,
        resultado=_hecho(visto) if visto.fallo is None else _fallo(visto.fallo, idioma, zona),
    )


def _hecho(visto: TrabajoVisto) -> dict[str, Any] | None:
    if visto.resultado is None and visto.archivo is None:
        return None
    archivo = None if visto.archivo is None else ArchivoOut.model_validate(visto.archivo).model_dump(mode="json")
    return {**(visto.resultado or {}), "tipo": visto.tipo, "archivo": archivo}


def _fallo(fallo: Fallo, idioma: Idioma, zona: tzinfo) -> dict[str, Any]:
    datos = {n: _INSTANTE.dump_python(v) if isinstance(v, datetime) else v for n, v in fallo.datos.items()}
    return FalloOut(
        tipo="fallo",
        codigo=fallo.codigo,
        status=fallo.status,
        title=titulo(fallo.status, idioma),
        detail=mensaje(fallo.codigo, idioma, fallo.datos, zona),
        datos=datos,
    ).model_dump(mode="json")
