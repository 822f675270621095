"""What every repository does: one document type, inside the transaction in course, index errors given their names."""

import re
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

import attrs
from beanie import Document, PydanticObjectId
from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from app.shared.documents import escrito
from app.shared.exceptions import ParkNetError
from app.shared.pagination import Nombrados, Page, PageQuery, pedir
from app.shared.reading import Fila as Fila
from app.shared.reading import Lectura, Pasos, Por, agregadas, en_un_hilo, leidas
from app.shared.transaction import apuntar, current_session, exigir_transaccion

D = TypeVar("D", bound=Document)
T = TypeVar("T")
Filtro = Mapping[str, Any]
Orden = Sequence[tuple[str, int]]
# The name of the index stands before the values that were refused: whatever these say, nobody looks at them.
_INDICE = re.compile(r" index: (\S+) dup key: ")
_POR_ID: Orden = (("_id", 1),)
_DE_UNA_VEZ = 200
_EN_UNA_RESPUESTA = 10_000  # by default, a hundred
Cambio = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Repository(Generic[D]):
    """Subclasses say the document, the sorts a client may ask for (the first is the default; the values of those
    fields are never null, and an index serves each: on the field and the id, or on the field alone for one of
    `ordenes_unicos`, whose values are all different), and the domain error of each unique index."""

    model: type[D]
    ordenes: ClassVar[tuple[str, ...]] = ("_id",)
    ordenes_unicos: ClassVar[frozenset[str]] = frozenset({"_id"})
    se_ordena_por: ClassVar[Mapping[str, str]] = {}
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {}

    @property
    def _coleccion(self) -> Any:
        return self.model.get_motor_collection()

    async def get(self, id: PydanticObjectId | str) -> D | None:
        return await self.find_one({"_id": id})

    async def find_one(self, filtro: Filtro, *, orden: Orden | None = None) -> D | None:
        crudo = await self._coleccion.find_one(filtro, sort=orden, session=current_session())
        return None if crudo is None else self._leer(crudo)

    async def find(self, filtro: Filtro, *, orden: Orden = _POR_ID, limite: int = 0) -> list[D]:
        """All that match, or the first `limite`."""
        return [self._leer(fila) for fila in await self.rows(filtro, orden=orden, limite=limite)]

    async def rows(
        self,
        filtro: Filtro,
        campos: Collection[str] | None = None,
        *,
        orden: Orden = _POR_ID,
        limite: int = 0,
        sin_zona: bool = False,
    ) -> list[Fila]:
        """Rows as they are stored, with `campos` and the id alone. Empty `orden`: as they come. `sin_zona`: for rows
        that are only shown, whose instants are in UTC without saying so, and compare with none that do."""
        # The database would rather walk all ids in their order than sort what few of them match.
        por_id = not limite and tuple(orden) == _POR_ID
        filas = await leidas(await self.batches(filtro, campos, () if por_id else orden, limite), sin_zona=sin_zona)
        return sorted(filas, key=lambda fila: fila["_id"]) if por_id else filas

    async def batches(self, filtro: Filtro, campos: Collection[str] | None, orden: Orden, limite: int) -> list[bytes]:
        """The same in the bytes in which they are stored, one after the other."""
        como = {"sort": list(orden) or None, "limit": limite, "batch_size": limite or _EN_UNA_RESPUESTA}
        return await en_un_hilo(self._coleccion, lambda c, s: [*c.find_raw_batches(filtro, campos, session=s, **como)])

    async def aggregate(self, pasos: Pasos) -> list[Fila]:
        return await agregadas(self._coleccion, pasos)

    def reading(
        self, pasos: Pasos, hacer: Callable[[list[Fila]], T], *, por: Por | None = None, unica: bool = False
    ) -> Lectura[T]:
        """What `hacer` makes of the rows that the steps give, when it is read: see `Lectura.de`."""
        de = self._coleccion
        return Lectura.de(de.database, de.name, pasos, por, unica=unica).luego(hacer)

    async def row(self, filtro: Filtro, campos: Collection[str] | None = None) -> Fila | None:
        fila: Fila | None = await self._coleccion.find_one(filtro, campos, session=current_session())
        return fila

    async def iterate(self, filtro: Filtro, *, orden: Orden = _POR_ID) -> AsyncIterator[D]:
        cursor = self._coleccion.find(filtro, session=current_session()).sort(list(orden))
        # The driver hands each call to a thread: one call fetches many rows.
        filas: list[Fila] = [{}]
        while filas:
            with self._coleccion.orden():
                filas = await cursor.to_list(_DE_UNA_VEZ)
            for fila in filas:
                yield self._leer(fila)

    async def count(self, filtro: Filtro, *, tope: int | None = None) -> int:
        limite = {} if tope is None else {"limit": tope}
        total: int = await self._coleccion.count_documents(filtro, session=current_session(), **limite)
        return total

    async def cola(self, filtro: Filtro, campo: str) -> tuple[int, datetime | None]:
        """How many match, and the earliest instant in `campo` among them."""
        primera = (await self.rows(filtro, [campo], orden=[(campo, 1)], limite=1)) or [{}]
        return await self.count(filtro), primera[0].get(campo)

    async def distinct(self, campo: str, filtro: Filtro) -> list[Any]:
        return list(await self._coleccion.distinct(campo, filtro, session=current_session()))

    async def insert(self, doc: D) -> D:
        exigir_transaccion()
        try:
            resultado = await self._coleccion.insert_one(self._escribir(doc), session=current_session())
        except DuplicateKeyError as error:
            raise self._nombrar(error) from error
        doc.id = PydanticObjectId(resultado.inserted_id)
        self._apuntar(doc.id)
        return doc

    async def insert_many(self, docs: Iterable[D]) -> None:
        """Stops at the first that is refused."""
        await self.insert_rows([self._escribir(doc) for doc in docs])

    async def insert_rows(self, filas: Sequence[Fila]) -> None:
        """The same of rows that are stored as they stand: for many at once, of which nobody needs the documents."""
        if not filas:
            return
        exigir_transaccion()
        try:
            resultado = await self._coleccion.insert_many(filas, session=current_session())
        except BulkWriteError as error:
            raise self._nombrar(error) from error
        self._apuntar(*resultado.inserted_ids)

    async def update_one(self, filtro: Filtro, cambio: Cambio, *, orden: Orden | None = None) -> D | None:
        """Change the one that matches (the first in `orden`) and return it as it is now; None when none did."""
        exigir_transaccion()
        try:
            crudo = await self._coleccion.find_one_and_update(
                filtro, cambio, sort=orden, return_document=ReturnDocument.AFTER, session=current_session()
            )
        except DuplicateKeyError as error:
            raise self._nombrar(error) from error
        if crudo is None:
            return None
        self._apuntar(crudo["_id"])
        return self._leer(crudo)

    async def update_many(self, filtro: Filtro, cambio: Cambio) -> int:
        """How many matched."""
        exigir_transaccion()
        resultado = await self._coleccion.update_many(filtro, cambio, session=current_session())
        return self._apuntar_varios(int(resultado.matched_count))

    async def delete_one(self, filtro: Filtro) -> bool:
        exigir_transaccion()
        crudo = await self._coleccion.find_one_and_delete(filtro, projection=["_id"], session=current_session())
        if crudo is not None:
            self._apuntar(crudo["_id"])
        return crudo is not None

    async def delete_many(self, filtro: Filtro) -> int:
        exigir_transaccion()
        resultado = await self._coleccion.delete_many(filtro, session=current_session())
        return self._apuntar_varios(int(resultado.deleted_count))

    async def delete_batch(self, filtro: Filtro, *, orden: Orden, limite: int) -> int:
        """Delete the first `limite` in `orden` that match; how many they were."""
        ids = [fila["_id"] for fila in await self.rows(filtro, ["_id"], orden=orden, limite=limite)]
        return await self.delete_many({**filtro, "_id": {"$in": ids}}) if ids else 0

    async def upsert_one(self, filtro: Filtro, cambio: Cambio) -> None:
        exigir_transaccion()
        resultado = await self._coleccion.update_one(filtro, cambio, upsert=True, session=current_session())
        self._apuntar(resultado.upserted_id)

    async def bulk_write(self, ordenes: Sequence[UpdateOne]) -> int:
        """Do several writes in one command, in no order; how many documents matched or were put in."""
        exigir_transaccion()
        resultado = await self._coleccion.bulk_write(ordenes, ordered=False, session=current_session())
        return self._apuntar_varios(int(resultado.matched_count + resultado.upserted_count))

    async def put_again(self, filas: Sequence[Fila]) -> None:
        """Many rows, read whole in the transaction in course, as they are to be: whoever else changes one of them
        collides. They are taken out and put in. To change a row within a transaction takes as long as there are
        indexes, times as many again (docs/decisions/0032)."""
        if filas:
            exigir_transaccion()
            suyas = {"_id": {"$in": [fila["_id"] for fila in filas]}}
            await self._coleccion.delete_many(suyas, session=current_session())
            await self._coleccion.insert_many(filas, session=current_session())
            self._apuntar_varios(len(filas))

    async def page(
        self, filtro: Filtro, consulta: PageQuery, *, orden_fijo: str | None = None, sin_empates: Collection[str] = ()
    ) -> Page[D]:
        """One page of documents: see `page_of_rows`."""
        pagina = await self.page_of_rows(filtro, consulta, orden_fijo=orden_fijo, sin_empates=sin_empates)
        return pagina.con([self._leer(fila) for fila in pagina.items])

    async def page_of_rows(
        self,
        filtro: Filtro,
        consulta: PageQuery,
        campos: Collection[str] | None = None,
        *,
        orden_fijo: str | None = None,
        sin_empates: Collection[str] = (),
        sin_zona: bool = False,
    ) -> Page[Fila]:
        """One page, by `consulta.orden` and then by id; by `orden_fijo`, whatever was asked for, where there is one.
        `sin_empates`: fields whose values are all different among what matches, beside `ordenes_unicos`. `campos`: what
        is read of each, with the fields of the order; None: everything. Raises EntradaInvalida for an `orden` or cursor
        not ours. `sin_zona`: see `rows`."""
        unicos, llamados = {*self.ordenes_unicos, *sin_empates}, self.se_ordena_por
        pedida = pedir(filtro, consulta, ordenes=self.ordenes, unicos=unicos, orden_fijo=orden_fijo, llamados=llamados)
        leidos = None if campos is None else {*campos, pedida.campo}
        filas = await self.rows(pedida.filtro, leidos, orden=pedida.orden, limite=pedida.limite, sin_zona=sin_zona)
        return pedida.pagina(filas, await self._total(consulta.entre(filtro), pedida.contar_hasta))

    def page_with(
        self,
        filtro: Filtro,
        consulta: PageQuery,
        campos: Collection[str],
        nombrados: Nombrados,
        *,
        sin_empates: Collection[str] = (),
    ) -> Lectura[tuple[Page[Fila], list[Fila]]]:
        """The same with the documents that its rows name, each once, in one command. `campo` of it is of the rows."""
        unicos, llamados = {*self.ordenes_unicos, *sin_empates}, self.se_ordena_por
        pedida = pedir(filtro, consulta, ordenes=self.ordenes, unicos=unicos, llamados=llamados)
        filas = self.reading(pedida.pasos(campos), list)
        suyos = ("_id", filas.campo(nombrados.campo))
        nombradas = Lectura.de(filas.base, nombrados.coleccion, nombrados.pasos, suyos)
        total = self._total(consulta.entre(filtro), pedida.contar_hasta)
        return filas.con(nombradas).con(total).luego(lambda leido: (pedida.pagina(leido[0][0], leido[1]), leido[0][1]))

    def _total(self, filtro: Filtro, tope: int | None) -> Lectura[int | None]:
        if tope is None:
            return Lectura.hecha(None)
        pasos: Pasos = [{"$match": filtro}, {"$limit": tope}, {"$count": "n"}]
        return self.reading(pasos, lambda filas: sum(fila["n"] for fila in filas))

    def _apuntar(self, *ids: object) -> None:
        apuntar(self._coleccion.name, ids)

    def _apuntar_varios(self, cuantos: int) -> int:
        """Note a write of which nobody knows what documents it changed."""
        if cuantos:
            self._apuntar(None)
        return cuantos

    def _leer(self, crudo: Mapping[str, Any]) -> D:
        doc: D = self.model.model_validate(crudo)
        return doc

    def _escribir(self, doc: D) -> dict[str, Any]:
        return escrito(doc)

    def _nombrar(self, error: DuplicateKeyError | BulkWriteError) -> Exception:
        """The domain error of the unique index that refused, or `error` itself when the index has none."""
        detalles = error.details or {}
        rechazos = [detalles, *detalles.get("writeErrors", ())]
        hallados = (_INDICE.search(rechazo.get("errmsg", "")) for rechazo in rechazos)
        return next((self.unicos[h[1]]() for h in hallados if h is not None and h[1] in self.unicos), error)


Lote = tuple[list[Fila], PydanticObjectId | None]
"""Rows, and the id of the last that was looked at; None when there was none left."""


def despues_de(ultimo: PydanticObjectId | None) -> Filtro:
    return {} if ultimo is None else {"_id": {"$gt": ultimo}}


@attrs.define(kw_only=True)
class FilasPorId(Generic[D]):
    """Rows of one repository with those `campos`, and the id, a batch at a time: for who copies them all."""

    _filas: Repository[D]
    _campos: Sequence[str]

    async def siguientes(self, *, ultimo: PydanticObjectId | None, limite: int) -> Lote:
        """Up to `limite` rows after the one of that id, by ascending id."""
        filas = await self._filas.rows(despues_de(ultimo), self._campos, limite=limite)
        return filas, filas[-1]["_id"] if filas else None

    async def de(self, *, ids: Sequence[PydanticObjectId]) -> list[Fila]:
        """Those of the ids that there are."""
        return await self._filas.rows({"_id": {"$in": list(ids)}}, self._campos)

    async def cuantas(self) -> int:
        return await self._filas.count({})
