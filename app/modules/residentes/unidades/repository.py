"""Queries on flats and vehicles. Each is served by an index of `models.py`."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import attrs
from beanie import PydanticObjectId
from pymongo import UpdateOne

from app.modules.residentes.busqueda.palabras import PorPalabras
from app.modules.residentes.exceptions import PlacaDuplicada, UnidadDuplicada
from app.modules.residentes.hechos import REGISTRO, SANCIONES, MarcasDelPadron, decir_cambios, decir_iguales
from app.modules.residentes.models import Unidad, Vehiculo
from app.modules.residentes.repository import marcas_de, rotos_de, y_entre
from app.shared.pagination import Page, PageQuery
from app.shared.reading import alguno_de
from app.shared.repository import Fila, Repository
from app.shared.schemas import normalizar
from app.shared.transaction import current_session
from app.shared.utils import clave_de_apartamento

MUCHAS = 5_000
_CON_TORRE = "\n" + chr(0x10FFFF)
"""Between the `posicion` of flats without a tower, which begin with the end of a line, and those of all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiltroUnidades:
    """What flats must meet; None asks nothing. An empty one of `torres` is that of flats without one; `sin_torre`
    false, that of all the others."""

    q: str | None = None
    torres: Collection[str] | None = None
    sin_torre: bool | None = None
    apartamento: str | None = None
    al_dia: bool | None = None
    ids: Collection[PydanticObjectId] | None = None


@attrs.define(kw_only=True, slots=False, eq=False)
class UnidadRepository(PorPalabras[Unidad]):
    _marcas: MarcasDelPadron
    model = Unidad
    indice_de_palabras = "unidad_hallada_por"
    ordenes = ("posicion", "_id")
    # With each filter, and with none, the sorts in which a page costs what it holds: see docs/scale.md.
    en_orden = {
        **dict.fromkeys(("q", "torre", "sin_torre", "apartamento", "al_dia"), ("posicion",)),
        **dict.fromkeys(("", "placa"), ordenes),
    }
    unicos = {"unidad_clave": UnidadDuplicada}

    async def listar(self, filtro: FiltroUnidades, consulta: PageQuery) -> Page[Unidad]:
        return await self.page(await self.que_cumplen(filtro), consulta)

    async def que_cumplen(self, filtro: FiltroUnidades) -> dict[str, Any]:
        condiciones: dict[str, Any] = {}
        if filtro.q is not None:
            condiciones.update(await self.de_palabras(filtro.q))
        if filtro.torres is not None:
            condiciones["torre_clave"] = alguno_de([_plegada(torre) for torre in filtro.torres])
        if filtro.sin_torre is not None:
            # They come before all others: so both are a stretch of the list.
            condiciones["posicion"] = {"$lt" if filtro.sin_torre else "$gte": _CON_TORRE}
        if filtro.apartamento is not None:
            condiciones["apartamento_clave"] = _plegada(filtro.apartamento)
        if filtro.al_dia is not None:
            condiciones["al_dia"] = filtro.al_dia
        return y_entre(condiciones, "_id", filtro.ids)

    async def son_muchas(self, filtro: FiltroUnidades) -> bool:
        """Whether more meet `filtro` than are well told by their ids."""
        return await self.count(await self.que_cumplen(filtro), tope=MUCHAS + 1) > MUCHAS

    async def entre(self, ids: Collection[PydanticObjectId], filtro: FiltroUnidades) -> set[PydanticObjectId]:
        """Those of `ids` that meet it. Looked up by id, whatever the filter is of: a wide one has an index too, and
        walking that for a few of them would be walking all."""
        cumplen = await self.que_cumplen(replace(filtro, ids=ids))
        cursor = self._coleccion.find(cumplen, ["_id"], session=current_session()).hint("_id_")
        return {PydanticObjectId(fila["_id"]) async for fila in cursor}

    async def ids(self, filtro: FiltroUnidades) -> list[PydanticObjectId]:
        if filtro.ids is not None:
            return list(await self.entre(filtro.ids, filtro))
        return [PydanticObjectId(unidad_id) for unidad_id in await self.distinct("_id", await self.que_cumplen(filtro))]

    async def por_ids(self, ids: Collection[PydanticObjectId]) -> dict[PydanticObjectId, Unidad]:
        if not ids:
            return {}
        return {unidad.oid: unidad for unidad in await self.find({"_id": {"$in": list(ids)}})}

    async def hechos_de(self, ids: Collection[PydanticObjectId]) -> list[Fila]:
        """What draws read of these flats."""
        return await self.rows(
            {"_id": {"$in": list(ids)}}, ("torre", "al_dia", "perdidos_previos", "cupo", "marcas"), orden=()
        )

    async def cambiadas_de(self, ids: Collection[PydanticObjectId]) -> list[Fila]:
        """When what draws read of these flats was changed: of those where it ever was."""
        return await self.rows({"_id": {"$in": list(ids)}, "cambiados_en": {"$ne": {}}}, ["cambiados_en"], orden=())

    async def por_claves(self, claves: Collection[str]) -> dict[str, Unidad]:
        unidades = await self.find({"clave": {"$in": list(claves)}})
        return {clave_de_apartamento(u.torre, u.apartamento): u for u in unidades}

    async def tocar(self, ids: Collection[PydanticObjectId]) -> int:
        """Mark these flats as changed; how many there are. See `Unidad.version`."""
        return await self.update_many({"_id": alguno_de(ids)}, {"$inc": {"version": 1}}) if ids else 0

    async def anotar(self, ids: Collection[PydanticObjectId], campos: Collection[str], *, cuando: datetime) -> None:
        """Note on these flats that facts of theirs were changed, and tell the audit."""
        decir_cambios(dict.fromkeys(ids, campos), cuando)
        if ids and campos:
            await self.update_many(
                {"_id": {"$in": list(ids)}}, {"$push": {f"cambiados_en.{campo}": cuando for campo in campos}}
            )

    async def insert(self, doc: Unidad) -> Unidad:
        doc.id = doc.id or PydanticObjectId()
        return await super().insert(doc)

    async def guardar(
        self,
        unidad: Unidad,
        *,
        dichos: Collection[str],
        en_parte: Collection[str] = (),
        iguales: Collection[str] = (),
    ) -> None:
        """`dichos`: what somebody says of it. Facts among these get their mark, whatever they were before; those of
        which only a part is said (`en_parte`), where they were whole. `iguales`: those that are said to be what they
        are."""
        crudo = super()._escribir(unidad) | unidad.claves()
        rotos = await self.rotos(unidad.oid, en_parte)
        antes = await marcas_de(self, [unidad.oid])
        dicho = {unidad.oid: {c: crudo[c] for c in dichos if c not in rotos}}
        marcas = self._marcas.unidades.de(dicho, antes, en_parte=en_parte)[unidad.oid]
        decir_iguales(unidad.oid, dict.fromkeys(iguales, (unidad.oid,)), antes[unidad.oid], marcas)
        del crudo["_id"], crudo["version"]
        await self.update_one({"_id": unidad.oid}, {"$set": crudo | marcas, "$inc": {"version": 1}})

    async def rotos(self, unidad_id: PydanticObjectId, hechos: Collection[str]) -> frozenset[str]:
        """Those of the facts of that flat that are not as they were marked."""
        return await rotos_de(self, self._marcas.unidades, unidad_id, hechos)

    async def marcar_sanciones(self, unidad_id: PydanticObjectId, ids: Collection[PydanticObjectId]) -> None:
        """That these are the sanctions of the flat."""
        antes = await marcas_de(self, [unidad_id])
        marca = self._marcas.unidades.de({unidad_id: {SANCIONES: sorted(ids)}}, antes)[unidad_id]
        await self.update_one({"_id": unidad_id}, {"$set": marca})

    async def borrar(self, unidad_id: PydanticObjectId) -> None:
        await self.delete_one({"_id": unidad_id})

    def _escribir(self, doc: Unidad) -> dict[str, Any]:
        """As it is put in: `guardar` makes no mark of what nobody says."""
        crudo = super()._escribir(doc)
        return crudo | doc.claves() | {"marcas": self._marcas.unidades.todas(crudo | {SANCIONES: []})}


Placas = Mapping[PydanticObjectId, tuple[PydanticObjectId, str | None]]
"""By vehicle, its flat and its plate."""


@attrs.define(kw_only=True, slots=False, eq=False)
class VehiculoRepository(Repository[Vehiculo]):
    _marcas: MarcasDelPadron
    model = Vehiculo
    unicos = {"vehiculo_placa": PlacaDuplicada}

    async def por_ids(self, ids: Collection[PydanticObjectId]) -> list[Vehiculo]:
        return await self.find({"_id": {"$in": list(ids)}})

    async def alterado(self, ids: Collection[PydanticObjectId]) -> PydanticObjectId | None:
        """The first of those, by id, that does not bear its mark."""
        marcas = self._marcas.vehiculos
        filas = await self.rows({"_id": {"$in": list(ids)}}, (*marcas.campos, "marcas")) if ids else []
        return next((fila["_id"] for fila in filas if marcas.rota(fila) is not None), None)

    async def placas(self, ids: Collection[PydanticObjectId]) -> Placas:
        """Of those of them that bear their marks."""
        marcas = self._marcas.vehiculos
        filas = await self.rows({"_id": {"$in": list(ids)}}, (*marcas.campos, "marcas"), orden=()) if ids else []
        return {fila["_id"]: (fila["unidad_id"], fila["placa"]) for fila in filas if marcas.rota(fila) is None}

    async def siguientes(self, *, despues_de: PydanticObjectId | None, limite: int) -> list[Vehiculo]:
        """By id."""
        return await self.find({} if despues_de is None else {"_id": {"$gt": despues_de}}, limite=limite)

    async def de_la_unidad(self, unidad_id: PydanticObjectId, vehiculo_id: PydanticObjectId) -> Vehiculo | None:
        return await self.find_one({"_id": vehiculo_id, "unidad_id": unidad_id})

    async def de_unidad(self, unidad_id: PydanticObjectId) -> list[Vehiculo]:
        return await self.find({"unidad_id": unidad_id})

    async def de_unidades(self, ids: Collection[PydanticObjectId]) -> dict[PydanticObjectId, list[Vehiculo]]:
        """The vehicles of each of these flats, in the order in which they were added."""
        por_unidad: dict[PydanticObjectId, list[Vehiculo]] = {unidad_id: [] for unidad_id in ids}
        async for vehiculo in self.iterate({"unidad_id": {"$in": list(ids)}}):
            por_unidad[vehiculo.unidad_id].append(vehiculo)
        return por_unidad

    async def cuantos(self, unidad_id: PydanticObjectId) -> int:
        return await self.count({"unidad_id": unidad_id})

    async def por_placa(self, placa: str) -> Vehiculo | None:
        return await self.find_one({"placa": placa})

    async def cambiar_de_tipo(self, vehiculos: Iterable[Vehiculo]) -> None:
        """Write what kind each is, as staff state it, and nothing else."""
        ordenes = []
        for vehiculo in vehiculos:
            dichos = {"tipo": vehiculo.tipo.value, "electrico": vehiculo.electrico}
            dichos["electrico_verificado"] = vehiculo.electrico
            marcas = self._marcas.de_vehiculo(super()._escribir(vehiculo), dichos, dichos)["marcas"]
            nueva = {f"marcas.{REGISTRO}": marcas[REGISTRO]}
            ordenes.append(UpdateOne({"_id": vehiculo.oid}, {"$set": dichos | nueva}))
        if ordenes:
            await self.bulk_write(ordenes)

    async def guardar(self, vehiculo: Vehiculo, *, dichos: Collection[str]) -> None:
        """`dichos`: what somebody states of it. Raises PlacaDuplicada."""
        antes = await self.row({"_id": vehiculo.oid}, (*self._marcas.vehiculos.campos, "marcas"))
        if antes is None:
            return
        crudo = super()._escribir(vehiculo)
        crudo |= self._marcas.de_vehiculo(antes, crudo, dichos)
        del crudo["_id"]
        await self.update_one({"_id": vehiculo.oid}, {"$set": crudo})

    async def borrar(self, ids: Collection[PydanticObjectId]) -> None:
        if ids:
            self._marcas.vehiculos.decir_borradas(ids)
            await self.delete_many({"_id": {"$in": list(ids)}})

    async def borrar_de_unidad(self, unidad_id: PydanticObjectId) -> None:
        await self.borrar([fila["_id"] for fila in await self.rows({"unidad_id": unidad_id}, ["_id"], orden=())])

    def _escribir(self, doc: Vehiculo) -> dict[str, Any]:
        """As it is put in."""
        doc.id = doc.id or PydanticObjectId()
        crudo = super()._escribir(doc)
        return crudo | {"marcas": self._marcas.vehiculos.todas(crudo)}


def _plegada(nombre: str) -> str:
    return clave_de_apartamento(None, normalizar(nombre)).removeprefix("\n")
