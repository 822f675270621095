"""Spaces and the claims on them. Each claim is one conditional command: of two at once, one finds nothing to change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from beanie import PydanticObjectId
from beanie.odm.utils.encoder import Encoder
from pydantic import BaseModel
from pymongo import UpdateOne

from app.core.figures.models import Filas
from app.core.figures.repository import grupos, junto
from app.database.deadlines import sin_prisa
from app.modules.sorteo.espacios.models import Espacio, Ocupacion, Ocupado, TipoOcupacion, Uso
from app.modules.sorteo.exceptions import EspacioDuplicado
from app.shared.exceptions import ParkNetError
from app.shared.pagination import Page, PageQuery
from app.shared.reading import Ids, Lectura, alguno_de
from app.shared.repository import Filtro, Repository
from app.shared.utils import con_cifras_a_lo_ancho, plegado

_PRIMERO = PydanticObjectId("0" * 24)
MotivoDeExclusion = Literal["inactivo", "uso", "titular", "asignado", "otro_sorteo", "no_elegido"]


@dataclass(frozen=True, slots=True)
class FiltroEspacios:
    """Which spaces to list; a criterion that is None does not ask."""

    tipos: Sequence[str] | None = None
    reservas: Sequence[str] | None = None
    zonas: Sequence[str] | None = None
    usos: Sequence[Uso] | None = None
    activo: bool | None = None


class EspacioRepository(Repository[Espacio]):
    """A claim goes by `update_many`, also on one space: the count of the command says whether the claim stands."""

    model = Espacio
    ordenes: ClassVar[tuple[str, ...]] = ("codigo",)
    se_ordena_por: ClassVar[Mapping[str, str]] = {"codigo": "posicion"}
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {
        "espacio_codigo": EspacioDuplicado,
        "espacio_clave": EspacioDuplicado,
    }

    def _escribir(self, doc: Espacio) -> dict[str, Any]:
        clave = plegado(doc.codigo)
        return super()._escribir(doc) | {"clave": clave, "posicion": con_cifras_a_lo_ancho(clave)}

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
        """Of spaces that were read in the same transaction."""
        if cambios:
            await self.bulk_write([UpdateOne({"_id": id}, {"$set": _a_bson(c)}) for id, c in cambios.items()])

    async def borrar_varios(self, ids: Sequence[PydanticObjectId]) -> None:
        if ids:
            await self.delete_many({"_id": {"$in": list(ids)}})

    async def con_titular(self, *, unidad_id: PydanticObjectId, el: date) -> list[Espacio]:
        """Active spaces to which that flat has a right on that day."""
        return await self.find({"titular.unidad_id": unidad_id, "activo": True, "$nor": [_sin_titular(el, el)]})

    def por_derecho(self, *, unidades: Ids, desde: date, hasta: date) -> Lectura[list[Ocupado]]:
        """What those flats hold by right on some day of the term."""
        suyos = {
            "titular.desde": {"$lte": hasta.isoformat()},
            "$or": [{"titular.hasta": None}, {"titular.hasta": {"$gte": desde.isoformat()}}],
        }
        return self.reading(
            [{"$match": suyos}],
            lambda filas: [Ocupado.por_derecho(fila) for fila in filas],
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
        return {fila["codigo"] for fila in await self.rows(_entre(codigos), ["codigo"], orden=())}

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
        suyo = {"titular.unidad_id": {"$gt": _PRIMERO}, "$nor": [_sin_titular(el, el)]}
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
        self, *, codigo: str, cambios: Mapping[str, Any], libre: tuple[date, date | None] | None = None
    ) -> Espacio | None:
        """Set `cambios` unless the space is in a draw or anybody has it in the interval `libre` (no end: for ever)."""
        filtro: dict[str, Any] = {"codigo": codigo, "ocupaciones.tipo": {"$ne": "sorteo"}}
        if libre is not None:
            filtro["$and"] = [_sin_ocupar(*libre)]
        return await self.update_one(filtro, {"$set": _a_bson(cambios)})

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
        filtro = _libre(desde, hasta)
        ocupacion = _a_bson(Ocupacion(tipo="sorteo", ref=sorteo_id, desde=desde, hasta=hasta))
        return await self.update_many(filtro | _entre(codigos), {"$push": {"ocupaciones": ocupacion}})

    async def marcar_sorteados(self, sorteo_id: PydanticObjectId) -> None:
        """Those that the draw has, which is about to run."""
        with sin_prisa():
            await self.update_many({"ocupaciones.ref": sorteo_id, "sorteado": False}, {"$set": {"sorteado": True}})

    async def disponibles(self, *, codigos: Sequence[str] | None, desde: date, hasta: date) -> list[Espacio]:
        """What `comprometer` would claim, by code."""
        return await self.find(_libre(desde, hasta) | _entre(codigos), orden=[("codigo", 1)])

    async def tipos_disponibles(self, *, codigos: Sequence[str] | None, desde: date, hasta: date) -> list[str]:
        """The kinds of what `comprometer` would claim."""
        return await self.distinct("tipo", _libre(desde, hasta) | _entre(codigos))

    async def libres(self, *, desde: date, hasta: date, despues_de: str, limite: int) -> list[str]:
        """The next `limite` codes of what `comprometer` would claim."""
        siguientes = _libre(desde, hasta) | {"codigo": {"$gt": despues_de}}
        filas = await self.rows(siguientes, ["codigo"], orden=[("codigo", 1)], limite=limite)
        return [fila["codigo"] for fila in filas]

    async def comprometidos(
        self, *, sorteo_id: PydanticObjectId, codigos: Sequence[str] | None = None
    ) -> list[Espacio]:
        """The spaces, of `codigos` or of all, on which the draw still has its claim, by code."""
        return await self.find({"ocupaciones.ref": sorteo_id} | _entre(codigos), orden=[("codigo", 1)])

    async def codigos(self, *, despues_de: str, limite: int) -> list[str]:
        """The next of all that there are."""
        siguientes = {"codigo": {"$gt": despues_de}}
        return [f["codigo"] for f in await self.rows(siguientes, ["codigo"], orden=[("codigo", 1)], limite=limite)]

    async def soltar(self, *, ref: PydanticObjectId, codigos: Sequence[str] | None = None) -> int:
        """Take away the claims of `ref`, on `codigos` or on every space. The number of spaces let go."""
        return await self.update_many(
            {"ocupaciones.ref": ref} | _entre(codigos), {"$pull": {"ocupaciones": {"ref": ref}}}
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
        """Hand the claims of the draw `de` to requests, by code, for the same days, in one command. The number of
        claims handed on."""
        ordenes = [
            UpdateOne(_de(de, codigo), {"$set": {"ocupaciones.$.ref": ref, "ocupaciones.$.tipo": "solicitud"}})
            for codigo, ref in a.items()
        ]
        return await self.bulk_write(ordenes) if ordenes else 0

    async def asentar(self, de: Mapping[str, PydanticObjectId]) -> int:
        """What is kept for requests, by code, is assigned to them, in one command. For how many it was kept."""
        cambio = {"$set": {"ocupaciones.$.tipo": "asignacion"}}
        return await self.bulk_write([UpdateOne(_de(ref, codigo), cambio) for codigo, ref in de.items()])

    async def traspasar(self, *, de: PydanticObjectId, a: PydanticObjectId, tipo: TipoOcupacion, codigo: str) -> bool:
        """Hand the claim of `de` on a space to `a`, for the same days. False when `de` has no claim there."""
        cambio = {"$set": {"ocupaciones.$.ref": a, "ocupaciones.$.tipo": tipo}}
        return await self.update_many(_de(de, codigo), cambio) == 1

    async def esta_libre(self, *, codigo: str, desde: date, hasta: date) -> bool:
        """Whether `ocupar` would claim it."""
        return await self.find_one(_ocupable(codigo, desde, hasta)) is not None

    async def ocupar(
        self, *, codigo: str, tipo: TipoOcupacion, ref: PydanticObjectId, desde: date, hasta: date
    ) -> bool:
        """Claim one active space, whatever its use, if nobody has a right or a claim to it on any of those days."""
        ocupacion = _a_bson(Ocupacion(tipo=tipo, ref=ref, desde=desde, hasta=hasta))
        hechos = await self.update_many(_ocupable(codigo, desde, hasta), {"$push": {"ocupaciones": ocupacion}})
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


def _ocupable(codigo: str, desde: date, hasta: date) -> dict[str, Any]:
    return {"codigo": codigo, "activo": True, "$and": [_sin_titular(desde, hasta), _sin_ocupar(desde, hasta)]}


def _libre(desde: date, hasta: date) -> dict[str, Any]:
    """The space is available to a draw on every day of the interval."""
    return {"activo": True, "uso": "residentes", "$and": [_sin_titular(desde, hasta), _sin_ocupar(desde, hasta)]}


def _sin_ocupar(desde: date, hasta: date | None) -> Filtro:
    """The space has no claim on any of those days. `hasta` None means for ever."""
    dias: dict[str, Any] = {"hasta": {"$gte": desde.isoformat()}}
    if hasta is not None:
        dias["desde"] = {"$lte": hasta.isoformat()}
    return {"ocupaciones": {"$not": {"$elemMatch": dias}}}


def _sin_titular(desde: date, hasta: date) -> Filtro:
    """Nobody has a right on those days. A right without end has `hasta` null, and null is not less than any text."""
    return {
        "$or": [
            {"titular": None},
            {"titular.desde": {"$gt": hasta.isoformat()}},
            {"titular.hasta": {"$lt": desde.isoformat()}},
        ]
    }


def _entre(codigos: Sequence[str] | None) -> dict[str, Any]:
    return {} if codigos is None else {"codigo": {"$in": list(codigos)}}


def _a_bson(valor: BaseModel | Mapping[str, Any]) -> Any:
    """`valor` as a document is written: days as text."""
    return Encoder(custom_encoders=Espacio.Settings.bson_encoders, to_db=True).encode(valor)


def motivo_de(espacio: Espacio, desde: date, hasta: date, elegidos: frozenset[str] | None) -> MotivoDeExclusion:
    """Why a draw of that term, for which those were asked for, has not claimed it: the first reason that holds. A space
    that was not asked for is left out for that, whatever else is true of the space. The last reason covers a space that
    is free now and was not when the draw claimed."""
    if elegidos is not None and espacio.codigo not in elegidos:
        return "no_elegido"
    if not espacio.activo:
        return "inactivo"
    if espacio.uso != "residentes":
        return "uso"
    if espacio.titular is not None and espacio.titular.rige_entre(desde, hasta):
        return "titular"
    tomado = {o.tipo for o in espacio.ocupaciones if o.rige_entre(desde, hasta)}
    if tomado & {"solicitud", "asignacion"}:
        return "asignado"
    return "otro_sorteo" if tomado else "no_elegido"


def _de(ref: PydanticObjectId, codigo: str) -> Filtro:
    return {"codigo": codigo, "ocupaciones": {"$elemMatch": {"ref": ref}}}
