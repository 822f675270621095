"""Queries on the audit. What is read to be sealed or checked is read as it is stored, whatever that is: a model would
leave out what somebody added."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import attrs
from beanie import PydanticObjectId
from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from app.modules.auditoria.cadena import Cabeza
from app.modules.auditoria.models import Apunte, Sello
from app.shared.documents import callado
from app.shared.pagination import Page, PageQuery
from app.shared.reading import alguno_de, en_un_hilo
from app.shared.repository import Repository
from app.shared.transaction import current_session

Fila = dict[str, Any]
_SELLO = PydanticObjectId("0" * 24)
_VIVO: Mapping[str, Any] = {"$currentDate": {"visto_en": True}}
_SIN_SELLAR: Mapping[str, Any] = {"n": {"$exists": False}}
_PENDIENTE: Mapping[str, Any] = {"pendiente": True, **_SIN_SELLAR}
_DE_UNA_VEZ = 20
_QUE_IMPIDEN = ("validator", "capped", "viewOn", "expireAfterSeconds")


@attrs.frozen(kw_only=True)
class Buscado:
    """`desde` included, `hasta` not."""

    actor: PydanticObjectId | None
    acciones: Sequence[str] | None
    objeto: str | None
    desde: datetime | None
    hasta: datetime | None


class ApunteRepository(Repository[Apunte]):
    model = Apunte
    ordenes: ClassVar[tuple[str, ...]] = ("-hora",)

    async def listar(self, consulta: PageQuery, buscado: Buscado) -> Page[Apunte]:
        acciones = alguno_de(buscado.acciones) if buscado.acciones else None
        iguales = {"actor": buscado.actor, "accion": acciones, "objeto": buscado.objeto}
        filtro: Fila = {campo: valor for campo, valor in iguales.items() if valor is not None}
        entre = {"$gte": buscado.desde, "$lt": buscado.hasta}
        entre = {operador: valor for operador, valor in entre.items() if valor is not None}
        return await self.page(filtro | ({"hora": entre} if entre else {}), consulta)

    async def anotar(self, filas: Sequence[Fila]) -> None:
        """Insert rows of the fields of `Apunte`. Every act waits for it, so they are written as they come: a model
        checked and encoded takes as long as the insertion."""
        if len(filas) == 1:
            await self._coleccion.insert_one(filas[0], session=current_session())
        else:
            await self._coleccion.insert_many(filas, session=current_session())

    async def impedida(self) -> bool:
        """Whether the collection says which rows it refuses, or keeps so many alone. Outside of any transaction."""
        opciones = await en_un_hilo(self._coleccion, lambda delegado, _: delegado.options())
        return any(opciones.get(opcion) for opcion in _QUE_IMPIDEN)

    async def hallados(self, ids: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, Fila]:
        """The rows of those ids, as they are sealed; one that is not there is not in it."""
        filas = await self.rows({"_id": {"$in": list(ids)}}, orden=())
        return {fila["_id"]: plana(fila) for fila in filas}

    async def de_objeto(self, objeto: str, acciones: Collection[str]) -> list[Fila]:
        """The rows about it, as they are sealed, the oldest first."""
        filtro = {"objeto": objeto, "accion": {"$in": sorted(acciones)}}
        return [plana(fila) for fila in await self.rows(filtro, orden=[("hora", 1), ("_id", 1)])]

    async def de_acciones(self, acciones: Collection[str]) -> list[Fila]:
        """The same, whatever they are about."""
        filtro = {"accion": {"$in": sorted(acciones)}}
        return [plana(fila) for fila in await self.rows(filtro, orden=[("hora", 1), ("_id", 1)])]

    async def por_partes(self, accion: str) -> AsyncIterator[list[Fila]]:
        """The same of one kind, some at a time: for what grows with the years."""
        cursor = self._coleccion.find({"accion": accion}, session=current_session()).sort([("hora", 1), ("_id", 1)])
        while True:
            with self._coleccion.orden():
                filas = await cursor.to_list(_DE_UNA_VEZ)
            if not filas:
                return
            yield [plana(fila) for fila in filas]

    async def mac_de(self, n: int) -> str | None:
        """Of the row of that number."""
        fila = await self._coleccion.find_one({"n": n}, {"mac": 1}, session=current_session())
        return None if fila is None else fila.get("mac")

    async def apartar(self, ids: Sequence[PydanticObjectId]) -> None:
        """They will never be sealed, and stand in nobody's way."""
        await self._coleccion.update_many(
            {"_id": {"$in": list(ids)}}, {"$set": {"pendiente": False}}, session=current_session()
        )

    async def pendientes(self, *, limite: int) -> list[tuple[PydanticObjectId, Fila]]:
        """The oldest first: the id, and the row as it is sealed."""
        cursor = self._coleccion.find(_PENDIENTE, session=current_session()).sort([("hora", 1), ("_id", 1)])
        return [(crudo["_id"], plana(crudo)) for crudo in await cursor.limit(limite).to_list(limite)]

    async def primera_pendiente(self) -> datetime | None:
        """When the first row was inserted that the sealer has to seal; None when there is nothing to seal."""
        crudo = await self._coleccion.find_one(_PENDIENTE, {"hora": 1}, sort=[("hora", 1)])
        return None if crudo is None else crudo["hora"]

    async def en_espera(self) -> tuple[int, datetime | None]:
        """How many rows have no place in the chain, and since when the first of them: also those that the sealer does
        not see and so never will, put in by hand."""
        return await self.cola(_SIN_SELLAR, "hora")

    async def sellar(self, ids: Sequence[PydanticObjectId], *, desde: int, previo: str, macs: Sequence[str]) -> int:
        """Give rows their places in the chain, from `desde` on, after the one whose mac is `previo`; how many got one.
        One command for all: one for each row takes half as long again."""
        lugar = {"$indexOfArray": [list(ids), "$_id"]}
        puestos = {
            "n": {"$add": [desde, lugar]},
            "previo": {"$arrayElemAt": [[previo, *macs[:-1]], lugar]},
            "mac": {"$arrayElemAt": [list(macs), lugar]},
        }
        return await self.update_many(
            {"_id": {"$in": list(ids)}, **_PENDIENTE}, [{"$set": puestos}, {"$unset": "pendiente"}]
        )

    async def ultima(self) -> tuple[Cabeza, bool] | None:
        """The last row of the chain, and whether it was signed when it was inserted."""
        crudo = await self._coleccion.find_one(
            {"n": {"$exists": True}}, {"n": 1, "mac": 1, "firma": 1}, sort=[("n", -1)], session=current_session()
        )
        return None if crudo is None else (Cabeza(crudo["n"], crudo["mac"]), "firma" in crudo)

    async def cuantas_selladas(self, *, desde: int, hasta: int) -> int:
        """Of those numbers, inclusive. The index alone is read."""
        return await self.count({"n": {"$gte": desde, "$lte": hasta}})

    async def selladas(self) -> AsyncIterator[Fila]:
        """The chain from its beginning, a batch of the driver's in memory at a time."""
        async for crudo in self._coleccion.find({"n": {"$exists": True}}).sort("n", 1):
            yield plana(crudo)

    async def sin_sellar(self) -> AsyncIterator[Fila]:
        async for crudo in self._coleccion.find(_SIN_SELLAR).sort([("hora", 1), ("_id", 1)]):
            yield plana(crudo)


class SelloRepository(Repository[Sello]):
    model = Sello

    async def leer(self) -> Sello | None:
        return await self.get(_SELLO)

    async def tomar(self, *, titular: str, clave: str, primera: Cabeza, duracion: timedelta) -> Sello | None:
        """Take the lease if it is free, its own already, or of one that has been silent for `duracion`; None while
        somebody else holds it. Another holder is another `ficha`."""
        propio = await self.update_one({"_id": _SELLO, "titular": titular}, _VIVO)
        if propio is not None:
            return propio
        libre = {"_id": _SELLO, "$or": [{"titular": None}, callado("visto_en", duracion)]}
        tomado = await self.update_one(libre, {"$set": {"titular": titular}, "$inc": {"ficha": 1}, **_VIVO})
        if tomado is not None or await self.leer() is not None:
            return tomado
        nuevo = Sello(id=_SELLO, ficha=1, titular=titular, clave=clave, n=primera.n, mac=primera.mac)
        try:
            await self.insert(nuevo)
        except DuplicateKeyError:
            return None  # another process was first
        return await self.update_one({"_id": _SELLO, "titular": titular}, _VIVO)

    async def cambiar_de_clave(self, *, de: str, a: str, ficha: int) -> bool:
        """Under the lease of `ficha`, which ends with it. False where it was changed already, or somebody else has the
        lease."""
        cambio = {"$set": {"clave": a, "titular": None}, "$inc": {"ficha": 1}}
        return await self.update_one({"_id": _SELLO, "clave": de, "ficha": ficha}, cambio) is not None

    async def sujetar(self, *, ficha: int) -> Sello | None:
        """The first write of a transaction that seals: until it ends nobody takes the lease over. None when somebody
        has."""
        return await self.update_one({"_id": _SELLO, "ficha": ficha}, _VIVO)

    async def adelantar(self, cabeza: Cabeza, *, ficha: int) -> bool:
        cambio = {"$set": {"n": cabeza.n, "mac": cabeza.mac}}
        return await self.update_one({"_id": _SELLO, "ficha": ficha}, cambio) is not None

    async def soltar(self, *, titular: str) -> None:
        await self.update_one({"_id": _SELLO, "titular": titular}, {"$set": {"titular": None}})


def plana(crudo: Mapping[str, Any]) -> Fila:
    """The row in plain JSON, all that is stored of it but `pendiente`: what is sealed, exported and checked."""
    return {"id" if campo == "_id" else campo: _plano(valor) for campo, valor in crudo.items() if campo != "pendiente"}


def _plano(valor: Any) -> Any:
    match valor:
        case None | bool() | int() | str():
            return valor
        case datetime():
            return valor.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case ObjectId():
            return str(valor)
        case list():
            return [_plano(v) for v in valor]
        case dict():
            return {nombre: _plano(v) for nombre, v in valor.items()}
    # Nothing of ours is stored so: whoever put it there finds that the row is not what was sealed.
    return {"bson": f"{type(valor).__name__}:{valor!r}"}
