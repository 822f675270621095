"""Queries on residents. Each is served by an index of `models.py`."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.facts.marks import Dichas, Marcas, MarcasDeHechos
from app.modules.residentes.busqueda.palabras import PorPalabras
from app.modules.residentes.exceptions import DocumentoDuplicado, EmailDuplicado
from app.modules.residentes.hechos import Alterado, MarcasDelPadron, decir_iguales
from app.modules.residentes.models import (
    DESDE_SIEMPRE,
    EstadoCuenta,
    EstadoResidente,
    Residente,
    Unidad,
)
from app.shared.pagination import Page, PageQuery
from app.shared.reading import Pasos, a_ratos, al_lado, alguno_de
from app.shared.repository import Fila, Filtro, Repository
from app.shared.transaction import current_session

_DE_UNA_VEZ = 1_000
_POR_HALLADA, _TRAMO_MAXIMO = 8, 3_200
"""How many are walked over for each that is looked for, to begin with, and at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiltroResidentes:
    """What residents must meet; None asks nothing. `unidades`: they live in one of these."""

    q: str | None = None
    estados: Collection[EstadoResidente] | None = None
    condiciones: Collection[str] | None = None
    cuentas: Collection[EstadoCuenta] | None = None
    unidades: Collection[PydanticObjectId] | None = None
    supresion_pedida: bool | None = None


@attrs.define(kw_only=True, slots=False, eq=False)
class ResidenteRepository(PorPalabras[Residente]):
    _marcas: MarcasDelPadron
    model = Residente
    indice_de_palabras = "residente_hallado_por"
    ordenes = ("nombre", "creado_en", "_id")
    # With each filter, and with none, the sorts in which a page costs what it holds: see docs/scale.md.
    en_orden = {
        "": ordenes,
        "q": ("nombre",),
        **dict.fromkeys(("estado", "condicion", "cuenta", "supresion_pedida"), ("nombre", "creado_en")),
        **dict.fromkeys(("unidad_id", "placa"), ordenes),
    }
    unicos = {"residente_documento": DocumentoDuplicado, "residente_email": EmailDuplicado}

    async def listar(self, filtro: FiltroResidentes, consulta: PageQuery, *, campos: Collection[str]) -> Page[Fila]:
        """To be shown: see `Repository.rows`."""
        condiciones: Filtro = await self.que_cumplen(filtro)
        if filtro.q is not None and filtro.unidades is None:
            condiciones = await self.desde_la_primera(condiciones, consulta)
        return await self.page_of_rows(condiciones, consulta, campos, sin_zona=True)

    async def que_cumplen(self, filtro: FiltroResidentes) -> dict[str, Any]:
        # Nobody who was erased stands in any list.
        condiciones: dict[str, Any] = {"suprimido_en": None}
        if filtro.supresion_pedida is not None:
            pedida = {"$gt": DESDE_SIEMPRE} if filtro.supresion_pedida else None
            condiciones["supresion_pedida_en"] = pedida
        if filtro.q is not None:
            condiciones.update(await self.de_palabras(filtro.q))
        if filtro.estados is not None:
            condiciones["estado"] = alguno_de(filtro.estados)
        if filtro.condiciones is not None:
            condiciones["condiciones.codigo"] = alguno_de(filtro.condiciones)
        if filtro.cuentas is not None:
            condiciones["cuenta"] = alguno_de(filtro.cuentas)
        return y_entre(condiciones, "unidades.unidad_id", filtro.unidades)

    async def no_suprimido(self, residente_id: PydanticObjectId) -> Residente | None:
        return await self.find_one({"_id": residente_id, "suprimido_en": None})

    async def ficha(self, residente_id: PydanticObjectId, *, campos: Collection[str]) -> Fila | None:
        """One who was not erased, to be shown."""
        cual = {"_id": residente_id, "suprimido_en": None}
        filas = await self.rows(cual, campos, orden=(), limite=1, sin_zona=True)
        return filas[0] if filas else None

    async def listar_de_muchas(
        self,
        filtro: FiltroResidentes,
        consulta: PageQuery,
        *,
        campos: Collection[str],
        entre: Callable[[Collection[PydanticObjectId]], Awaitable[Collection[PydanticObjectId]]],
        seguir: Callable[[], Awaitable[bool]],
    ) -> Page[Fila] | None:
        """The same of those with a flat that `entre` lets through, by a walk in order: for what so many flats meet that
        all their ids are more to say than the residents on the way, of whom no more than their flats are read. Where
        the first stretch does not fill the page and `seguir` says no, None."""
        condiciones = await self.que_cumplen(filtro)
        halladas: list[PydanticObjectId] = []
        tramo = replace(consulta, limite=min(_POR_HALLADA * consulta.limite, _TRAMO_MAXIMO), contar=False)
        while len(halladas) <= consulta.limite:
            pagina = await self.page_of_rows(condiciones, tramo, ["unidades.unidad_id"])
            suyas = set(await entre({o["unidad_id"] for fila in pagina.items for o in fila["unidades"]}))
            halladas += [fila["_id"] for fila in pagina.items if suyas & {o["unidad_id"] for o in fila["unidades"]}]
            if pagina.siguiente is None:
                break
            if tramo.cursor == consulta.cursor and len(halladas) <= consulta.limite and not await seguir():
                return None
            tramo = replace(tramo, cursor=pagina.siguiente, limite=min(2 * tramo.limite, _TRAMO_MAXIMO))
        estas = {"_id": {"$in": halladas[: consulta.limite + 1]}}
        return await self.page_of_rows(estas, replace(consulta, cursor=None, contar=False), campos, sin_zona=True)

    async def contar_de_muchas(
        self, filtro: FiltroResidentes, consulta: PageQuery, *, unidades: Mapping[str, Any], tope: int
    ) -> int:
        """How many meet `filtro` and have a flat that meets `unidades`, up to `tope`."""
        suya: Pasos = [{"$match": unidades}, {"$limit": 1}, {"$project": {"_id": 1}}]
        filas = await self.aggregate(
            [
                {"$match": consulta.entre(await self.que_cumplen(filtro))},
                {"$project": {"unidades.unidad_id": 1}},
                al_lado(Unidad, "suya", local="unidades.unidad_id", pasos=suya),
                {"$match": {"suya": {"$ne": []}}},
                {"$limit": tope},
                {"$count": "n"},
            ]
        )
        return filas[0]["n"] if filas else 0

    async def por_ids(self, ids: Collection[PydanticObjectId]) -> dict[PydanticObjectId, Residente]:
        if not ids:
            return {}
        return {residente.oid: residente for residente in await self.find({"_id": {"$in": list(ids)}})}

    async def ids_activos(self, *, despues_de: PydanticObjectId | None, limite: int) -> list[PydanticObjectId]:
        """By ascending id; from the index of ids, reading nothing of anybody but whether they are active."""
        filtro: dict[str, Any] = {"estado": EstadoResidente.activo.value}
        if despues_de is not None:
            filtro["_id"] = {"$gt": despues_de}
        cursor = self._coleccion.find(filtro, projection=["_id"], session=current_session())
        return [PydanticObjectId(crudo["_id"]) async for crudo in cursor.sort("_id", 1).limit(limite).hint("_id_")]

    async def por_documento(self, numero: str) -> list[Residente]:
        """The active ones with that number, of whatever kind of document."""
        return await self.find({"numero_documento": numero, "estado": EstadoResidente.activo.value})

    async def maximo_por_documento(self) -> int:
        """The most active ones that share a number; 0 when there are none."""
        pasos: list[dict[str, Any]] = [
            {"$match": {"estado": EstadoResidente.activo.value}},
            {"$group": {"_id": "$numero_documento", "n": {"$sum": 1}}},
            {"$sort": {"n": -1}},
            {"$limit": 1},
        ]
        return max([fila["n"] for fila in await self.aggregate(pasos)], default=0)

    async def alguno_en(self, unidad_id: PydanticObjectId) -> bool:
        """Whether a resident, active or not, belongs to that flat."""
        return await self.count({"unidades.unidad_id": unidad_id}, tope=1) > 0

    async def alguno_con_condicion(self, codigo: str) -> bool:
        """Whether a resident, active or not, ever declared or was given it."""
        return await self.count({"condiciones.codigo": codigo}, tope=1) > 0

    async def activos_de(self, unidades: Collection[PydanticObjectId]) -> list[Residente]:
        return await self.find(_activos_de(unidades))

    async def hechos_de(
        self, unidades: Collection[PydanticObjectId], *, y_tambien: Collection[PydanticObjectId] = ()
    ) -> list[Fila]:
        """What draws read of the active residents of these flats, and of residents with these ids whatever their
        state."""
        de_ellas = _activos_de(unidades)
        filtro = {"$or": [de_ellas, {"_id": {"$in": list(y_tambien)}}]} if y_tambien else de_ellas
        return await self.rows(filtro, ("unidades", "condiciones", "estado", "fecha_ingreso", "marcas"), orden=())

    async def vivienda(self, residente_id: PydanticObjectId) -> Fila | None:
        """Where they live, with its marks."""
        campos = ("unidades", "dejadas", "estado", "marcas")
        filas = await self.rows({"_id": residente_id}, campos, orden=(), limite=1)
        return filas[0] if filas else None

    async def alterado(self, ids: Sequence[PydanticObjectId], dichas: Dichas) -> Alterado | None:
        """The first of them who is not there, or of whom a fact that draws read is not what somebody stated last as far
        as the audit was told (`dichas`), wherever they live."""
        for desde in range(0, len(ids), _DE_UNA_VEZ):
            lote = ids[desde : desde + _DE_UNA_VEZ]
            filas = {fila["_id"]: fila for fila in await self.hechos_de((), y_tambien=lote)}
            async for varios in a_ratos(lote):
                for id in varios:
                    if id not in filas:
                        return Alterado.falta(id)
                    if rota := self._marcas.residentes.rota(filas[id], dichas=dichas):
                        return Alterado(rota, id)
        return None

    async def con_decididas(self, unidades: Collection[PydanticObjectId], *, desde: datetime) -> list[Fila]:
        """The active residents of these flats of whose conditions staff decided about one since then."""
        filtro = _activos_de(unidades) | {"condiciones.decidida_en": {"$gte": desde}}
        return await self.rows(filtro, ("unidades", "condiciones"), orden=())

    async def por_unidad(
        self, unidades: Collection[PydanticObjectId]
    ) -> dict[PydanticObjectId, list[PydanticObjectId]]:
        """The active residents of each of these flats, by id; a flat without any is not in it."""
        de_ellas = {"unidades.unidad_id": {"$in": list(unidades)}, "estado": EstadoResidente.activo.value}
        viven: dict[PydanticObjectId, list[PydanticObjectId]] = {}
        for fila in await self.rows(de_ellas, ["unidades.unidad_id"]):
            for ocupacion in fila["unidades"]:
                if ocupacion["unidad_id"] in unidades:
                    viven.setdefault(ocupacion["unidad_id"], []).append(fila["_id"])
        return viven

    async def insert(self, doc: Residente) -> Residente:
        doc.id = doc.id or PydanticObjectId()
        return await super().insert(doc)

    async def guardar(
        self,
        residente: Residente,
        *,
        dichos: Collection[str],
        en_parte: Collection[str] = (),
        iguales: Mapping[str, Collection[PydanticObjectId]] | None = None,
    ) -> None:
        """`dichos`: what somebody says of them. Facts among these get their mark, whatever they were before.
        `en_parte`: see `MarcasDeHechos.de`; `iguales`: see `decir_iguales`."""
        residente.actualizado_en = ahora()
        crudo = super()._escribir(residente) | residente.claves()
        antes = await marcas_de(self, [residente.oid])
        marcas = self._marcas.residentes.de({residente.oid: crudo}, antes, solo=dichos, en_parte=en_parte)
        decir_iguales(residente.oid, iguales or {}, antes[residente.oid], marcas[residente.oid])
        del crudo["_id"]
        await self.update_one({"_id": residente.oid}, {"$set": crudo | marcas[residente.oid]})

    async def rotos(self, residente_id: PydanticObjectId, hechos: Collection[str]) -> frozenset[str]:
        """Those of the facts of that resident that are not as they were marked."""
        return await rotos_de(self, self._marcas.residentes, residente_id, hechos)

    async def marcar_cuenta(self, residente_id: PydanticObjectId, cuenta: EstadoCuenta) -> None:
        await self.update_one({"_id": residente_id}, {"$set": {"cuenta": cuenta.value, "actualizado_en": ahora()}})

    def _escribir(self, doc: Residente) -> dict[str, Any]:
        """As it is put in: `guardar` makes no mark of what nobody says."""
        crudo = super()._escribir(doc)
        return crudo | doc.claves() | {"marcas": self._marcas.residentes.todas(crudo)}


def _activos_de(unidades: Collection[PydanticObjectId]) -> dict[str, Any]:
    return {"unidades.unidad_id": {"$in": list(unidades)}, "estado": EstadoResidente.activo.value}


async def rotos_de(
    filas: Repository[Any], marcas: MarcasDeHechos, id: PydanticObjectId, hechos: Collection[str]
) -> frozenset[str]:
    """Those of the facts of a row that are not as they were marked."""
    fila = await filas.row({"_id": id}, (*hechos, "marcas")) if hechos else None
    return frozenset(hecho for hecho in hechos if fila is None or marcas.rota(fila, (hecho,)) is not None)


async def marcas_de(
    filas: Repository[Any], ids: Collection[PydanticObjectId], hecho: str | None = None
) -> dict[PydanticObjectId, Marcas]:
    """The `marcas` of those rows, or that of one fact, as the transaction in course finds them. Where somebody wrote
    what holds none, room is made, so that marks can be put there one by one."""
    halladas: dict[PydanticObjectId, Marcas] = {id: {} for id in ids}
    campo = "marcas" if hecho is None else f"marcas.{hecho}"
    leidas = await filas.rows({"_id": {"$in": list(ids)}}, [campo], orden=()) if ids else []
    halladas |= {fila["_id"]: fila["marcas"] for fila in leidas if isinstance(fila.get("marcas"), dict)}
    sin_sitio = [fila["_id"] for fila in leidas if not isinstance(fila.get("marcas"), dict)]
    if sin_sitio:
        await filas.update_many({"_id": {"$in": sin_sitio}}, {"$set": {"marcas": {}}})
    return halladas


def y_entre(condiciones: dict[str, Any], campo: str, entre: Collection[PydanticObjectId] | None) -> dict[str, Any]:
    return condiciones if entre is None else {"$and": [condiciones, {campo: {"$in": list(entre)}}]}
