"""Files of rows that people bring in, as the modules see them: what a file may say, and what becomes of its rows.

A module says which columns it knows (`Vocabulario`), reads a row, and plans what a batch of them does (`Importacion`).
The mechanism finds the heading, hands out batches, and writes each together with the mark of how far the job came.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from beanie import PydanticObjectId

from app.core.jobs.contract import Rechazo, RefDeArchivo, ResultadoOut
from app.core.security import Principal
from app.shared.exceptions import EntradaExcesiva
from app.shared.schemas import OutputSchema

D = TypeVar("D")
MAXIMO_DE_FILAS = 100_000


class DemasiadasFilas(EntradaExcesiva):
    codigo = "demasiadas_filas"


class IgnoradasOut(OutputSchema):
    """Rows that say nothing; the `lineas` of the first of them."""

    total: int
    lineas: list[int]


class EncabezadoOut(OutputSchema):
    """Where the heading was found, and what was made of its columns."""

    linea: int
    columnas: list[str]
    desconocidas: list[str]


class ImportacionOut(ResultadoOut):
    """What an import did, in rows. What the module counts beside stands in a class of its own: `…: int` each."""

    simulado: bool
    creadas: int
    cambiadas: int
    sin_cambio: int
    rechazadas: int
    supuestos: int
    ignoradas: IgnoradasOut
    encabezado: EncabezadoOut


@dataclass(frozen=True, slots=True)
class Vocabulario:
    """`columnas`: the headings of each field, folded as `headings.plegar` does; a field may be written
    `campo#variante`, for headings that say more, such as which kind of document. `exigidas`: which fields a heading
    must have, any one of these sets. `grupos`: the headings of people of a kind, whose bare name is the field `nombre`;
    `de_grupo`: the fields that such a heading makes theirs, as far as the next. `varias`: what may stand in several
    columns. `claves`: what may not, for a row would be of two things."""

    columnas: Mapping[str, Sequence[str]]
    exigidas: Sequence[frozenset[str]]
    claves: frozenset[str]
    varias: frozenset[str] = frozenset()
    grupos: Mapping[str, Sequence[str]] = field(default_factory=dict)
    de_grupo: frozenset[str] = frozenset()
    nombre: str = ""


@dataclass(frozen=True, slots=True)
class Columna:
    """The column `numero`, from 0, under `titulo`, says `campo` (`variante`) of `grupo`, which is empty where no
    heading names one."""

    numero: int
    titulo: str
    campo: str
    variante: str = ""
    grupo: str = ""


@dataclass(frozen=True, slots=True)
class Encabezado:
    """The heading, in line `linea` of sheet `hoja` (from 0): `ancho` columns, those that say something, and the titles
    of those that nobody knows."""

    hoja: int
    linea: int
    ancho: int
    columnas: tuple[Columna, ...]
    desconocidas: tuple[str, ...] = ()

    def dice(self, campo: str) -> bool:
        return any(columna.campo == campo for columna in self.columnas)


@dataclass(frozen=True, slots=True)
class Origen:
    """How a kept file is read: a text in an encoding, or the lines that a spreadsheet was turned into."""

    es_texto: bool
    codificacion: str = ""
    separador: str = ""


@dataclass(frozen=True, slots=True)
class Recibido:
    """A file that was taken in and understood."""

    archivo: RefDeArchivo
    origen: Origen
    encabezado: Encabezado


@dataclass(frozen=True, slots=True)
class Celda:
    columna: Columna
    texto: str


class Que(StrEnum):
    creada = "creada"
    cambiada = "cambiada"
    sin_cambio = "sin_cambio"


@dataclass(frozen=True, slots=True)
class Desenlace:
    """What a row does. `de`: what it is about, as the office calls it (a flat, a space). `cambios` and `supuestos`:
    what is new or other, and what was guessed, by names of texts in the catalogues."""

    linea: int
    que: Que
    de: str
    cambios: Sequence[str] = ()
    supuestos: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Hecho:
    """What an import wrote of one thing, so that it can be taken back: `antes` is empty for what it made."""

    clase: str
    id: PydanticObjectId
    antes: Mapping[str, Any] | None
    despues: Mapping[str, Any]


def campos_de(cosa: Desenlace | Hecho | Rechazo) -> dict[str, Any]:
    """As it is stored; what is in it is not copied, as `asdict` would do for each of many rows."""
    return {campo: getattr(cosa, campo) for campo in cosa.__slots__}


@dataclass(frozen=True, slots=True)
class Ensayada:
    """A thing as a dry run would leave it: its row, and the keys under which later rows may look for it."""

    cosa: str
    claves: Sequence[str]
    fila: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a batch does. `escribir` writes it; `ensayadas` is what the next batches of a dry run have to know of it.
    `cuentas`: how many of what, by name, for the `resultado` of the job."""

    desenlaces: Sequence[Desenlace]
    rechazos: Sequence[Rechazo]
    hechos: Sequence[Hecho]
    cuentas: Mapping[str, int]
    escribir: Callable[[], Awaitable[None]]
    ensayadas: Sequence[Ensayada]


@dataclass(frozen=True, slots=True)
class Leida(Generic[D]):
    """A row, understood; or what is wrong with it."""

    linea: int
    datos: D | None
    rechazos: Sequence[Rechazo] = ()


class Ensayo(Protocol):
    """What earlier batches of a dry run would have left."""

    async def leer(self, claves: Collection[str]) -> dict[str, dict[str, Any]]:
        """The rows of those that have any of the keys, by `cosa`."""


class Importacion(Protocol[D]):
    """One import, from its first row to its last."""

    def leer(self, linea: int, celdas: Sequence[Celda]) -> Leida[D]:
        """A row that says something. Rows come in order, and again from the first where a job goes on."""

    async def planear(self, filas: Sequence[Leida[D]], ensayo: Ensayo | None) -> Plan:
        """What those rows do to what there is now (and in `ensayo`). In the transaction that writes it."""


@dataclass(frozen=True, slots=True)
class Encargo:
    """What was asked for."""

    trabajo_id: PydanticObjectId
    quien: Principal
    parametros: Mapping[str, Any]


class Fabrica(Protocol[D]):
    def __call__(self, encargo: Encargo) -> Importacion[D]: ...


class Deshacedor(Protocol):
    """Takes back what imports of one kind made."""

    async def deshacer(self, hechos: Sequence[Hecho], quien: Principal) -> int:
        """Take back as many of them as nobody has touched since, and say how many. In the transaction in course."""
