"""Reads what a batch of rows speaks of, and writes what it made of it: a few commands, whatever the batch."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

import attrs
from beanie import Document, PydanticObjectId
from pydantic_core import PydanticUndefined
from pymongo import UpdateOne

from app.core.clock import ahora
from app.core.facts.marks import MarcasDeHechos
from app.core.imports.contract import Hecho
from app.modules.residentes.busqueda.claves import claves_de_residente, claves_de_unidad, en_orden_natural
from app.modules.residentes.exceptions import DocumentoDuplicado, EmailDuplicado, PlacaDuplicada, UnidadDuplicada
from app.modules.residentes.hechos import SANCIONES, MarcasDelPadron, decir_cambios
from app.modules.residentes.importacion.estado import Cosa, Fila
from app.modules.residentes.models import EstadoResidente, Residente, Unidad, Vehiculo
from app.modules.residentes.repository import marcas_de
from app.shared.documents import DEL_DOCUMENTO
from app.shared.repository import Repository

D = TypeVar("D", bound=Document)
CHOQUES = (UnidadDuplicada, DocumentoDuplicado, EmailDuplicado, PlacaDuplicada)
"""What a batch raises where somebody else made one of its things just now."""


class _DeLote(Repository[D]):
    async def por_ids(self, ids: Collection[PydanticObjectId]) -> dict[PydanticObjectId, Fila]:
        return {fila["_id"]: fila for fila in await self.rows({"_id": {"$in": list(ids)}})} if ids else {}

    def _nueva(self, fila: Fila) -> Fila:
        """As a document of it is written, with what is derived. Not through one: its row was judged already, and there
        are a hundred thousand."""
        return self._sin_decir | fila | self._claves(fila)

    def _claves(self, _: Fila) -> Fila:
        """What is stored beside the fields."""
        return {}

    @cached_property
    def _sin_decir(self) -> Fila:
        """What a document has of which a row of ours says nothing."""
        campos = {n: c.get_default(call_default_factory=True) for n, c in self.model.model_fields.items()}
        return {n: v for n, v in campos.items() if n not in DEL_DOCUMENTO and v is not PydanticUndefined}

    async def restaurar(self, hechos: Sequence[Hecho]) -> None:
        """Erase what was made, and give what was changed its values of before."""
        if hechas := [hecho.id for hecho in hechos if hecho.antes is None]:
            await self.delete_many({"_id": {"$in": hechas}})
        await self._poner({hecho.id: self._como_antes(hecho) for hecho in hechos if hecho.antes is not None})

    def _como_antes(self, hecho: Hecho) -> Fila:
        return dict(hecho.antes or {})

    @property
    def _hechos(self) -> MarcasDeHechos | None:
        """The marks of facts among its fields."""
        return None

    async def _poner(self, cambios: Mapping[PydanticObjectId, Fila]) -> None:
        """Those fields, and the marks of facts among them."""
        marcas: dict[PydanticObjectId, dict[str, str]] = {}
        if self._hechos is not None:
            suyos = {id: cambio for id, cambio in cambios.items() if not cambio.keys().isdisjoint(self._hechos.campos)}
            marcas = self._hechos.de(suyos, await marcas_de(self, suyos))
        await self._cambiar({id: {"$set": cambio | marcas.get(id, {})} for id, cambio in cambios.items()})

    async def _cambiar(self, cambios: Mapping[PydanticObjectId, Mapping[str, Any]]) -> None:
        # MongoDB refuses a `$set` of nothing.
        ordenes = [UpdateOne({"_id": id}, {op: v for op, v in cambio.items() if v}) for id, cambio in cambios.items()]
        if ordenes:
            await self.bulk_write(ordenes)


@attrs.define(kw_only=True, slots=False, eq=False)
class UnidadesDeLote(_DeLote[Unidad]):
    _marcas: MarcasDelPadron
    model = Unidad
    unicos = {"unidad_clave": UnidadDuplicada}

    def _claves(self, fila: Fila) -> Fila:
        marcas = self._marcas.unidades.todas(self._sin_decir | fila | {SANCIONES: []})
        return claves_de_unidad(fila["torre"], fila["apartamento"]) | {"marcas": marcas}

    @property
    def _hechos(self) -> MarcasDeHechos:
        return self._marcas.unidades

    async def leer(self, claves: Collection[str]) -> list[Fila]:
        """The flats of those keys, and those that people take for them."""
        posiciones = sorted({en_orden_natural(clave) for clave in claves})
        return await self.rows(
            {"posicion": {"$in": posiciones}}, ("torre", "apartamento", "al_dia", "cupo", "palabras")
        )

    async def escribir(
        self,
        cosas: Sequence[Cosa],
        rotulos: Mapping[PydanticObjectId, Fila],
        notas: Mapping[PydanticObjectId, Collection[str]],
        cuando: datetime,
    ) -> None:
        """`rotulos`: what stands beside the new ones."""
        nuevas = {cosa.id for cosa in cosas if cosa.nueva}
        filas = []
        for cosa in cosas:
            if cosa.nueva:
                cambiados = {hecho: [cuando] for hecho in notas.get(cosa.id, ())}
                filas.append(self._nueva(cosa.fila | {"cambiados_en": cambiados}) | rotulos[cosa.id])
        await self.insert_rows(filas)
        decir_cambios({id: hechos for id, hechos in notas.items() if id in nuevas}, cuando)
        await self._poner({cosa.id: _cambios(cosa) for cosa in cosas if cosa.id not in nuevas})
        await self.anotar({id: hechos for id, hechos in notas.items() if id not in nuevas}, cuando)

    async def anotar(self, notas: Mapping[PydanticObjectId, Collection[str]], cuando: datetime) -> None:
        """Mark these flats as changed, with the facts that a draw reads, of which the audit is told. See
        `Unidad.version`."""
        decir_cambios(notas, cuando)
        await self._cambiar(
            {
                id: {"$push": {f"cambiados_en.{hecho}": cuando for hecho in hechos}, "$inc": {"version": 1}}
                for id, hechos in notas.items()
            }
        )


@attrs.define(kw_only=True, slots=False, eq=False)
class ResidentesDeLote(_DeLote[Residente]):
    _marcas: MarcasDelPadron
    model = Residente
    unicos = {"residente_documento": DocumentoDuplicado, "residente_email": EmailDuplicado}

    @property
    def _hechos(self) -> MarcasDeHechos:
        return self._marcas.residentes

    def _claves(self, fila: Fila) -> Fila:
        marcas = self._marcas.residentes.todas(self._sin_decir | fila)
        return claves_de_residente(fila["nombres"], fila["apellidos"]) | {"marcas": marcas}

    async def leer(
        self, numeros: Collection[str], correos: Collection[str], unidades: Collection[PydanticObjectId]
    ) -> list[Fila]:
        """The active ones of those documents and e-mails, and who lives in those flats."""
        cuales = {"numero_documento": numeros, "email": correos, "unidades.unidad_id": unidades}
        preguntas = [{campo: {"$in": list(valores)}} for campo, valores in cuales.items() if valores]
        if not preguntas:
            return []
        return await self.rows({"estado": EstadoResidente.activo.value, "$or": preguntas}, _DE_RESIDENTE)

    async def escribir(self, cosas: Iterable[Cosa], rotulos: Mapping[PydanticObjectId, Fila], cuando: datetime) -> None:
        """`rotulos`: what stands beside the new ones."""
        filas: list[Fila] = []
        cambios: dict[PydanticObjectId, Fila] = {}
        for cosa in cosas:
            if cosa.nueva:
                filas.append(self._nueva(cosa.fila) | rotulos[cosa.id])
            else:
                otra = _otra_clave(cosa.fila, cosa.antes)
                cambios[cosa.id] = _cambios(cosa) | otra | {"actualizado_en": cuando}
        await self.insert_rows(filas)
        await self._poner(cambios)

    async def dejan(
        self, dejadas: Mapping[PydanticObjectId, Collection[PydanticObjectId]], sorteos: Sequence[PydanticObjectId]
    ) -> None:
        """Those residents leave those flats while these draws are on."""
        await self._cambiar(
            {
                id: {"$push": {"dejadas": {"$each": [{"unidad_id": u, "sorteos": sorteos} for u in sorted(unidades)]}}}
                for id, unidades in dejadas.items()
            }
        )

    async def con_otros(
        self, unidades: Collection[PydanticObjectId], *, menos: Collection[PydanticObjectId]
    ) -> frozenset[PydanticObjectId]:
        """Those flats in which somebody active lives beside `menos`."""
        filtro = {
            "unidades.unidad_id": {"$in": list(unidades)},
            "estado": EstadoResidente.activo.value,
            "_id": {"$nin": list(menos)},
        }
        return frozenset(await self.distinct("unidades.unidad_id", filtro))

    async def unidades_de_alguien(self, unidades: Collection[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        """Those to which a resident belongs, active or not."""
        filtro = {"unidades.unidad_id": {"$in": list(unidades)}}
        return frozenset(await self.distinct("unidades.unidad_id", filtro))

    def _como_antes(self, hecho: Hecho) -> Fila:
        antes = super()._como_antes(hecho)
        return antes | _otra_clave({**hecho.despues, **antes}, antes) | {"actualizado_en": ahora()}


@attrs.define(kw_only=True, slots=False, eq=False)
class VehiculosDeLote(_DeLote[Vehiculo]):
    _marcas: MarcasDelPadron
    model = Vehiculo
    unicos = {"vehiculo_placa": PlacaDuplicada}

    def _claves(self, fila: Fila) -> Fila:
        return {"marcas": self._marcas.vehiculos.todas(self._sin_decir | fila)}

    async def leer(self, placas: Collection[str], unidades: Collection[PydanticObjectId]) -> list[Fila]:
        if not placas and not unidades:
            return []
        return await self.rows({"$or": [{"placa": {"$in": list(placas)}}, {"unidad_id": {"$in": list(unidades)}}]})

    async def escribir(self, cosas: Iterable[Cosa]) -> None:
        todas = list(cosas)
        await self.insert_rows([self._nueva(cosa.fila) for cosa in todas if cosa.nueva])
        await self._poner({cosa.id: _cambios(cosa) for cosa in todas if not cosa.nueva})

    async def restaurar(self, hechos: Sequence[Hecho]) -> None:
        self._marcas.vehiculos.decir_borradas([hecho.id for hecho in hechos if hecho.antes is None])
        await super().restaurar(hechos)

    async def _poner(self, cambios: Mapping[PydanticObjectId, Fila]) -> None:
        antes = await self.por_ids(cambios.keys())
        marcas = {id: self._marcas.de_vehiculo(antes[id], cambio, cambio) for id, cambio in cambios.items()}
        await self._cambiar({id: {"$set": cambio | marcas[id]} for id, cambio in cambios.items()})

    async def unidades_con_alguno(self, unidades: Collection[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        return frozenset(await self.distinct("unidad_id", {"unidad_id": {"$in": list(unidades)}}))


_DE_RESIDENTE = (
    "nombres",
    "apellidos",
    "tipo_documento",
    "numero_documento",
    "email",
    "telefono",
    "fecha_ingreso",
    "unidades",
    "estado",
    "cuenta",
)


def _cambios(cosa: Cosa) -> Fila:
    return {campo: cosa.fila[campo] for campo in cosa.antes}


def _otra_clave(fila: Mapping[str, Any], cambiados: Collection[str]) -> Fila:
    """The key by which a resident is sorted, where their name is another."""
    if not {"nombres", "apellidos"} & set(cambiados):
        return {}
    return claves_de_residente(fila["nombres"], fila["apellidos"])
