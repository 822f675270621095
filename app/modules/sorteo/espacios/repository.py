"""Spaces and the claims on them. Each claim is one conditional command: of two at once, one finds nothing to change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import attrs
from beanie import PydanticObjectId
from pymongo import UpdateOne

from app.core.figures.models import Filas
from app.core.figures.repository import grupos, junto
from app.database.deadlines import sin_prisa
from app.modules.sorteo.custodia.marcas import TITULAR, MarcasDeSorteo
from app.modules.sorteo.espacios.filtros import (
    con_ocupacion,
    de_codigos,
    libre_para_sorteo,
    ocupable,
    sin_ocupar,
    sin_titular,
)
from app.modules.sorteo.espacios.models import Espacio, Ocupacion, Ocupado, TipoOcupacion, Uso
from app.modules.sorteo.exceptions import EspacioDuplicado
from app.shared.documents import codificado
from app.shared.exceptions import ParkNetError
from app.shared.pagination import Page, PageQuery
from app.shared.reading import Ids, Lectura, alguno_de
from app.shared.repository import Fila, Filtro, Repository, despues_de
from app.shared.utils import con_cifras_a_lo_ancho, plegado

_PRIMERO = PydanticObjectId("0" * 24)


@dataclass(frozen=True, slots=True)
class FiltroEspacios:
    """Which spaces to list; a criterion that is None does not ask."""

    tipos: Sequence[str] | None = None
    reservas: Sequence[str] | None = None
    zonas: Sequence[str] | None = None
    usos: Sequence[Uso] | None = None
    activo: bool | None = None


@attrs.define(kw_only=True, slots=False, eq=False)
class EspacioRepository(Repository[Espacio]):
    """A claim goes by `update_many`, also on one space: the count of the command says whether the claim stands. What
    is stated of a space is written with its mark."""

    _marcas: MarcasDeSorteo
    model = Espacio
    ordenes: ClassVar[tuple[str, ...]] = ("codigo",)
    se_ordena_por: ClassVar[Mapping[str, str]] = {"codigo": "posicion"}
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {
        "espacio_codigo": EspacioDuplicado,
        "espacio_clave": EspacioDuplicado,
    }

    def _escribir(self, doc: Espacio) -> dict[str, Any]:
        """As it is put in."""
        crudo, clave = super()._escribir(doc), plegado(doc.codigo)
        marcas = self._marcas.espacios.todas(crudo)
        self._marcas.espacios.decir({doc.id: marcas})
        return crudo | {"clave": clave, "posicion": con_cifras_a_lo_ancho(clave), "marcas": marcas}

    async def get_by_codigo(self, codigo: str) -> Espacio | None:
        return await self.find_one({"codigo": codigo})

    async def por_codigos(self, codigos: Sequence[str]) -> dict[str, Espacio]:
        return {espacio.codigo: espacio for espacio in await self.find({"codigo": {"$in": list(codigos)}})}

    async def por_claves(self, codigos: Sequence[str]) -> dict[str, Espacio]:
        """The spaces of those codes, however they are spelt, by `plegado` of their own."""
        claves = [plegado(codigo) for codigo in codigos]
        return {plegado(espacio.codigo): espacio for espacio in await self.find({"clave": {"$in": claves}})}

    async def por_ids(self, ids: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, Espacio]:
        return {espacio.id: espacio for espacio in await self.find({"_id": {"$in": list(ids)}})}

    async def cambiar_varios(self, cambios: Mapping[PydanticObjectId, Mapping[str, Any]]) -> None:
        """Of spaces that were read in the same transaction, what somebody says of each who names its code."""
        filas = await self._creidas({"_id": {"$in": list(cambios)}}) if cambios else []
        if filas:
            dichos = {fila["_id"]: self._dicho(fila, cambios[fila["_id"]], {*cambios[fila["_id"]]}) for fila in filas}
            await self.bulk_write([UpdateOne({"_id": id}, {"$set": dicho}) for id, dicho in dichos.items()])

    async def por_vigilar(self, *, ultimo: PydanticObjectId | None, limite: int) -> list[Fila]:
        """The next by id: what is believed of them, and the marks."""
        return await self._creidas(despues_de(ultimo), limite=limite)

    async def creidos(self, codigos: Sequence[str]) -> list[Fila]:
        """The same of those."""
        return await self._creidas(de_codigos(codigos))

    async def cuales(self) -> list[PydanticObjectId]:
        """All that there are."""
        return [fila["_id"] for fila in await self.rows({}, ["_id"], orden=())]

    async def _creidas(self, filtro: Filtro, limite: int = 0) -> list[Fila]:
        return await self.rows(filtro, (*self._marcas.espacios.campos, "marcas"), limite=limite)

    def _dicho(self, fila: Fila, cambios: Mapping[str, Any], dichos: Collection[str]) -> dict[str, Any]:
        """As it is stored, with the marks that follow: see `MarcasDeHechos.seguidas`."""
        escritos: dict[str, Any] = codificado(cambios)
        return escritos | {"marcas": self._marcas.espacios.seguidas(fila, fila | escritos, {*dichos, "codigo"})}

    async def borrar_varios(self, ids: Sequence[PydanticObjectId]) -> None:
        if ids:
            await self.delete_many({"_id": {"$in": list(ids)}})

    async def con_titular(self, *, unidad_id: PydanticObjectId, el: date) -> list[Fila]:
        """Active spaces to which that flat has a right on that day: what is believed of them, and the marks."""
        return await self._creidas({"titular.unidad_id": unidad_id, "activo": True, "$nor": [sin_titular(el, el)]})

    def por_derecho(self, *, unidades: Ids, desde: date, hasta: date) -> Lectura[list[Ocupado]]:
        """What those flats hold by right on some day of the term. A right that no act gave is none."""
        suyos = {
            "titular.desde": {"$lte": hasta.isoformat()},
            "$or": [{"titular.hasta": None}, {"titular.hasta": {"$gte": desde.isoformat()}}],
        }
        return self.reading(
            [{"$match": suyos}],
            lambda filas: [Ocupado.por_derecho(f) for f in filas if not self._marcas.espacios.rota(f, [TITULAR])],
            por=("titular.unidad_id", unidades),
        )

    async def listar(self, filtro: FiltroEspacios, consulta: PageQuery) -> Page[Espacio]:
        pedidos = {"tipo": filtro.tipos, "reserva": filtro.reservas, "zona": filtro.zonas, "uso": filtro.usos}
        cumplen = {campo: alguno_de(valores) for campo, valores in pedidos.items() if valores is not None}
        return await self.page(cumplen if filtro.activo is None else cumplen | {"activo": filtro.activo}, consulta)

    async def alguno_para(self, condicion: str) -> bool:
        """Whether one is kept for who has that condition."""
        return await self.count({"reserva": condicion}, tope=1) > 0

    async def existentes(self, codigos: Sequence[str]) -> set[str]:
        """Which of those there are."""
        return {fila["codigo"] for fila in await self.rows(de_codigos(codigos), ["codigo"], orden=())}

    async def contar(self, *, el: date) -> Filas:
        """In one command. `inventario`: spaces by `tipo`, `activo`, `uso` and whether they are `reservado`, from the
        index alone. `tomados`: active spaces for residents that are taken on that day, by `tipo` and by whom (`de`): a
        draw, a request or an assignment, or else by right (`titular`)."""
        dia = el.isoformat()
        inventario = grupos(
            "inventario",
            {"tipo": {"$gte": ""}},
            {"tipo": "$tipo", "activo": "$activo", "uso": "$uso", "reservado": {"$gt": ["$reserva", None]}},
        )
        suyo = {"titular.unidad_id": {"$gt": _PRIMERO}, "$nor": [sin_titular(el, el)]}
        tomado = {"ref": {"$gt": _PRIMERO}, "desde": {"$lte": dia}, "hasta": {"$gte": dia}}
        filtro = {"activo": True, "uso": "residentes", "$or": [suyo, {"ocupaciones": {"$elemMatch": tomado}}]}
        rige = {"$and": [{"$lte": ["$$this.desde", dia]}, {"$gte": ["$$this.hasta", dia]}]}
        hoy = {"$filter": {"input": "$ocupaciones", "cond": rige}}
        tomados = grupos(
            "tomados",
            filtro,
            {"tipo": "$tipo", "de": {"$ifNull": [{"$first": "$hoy.tipo"}, "titular"]}},
            antes=[{"$project": {"tipo": 1, "hoy": hoy}}],
        )
        return await self.aggregate(junto(inventario, (Espacio.Settings.name, tomados)))

    async def cambiar(
        self,
        *,
        codigo: str,
        cambios: Mapping[str, Any],
        dichos: Collection[str],
        libre: tuple[date, date | None] | None = None,
    ) -> Espacio | None:
        """Set `cambios` unless the space is in a draw or anybody has it in the interval `libre` (no end: for ever).
        `dichos`: the fields that somebody states whole."""
        fila = next(iter(await self.creidos([codigo])), None)
        if fila is None:
            return None
        filtro: dict[str, Any] = {"codigo": codigo, "ocupaciones.tipo": {"$ne": "sorteo"}}
        if libre is not None:
            filtro["$and"] = [sin_ocupar(*libre)]
        return await self.update_one(filtro, {"$set": self._dicho(fila, cambios, dichos)})

    async def borrar(self, *, codigo: str) -> bool:
        """Delete the space if no draw ever ran with it, and nobody has it or a right to it."""
        de_nadie = {"sorteado": False, "ocupaciones": {"$size": 0}, "titular": None}
        return await self.delete_one({"codigo": codigo} | de_nadie)

    async def comprometer(
        self, *, sorteo_id: PydanticObjectId, codigos: Sequence[str] | None, desde: date, hasta: date
    ) -> int:
        """Claim for a draw every space available on all days of the interval, among `codigos` or among all spaces. A
        space is available when it is active, for residents, and nobody has a right or a claim to it on those days. The
        number of spaces claimed now; a space that the same draw claimed before is not counted again."""
        filtro = libre_para_sorteo(desde, hasta)
        ocupacion = codificado(Ocupacion(tipo="sorteo", ref=sorteo_id, desde=desde, hasta=hasta))
        return await self.update_many(filtro | de_codigos(codigos), {"$push": {"ocupaciones": ocupacion}})

    async def marcar_sorteados(self, sorteo_id: PydanticObjectId) -> None:
        """Those that the draw has, which is about to run."""
        with sin_prisa():
            await self.update_many({"ocupaciones.ref": sorteo_id, "sorteado": False}, {"$set": {"sorteado": True}})

    async def disponibles(self, *, codigos: Sequence[str] | None, desde: date, hasta: date) -> list[Espacio]:
        """What `comprometer` would claim, by code."""
        return await self.find(libre_para_sorteo(desde, hasta) | de_codigos(codigos), orden=[("codigo", 1)])

    async def tipos_disponibles(self, *, codigos: Sequence[str] | None, desde: date, hasta: date) -> list[str]:
        """The kinds of what `comprometer` would claim."""
        return await self.distinct("tipo", libre_para_sorteo(desde, hasta) | de_codigos(codigos))

    async def libres(self, *, desde: date, hasta: date, despues_de: str, limite: int) -> list[str]:
        """The next `limite` codes of what `comprometer` would claim."""
        siguientes = libre_para_sorteo(desde, hasta) | {"codigo": {"$gt": despues_de}}
        filas = await self.rows(siguientes, ["codigo"], orden=[("codigo", 1)], limite=limite)
        return [fila["codigo"] for fila in filas]

    async def comprometidos(
        self, *, sorteo_id: PydanticObjectId, codigos: Sequence[str] | None = None
    ) -> list[Espacio]:
        """The spaces, of `codigos` or of all, on which the draw still has its claim, by code."""
        return await self.find({"ocupaciones.ref": sorteo_id} | de_codigos(codigos), orden=[("codigo", 1)])

    async def codigos(self, *, despues_de: str, limite: int) -> list[str]:
        """The next of all that there are."""
        siguientes = {"codigo": {"$gt": despues_de}}
        return [f["codigo"] for f in await self.rows(siguientes, ["codigo"], orden=[("codigo", 1)], limite=limite)]

    async def soltar(self, *, ref: PydanticObjectId, codigos: Sequence[str] | None = None) -> int:
        """Take away the claims of `ref`, on `codigos` or on every space. The number of spaces let go."""
        return await self.update_many(
            {"ocupaciones.ref": ref} | de_codigos(codigos), {"$pull": {"ocupaciones": {"ref": ref}}}
        )

    async def soltar_varios(self, *, ref: PydanticObjectId, limite: int) -> int:
        """The same, of the first `limite` spaces."""
        suyos = await self.rows({"ocupaciones.ref": ref}, ["codigo"], orden=(), limite=limite)
        return await self.soltar(ref=ref, codigos=[fila["codigo"] for fila in suyos])

    async def soltar_los_de(self, refs: Sequence[PydanticObjectId]) -> None:
        """Take away every claim of any of `refs`, in one command."""
        suyas = {"ref": {"$in": list(refs)}}
        await self.update_many({"ocupaciones.ref": suyas["ref"]}, {"$pull": {"ocupaciones": suyas}})

    async def traspasar_varios(self, *, de: PydanticObjectId, a: Mapping[str, PydanticObjectId]) -> int:
        """Hand the claims of the draw `de` to requests, by code, for the same days. The number of claims handed on."""
        filas = await self.rows(de_codigos(list(a)) | {"ocupaciones.ref": de}, orden=()) if a else []
        for fila in filas:
            suya = next(ocupacion for ocupacion in fila["ocupaciones"] if ocupacion["ref"] == de)
            suya |= {"ref": a[fila["codigo"]], "tipo": "solicitud"}
        # Who writes on a space without a transaction is a draw that is about to run, and on none that was drawn.
        await self.put_again(filas)
        return len(filas)

    async def asentar(self, de: Mapping[str, PydanticObjectId]) -> int:
        """What is kept for requests, by code, is assigned to them, in one command. For how many it was kept."""
        cambio = {"$set": {"ocupaciones.$.tipo": "asignacion"}}
        return await self.bulk_write([UpdateOne(con_ocupacion(ref, codigo), cambio) for codigo, ref in de.items()])

    async def traspasar(self, *, de: PydanticObjectId, a: PydanticObjectId, tipo: TipoOcupacion, codigo: str) -> bool:
        """Hand the claim of `de` on a space to `a`, for the same days. False when `de` has no claim there."""
        cambio = {"$set": {"ocupaciones.$.ref": a, "ocupaciones.$.tipo": tipo}}
        return await self.update_many(con_ocupacion(de, codigo), cambio) == 1

    async def esta_libre(self, *, codigo: str, desde: date, hasta: date) -> bool:
        """Whether `ocupar` would claim it."""
        return await self.find_one(ocupable(codigo, desde, hasta)) is not None

    async def ocupar(
        self, *, codigo: str, tipo: TipoOcupacion, ref: PydanticObjectId, desde: date, hasta: date
    ) -> bool:
        """Claim one active space, whatever its use, if nobody has a right or a claim to it on any of those days."""
        ocupacion = codificado(Ocupacion(tipo=tipo, ref=ref, desde=desde, hasta=hasta))
        hechos = await self.update_many(ocupable(codigo, desde, hasta), {"$push": {"ocupaciones": ocupacion}})
        return hechos == 1

    async def acortar(self, *, ref: PydanticObjectId, codigo: str, hasta: date) -> bool:
        """Make the claim of `ref` end on `hasta`. False when there is no such claim, when the claim ends earlier
        already (a claim never grows), and when the claim starts later (`soltar` lets go of the whole claim)."""
        dia = hasta.isoformat()
        hechos = await self.update_many(
            {
                "codigo": codigo,
                "ocupaciones": {"$elemMatch": {"ref": ref, "desde": {"$lte": dia}, "hasta": {"$gte": dia}}},
            },
            {"$set": {"ocupaciones.$.hasta": dia}},
        )
        return hechos == 1
