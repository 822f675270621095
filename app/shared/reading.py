"""What a repository reads, said before it is read: so that several reads, of whatever modules, become one command.

To send a command and to take its answer costs a process more than most of what is asked. The reads that a page needs
at once are asked in one; each is still written in the repository whose collection it is."""

import asyncio
import struct
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, Generic, TypeVar

import attrs
from beanie import Document, PydanticObjectId
from bson import CodecOptions, decode_all
from bson.raw_bson import DEFAULT_RAW_BSON_OPTIONS

from app.shared.documents import UN_ID
from app.shared.transaction import current_session, ordenar

T = TypeVar("T", covariant=True)
U = TypeVar("U")
V = TypeVar("V")
Fila = dict[str, Any]
Accion = Callable[[], Coroutine[Any, Any, None]]
Pasos = Sequence[Mapping[str, Any]]
# Instants are in UTC as they are read; to say of which class that zone is, each of them would be made twice.
_EN_UTC: CodecOptions[Fila] = CodecOptions(tz_aware=True)
# For what is only shown: to say the zone of an instant takes as long as to read it.
_SIN_ZONA: CodecOptions[Fila] = CodecOptions(tz_aware=False)
_DE_UNA_VEZ = 1_000
# Bytes: half a millisecond of decoding.
_DE_UN_TIRON = 50_000
# How many bytes a row has, which it says itself where it begins.
_LARGO = struct.Struct("<i")
_RAIZ = "$$ROOT"


@attrs.frozen(eq=False)
class Parte:
    """Rows of the collection `de`, found by `pasos`. `por`: of those alone whose field of that name is the id that
    rows of another part have. `unica`: one row at most, whose all the rest is."""

    de: str
    pasos: Pasos
    por: "tuple[str, Campo] | None" = None
    unica: bool = False

    def busqueda(self, nombres: "Mapping[Parte, str]") -> Mapping[str, Any]:
        """For `$lookup`. `nombres`: of this part, and of those before it."""
        busqueda = {"from": self.de, "as": nombres[self]}
        if self.por is None:
            return busqueda | {"pipeline": self.pasos}
        suyo, otro = self.por
        local = f"{nombres[otro.parte]}.{otro.nombre}"
        # Where there are no rows to look for, the database looks for null, which it finds where there is no such field.
        solo_ids = () if suyo == "_id" else ({"$match": {suyo: UN_ID}},)
        return busqueda | {"localField": local, "foreignField": suyo, "pipeline": [*solo_ids, *self.pasos]}


@attrs.frozen(eq=False)
class Campo:
    """The ids that stand in a field of the rows of `parte`: for what is looked for by them in the same command."""

    parte: Parte
    nombre: str


Ids = Collection[PydanticObjectId] | Campo
"""Known ones, or those that are read in the same command."""
Por = tuple[str, Ids]


@attrs.frozen(eq=False)
class Lectura(Generic[T]):
    """Rows of collections of `base`, part by part, and what `hacer` makes of them, of each a list. Awaited, it is read.
    All of it stands in one document on its way: it is for pages and what belongs to one, not for all that there is."""

    base: Any
    partes: Sequence[Parte]
    hacer: Callable[[Sequence[list[Fila]]], T]

    @staticmethod
    def de(
        base: Any, coleccion: str, pasos: Pasos, por: Por | None = None, *, unica: bool = False
    ) -> "Lectura[list[Fila]]":
        """Rows of one collection; `por`: of those alone whose field of that name is one of those ids. `unica`: they are
        one at most; where there is none, nothing is read of what is joined to it either."""
        match por:
            case None:
                parte = Parte(coleccion, pasos, unica=unica)
            case (suyo, Campo() as campo):
                parte = Parte(coleccion, pasos, (suyo, campo))
            case (suyo, ids):
                parte = Parte(coleccion, [{"$match": {suyo: alguno_de(ids) if ids else {"$in": []}}}, *pasos])
        return Lectura(base, [parte], lambda partes: partes[0])

    @staticmethod
    def hecha(valor: U) -> "Lectura[U]":
        """Of what is known already."""
        return Lectura(None, (), lambda _: valor)

    def campo(self, nombre: str) -> Campo:
        """What its first part finds in that field: for a reading that is joined to it."""
        return Campo(self.partes[0], nombre)

    def luego(self, hacer: Callable[[T], U]) -> "Lectura[U]":
        """What `hacer` makes of what is read."""
        return Lectura(self.base, self.partes, lambda filas: hacer(self.hacer(filas)))

    def con(self, otra: "Lectura[U]") -> "Lectura[tuple[T, U]]":
        """Both in one command. What is asked of this one is read no later than what is asked of the other."""
        cuantas = len(self.partes)
        return Lectura(
            self.base if self.base is not None else otra.base,
            [*self.partes, *otra.partes],
            lambda filas: (self.hacer(filas[:cuantas]), otra.hacer(filas[cuantas:])),
        )

    def __await__(self) -> Generator[Any, None, T]:
        return self._leer().__await__()

    async def _leer(self) -> T:
        if len(self.partes) > 1:
            return self.hacer(await _reunidas(self.base, self.partes))
        return self.hacer([await agregadas(self.base[parte.de], parte.pasos) for parte in self.partes])


def al_lado(
    de: type[Document], campo: str, *, local: str | None = None, suyo: str = "_id", pasos: Pasos = ()
) -> dict[str, Any]:
    """The step that puts beside each row, in `campo`, what `pasos` leave of the documents whose `suyo` is what the row
    has in `local`; of all documents where there is no `local`."""
    por = {} if local is None else {"localField": local, "foreignField": suyo}
    return {"$lookup": {"from": de.Settings.name, **por, "as": campo, **({"pipeline": pasos} if pasos else {})}}


def alguno_de(valores: Collection[object]) -> object:
    """What a field is to be: one of these."""
    primero, *otros = valores
    return {"$in": list(valores)} if otros else primero


async def _reunidas(base: Any, partes: Sequence[Parte]) -> list[list[Fila]]:
    """The rows of each part, in one command. Within a transaction too, where `$unionWith` is refused."""
    nombres = {parte: f"_{n}" for n, parte in enumerate(partes)}
    primera = partes[0]
    if primera.unica:
        # A look into a collection less: the other parts are looked for from the row itself.
        de, pasos, otras = base[primera.de], [*primera.pasos, {"$replaceWith": {nombres[primera]: [_RAIZ]}}], partes[1:]
    else:
        de, pasos, otras = base, [{"$documents": [{}]}], partes
    junto = await agregadas(de, [*pasos, *({"$lookup": parte.busqueda(nombres)} for parte in otras)])
    return list(junto[0].values()) if junto else [[] for _ in partes]


async def agregadas(de: Any, pasos: Pasos) -> list[Fila]:
    """`de`: a collection of the driver, or the base."""

    def leer(delegado: Any, sesion: Any) -> list[bytes]:
        crudas = delegado.with_options(DEFAULT_RAW_BSON_OPTIONS)
        # Not in raw batches: of an aggregation the driver has the first one come empty, which is a command more.
        return [fila.raw for fila in crudas.aggregate(pasos, session=sesion, batchSize=_DE_UNA_VEZ)]

    return await leidas(await en_un_hilo(de, leer))


async def leidas(lotes: Sequence[bytes], *, sin_zona: bool = False) -> list[Fila]:
    """The rows that stand in those bytes, decoded in this thread: threads that decode keep each other and the loop from
    running. `sin_zona`: their instants are in UTC without saying so."""
    como = _SIN_ZONA if sin_zona else _EN_UTC
    if sum(map(len, lotes)) <= _DE_UN_TIRON:
        return [fila for lote in lotes for fila in decode_all(lote, como)]
    filas: list[Fila] = []
    for trozo in _trozos(lotes):
        filas += decode_all(trozo, como)
        await asyncio.sleep(0)
    return filas


async def a_ratos(filas: Iterable[V], *, cada: int = 100, pausa: float = 0) -> AsyncIterator[list[V]]:
    """All of them, so many at a time: a millisecond or two for whoever takes ten microseconds for each. Who waits for
    the loop has a turn before the next ones; with `pausa`, in seconds, so have the threads that it waits for."""
    restantes = iter(filas)
    while varias := list(islice(restantes, cada)):
        yield varias
        await asyncio.sleep(pausa)


@asynccontextmanager
async def por_adelantado(lotes: AsyncGenerator[V]) -> AsyncIterator[AsyncIterator[V]]:
    """`lotes`, each while the next one is being made: the database works on one as this process does on another."""

    async def otro() -> V | None:
        return await anext(lotes, None)

    siguiente = asyncio.create_task(otro())

    async def todos() -> AsyncIterator[V]:
        nonlocal siguiente
        while (lote := await siguiente) is not None:
            siguiente = asyncio.create_task(otro())
            yield lote

    try:
        yield todos()
    finally:
        siguiente.cancel()
        await asyncio.gather(siguiente, return_exceptions=True)
        await lotes.aclose()


@asynccontextmanager
async def uno_detras_de_otro() -> AsyncIterator[Callable[[Accion | None], Awaitable[None]]]:
    """A function that waits for what it was given before, and begins what it is given; with None, it only waits.
    Whatever it began has come to its end when the context does."""
    en_curso: asyncio.Task[None] | None = None

    async def hacer(otro: Accion | None) -> None:
        nonlocal en_curso
        if en_curso is not None:
            await en_curso
        en_curso = None if otro is None else asyncio.create_task(otro())

    try:
        yield hacer
    finally:
        if en_curso is not None:
            await asyncio.gather(en_curso, return_exceptions=True)


def _trozos(lotes: Iterable[bytes]) -> Iterator[bytes]:
    """Whole rows, about so many bytes of them at a time as are decoded at once. To decode many at once takes less than
    to decode each."""
    for lote in lotes:
        desde = hasta = 0
        while hasta < len(lote):
            hasta += _LARGO.unpack_from(lote, hasta)[0]
            if hasta - desde >= _DE_UN_TIRON or hasta == len(lote):
                yield lote[desde:hasta]
                desde = hasta


async def en_un_hilo(de: Any, leer: Callable[[Any, Any], U]) -> U:
    """What `leer` makes of what the driver has below `de`, and of its session: however often it asks, one hop to a
    thread."""
    sesion = current_session()
    propia = None if sesion is None else sesion.delegate
    with de.orden():
        return await ordenar(lambda: leer(de.delegate, propia))
