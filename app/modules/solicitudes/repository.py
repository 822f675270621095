"""Queries on requests."""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

import attrs
from beanie import PydanticObjectId

from app.modules.solicitudes.estados import POR_DECIDIR, RequestStatus
from app.modules.solicitudes.exceptions import SolicitudDuplicada
from app.modules.solicitudes.models import A_PLAZO, CAMPOS_VISTOS, VENTANILLAS, Solicitud, SolicitudVista
from app.modules.solicitudes.ports import Hallados
from app.shared.exceptions import Conflicto, ParkNetError
from app.shared.pagination import Page, PageQuery, pedir
from app.shared.reading import Lectura, alguno_de
from app.shared.repository import Fila, Filtro, Repository

_TROZO = 1_000


@attrs.frozen(kw_only=True)
class Alcance:
    """What a resident sees: of the flats in which they live now, the requests that were handed in while somebody lived
    there who still does. `vecinos`: who lives in each of those flats. The past of former tenants is nobody's to see."""

    vecinos: Mapping[PydanticObjectId, Sequence[PydanticObjectId]]


@attrs.frozen(kw_only=True)
class Filtros:
    """What a list may be narrowed by; None is no limit."""

    sorteo_id: PydanticObjectId | None = None
    estados: Sequence[RequestStatus] | None = None
    unidad_id: PydanticObjectId | None = None
    torres: Sequence[str] | None = None
    tipos: Sequence[str] | None = None
    placa: str | None = None
    impedimentos: Sequence[str] | None = None
    vence_antes: datetime | None = None
    q: str | None = None


@attrs.frozen(kw_only=True)
class Seleccion:
    """Which requests: those within reach that match, with what others know of it. `unidades`: of the towers.
    `hallados`: by `q`, who asked and for which flat. `abiertos`: the open draws, where impediments are judged anew:
    whoever asks for one gets all that may have it."""

    alcance: Alcance | None
    filtros: Filtros
    unidades: Sequence[PydanticObjectId] | None
    hallados: Hallados | None
    abiertos: Sequence[PydanticObjectId]


def al_alcance(alcance: Alcance | None) -> dict[str, Any]:
    if alcance is None:
        return {}
    suyas = [
        {"unidad_id": unidad_id, "habitantes": {"$in": list(residentes)}}
        for unidad_id, residentes in alcance.vecinos.items()
    ]
    return {"$or": suyas} if suyas else {"unidad_id": {"$in": []}}


def filtro_de(seleccion: Seleccion) -> Filtro:
    filtros = seleccion.filtros
    iguales = {
        "sorteo_id": filtros.sorteo_id,
        "estado": None if filtros.estados is None else alguno_de(filtros.estados),
        "unidad_id": filtros.unidad_id,
        "vehiculo.placa": filtros.placa,
    }
    condiciones: list[dict[str, Any]] = [al_alcance(seleccion.alcance)]
    condiciones += [{campo: valor} for campo, valor in iguales.items() if valor is not None]
    if seleccion.unidades is not None:
        condiciones.append({"unidad_id": {"$in": list(seleccion.unidades)}})
    if (hallados := seleccion.hallados) is not None:
        quien, de_que = {"$in": list(hallados.residentes)}, {"$in": list(hallados.unidades)}
        condiciones.append({"$or": [{"residente_id": quien}, {"unidad_id": de_que}]})
    if filtros.tipos is not None:
        tipo = alguno_de(filtros.tipos)
        condiciones.append({"$or": [{"vehiculo.tipo": tipo}, {"clase": tipo}]})
    if filtros.impedimentos is not None:
        juzgadas = {"sorteo_id": {"$in": list(seleccion.abiertos)}, "estado": {"$in": sorted(POR_DECIDIR)}}
        condiciones.append({"$or": [{"impedimentos": alguno_de(filtros.impedimentos)}, juzgadas]})
    if filtros.vence_antes is not None:
        condiciones.append({**A_PLAZO, "vence_en": {"$lt": filtros.vence_antes}})
    return {"$and": condiciones}


def _sin_empates(seleccion: Seleccion) -> Collection[str]:
    return () if seleccion.filtros.sorteo_id is None else ("folio",)


_A_LA_VISTA = ("folio", "sorteo_id", "unidad_id", "vehiculo", "estado", "motivo", "espacio", "espera", "creado_en")


class RanuraOcupada(Conflicto):
    """Another request took the place among the flat's live ones: whoever asked looks again and may find another."""

    codigo = "unidad_con_solicitud"


class SolicitudRepository(Repository[Solicitud]):
    model = Solicitud
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "folio", "_id")
    # With each filter, and with none, the sorts in which a page costs what it holds: see docs/scale.md.
    en_orden: ClassVar[Mapping[str, Sequence[str]]] = {
        **dict.fromkeys(("", "unidad_id", "placa"), ordenes),
        "sorteo_id": ("-creado_en", "folio"),
        "estado": ("-creado_en",),
    }
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {
        "solicitud_vehiculo_viva": SolicitudDuplicada,
        "solicitud_unidad_viva": RanuraOcupada,
    }

    async def visible(self, id: PydanticObjectId, alcance: Alcance | None) -> Solicitud | None:
        return await self.find_one({"_id": id} | al_alcance(alcance))

    async def propias(self, alcance: Alcance) -> list[PydanticObjectId]:
        return [PydanticObjectId(id) for id in await self.distinct("_id", al_alcance(alcance))]

    async def por_ids(self, ids: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, Solicitud]:
        return {s.oid: s for s in await self.find({"_id": {"$in": list(ids)}})}

    async def pendientes(
        self,
        sorteo_id: PydanticObjectId,
        *,
        despues_de: int,
        unidades: Collection[PydanticObjectId] | None,
        limite: int,
    ) -> list[Solicitud]:
        """Undecided ones of a draw by folio, of these flats or of all."""
        filtro: dict[str, Any] = {"sorteo_id": sorteo_id, "estado": RequestStatus.pendiente}
        if unidades is not None:
            filtro["unidad_id"] = {"$in": list(unidades)}
        return await self.find(filtro | {"folio": {"$gt": despues_de}}, orden=[("folio", 1)], limite=limite)

    def listar(self, seleccion: Seleccion, consulta: PageQuery) -> Lectura[tuple[Page[Fila], list[Fila]]]:
        """A page, and the windows of the draws of those on it."""
        filtro, unicos = filtro_de(seleccion), _sin_empates(seleccion)
        return self.page_with(filtro, consulta, CAMPOS_VISTOS, VENTANILLAS, sin_empates=unicos)

    def cursor_tras(self, vista: Fila, seleccion: Seleccion, consulta: PageQuery) -> str:
        """Of what comes after one that is shown, in the order of `consulta`."""
        unicos = {*self.ordenes_unicos, *_sin_empates(seleccion)}
        return pedir({}, consulta, ordenes=self.ordenes, unicos=unicos).tras(vista | {"_id": vista["id"]})

    async def listar_espera(self, sorteo_id: PydanticObjectId, consulta: PageQuery) -> Page[SolicitudVista]:
        """First in line first."""
        filtro = {"sorteo_id": sorteo_id, "estado": RequestStatus.en_espera}
        pagina = await self.page_of_rows(filtro, consulta, CAMPOS_VISTOS, orden_fijo="lugar")
        return pagina.con([SolicitudVista.de_fila(fila) for fila in pagina.items])

    async def lugares(
        self, esperas: Collection[tuple[PydanticObjectId, PydanticObjectId, int]]
    ) -> dict[PydanticObjectId, int]:
        """The place of each that waits among those who still do. `esperas`: each with its draw and its `lugar`."""
        hasta: dict[PydanticObjectId, int] = {}
        for _, sorteo_id, lugar in esperas:
            hasta[sorteo_id] = max(lugar, hasta.get(sorteo_id, lugar))
        if not hasta:
            return {}
        en_espera = [
            {"sorteo_id": sorteo_id, "estado": RequestStatus.en_espera, "lugar": {"$lte": ultimo}}
            for sorteo_id, ultimo in hasta.items()
        ]
        quienes: dict[PydanticObjectId, list[int]] = {sorteo_id: [] for sorteo_id in hasta}
        for fila in await self.rows({"$or": en_espera}, ["sorteo_id", "lugar"], orden=[("lugar", 1)]):
            quienes[fila["sorteo_id"]].append(fila["lugar"])
        return {id: bisect_left(quienes[sorteo_id], lugar) + 1 for id, sorteo_id, lugar in esperas}

    async def lugares_de(self, ids: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, int]:
        """The place of each of these that waits, among those who still do."""
        filtro = {"_id": {"$in": list(ids)}, "estado": RequestStatus.en_espera}
        filas = await self.rows(filtro, ["sorteo_id", "lugar"])
        return await self.lugares([(fila["_id"], fila["sorteo_id"], fila["lugar"]) for fila in filas])

    async def viva_de_vehiculo(self, *, vehiculo_id: PydanticObjectId, sorteo_id: PydanticObjectId) -> bool:
        return await self.find_one({"vehiculo.id": vehiculo_id, "viva": True, "sorteo_id": sorteo_id}) is not None

    async def viva_de_vehiculos(self, *, vehiculos: Sequence[PydanticObjectId]) -> bool:
        return await self.find_one({"vehiculo.id": {"$in": list(vehiculos)}, "viva": True}) is not None

    async def con_viva(self, *, vehiculos: Sequence[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        """Those of them that a live request is for."""
        return frozenset(await self.distinct("vehiculo.id", {"vehiculo.id": {"$in": list(vehiculos)}, "viva": True}))

    async def vivian(
        self, *, residentes: Sequence[PydanticObjectId], unidades: Sequence[PydanticObjectId]
    ) -> frozenset[PydanticObjectId]:
        """Those of them who lived in one of those flats when a request of it was handed in."""
        suyas = {"unidad_id": {"$in": list(unidades)}, "habitantes": {"$in": list(residentes)}}
        filas = await self.rows(suyas, ["habitantes"], orden=()) if unidades else []
        return frozenset(residentes) & {id for fila in filas for id in fila["habitantes"]}

    async def pedidas_por(self, *, residentes: Sequence[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        """Those of them who ever asked."""
        return frozenset(await self.distinct("residente_id", {"residente_id": {"$in": list(residentes)}}))

    async def unidades_con(self, *, unidades: Sequence[PydanticObjectId], vivas: bool) -> frozenset[PydanticObjectId]:
        """Those of them with a request, a live one where `vivas`."""
        filtro = {"unidad_id": {"$in": list(unidades)}} | ({"viva": True} if vivas else {})
        return frozenset(await self.distinct("unidad_id", filtro))

    async def mostrar_las_de(self, residente_id: PydanticObjectId) -> list[Fila]:
        filas = await self.rows({"residente_id": residente_id}, _A_LA_VISTA)
        return [{campo: fila.get(campo) for campo in _A_LA_VISTA} for fila in filas]

    async def olvidar_placas(self, residente_id: PydanticObjectId, *, unidades: Sequence[PydanticObjectId]) -> None:
        """Of what they asked for those flats and is not live."""
        suyas = {"residente_id": residente_id, "unidad_id": {"$in": list(unidades)}, "viva": False}
        await self.update_many(suyas, {"$set": {"vehiculo.placa": None}})

    async def sorteos_con(self, *, vehiculo_id: PydanticObjectId) -> set[PydanticObjectId]:
        """Those in which a live request is for that vehicle."""
        return {s.sorteo_id for s in await self.find({"vehiculo.id": vehiculo_id, "viva": True})}

    async def poner_placa(self, *, vehiculo_id: PydanticObjectId, placa: str | None) -> None:
        await self.update_many({"vehiculo.id": vehiculo_id, "viva": True}, {"$set": {"vehiculo.placa": placa}})

    async def alguna_de(self, *, unidad_id: PydanticObjectId) -> bool:
        return await self.find_one({"unidad_id": unidad_id}) is not None

    async def vivas_de(self, *, unidades: Sequence[PydanticObjectId]) -> list[Solicitud]:
        return await self.find({"unidad_id": {"$in": list(unidades)}, "viva": True})

    async def mover(
        self, solicitud: Solicitud, a: RequestStatus, *, cambios: Mapping[str, Any], ahora: datetime
    ) -> Solicitud | None:
        """Move a request that still stands, and falls due, as it was read. None when something came before."""
        filtro = {"_id": solicitud.id, "estado": solicitud.estado, "vence_en": solicitud.vence_en}
        return await self.update_one(filtro, {"$set": {"estado": a, "actualizado_en": ahora, **cambios}})

    async def mover_lote(
        self,
        lote: Sequence[Solicitud | SolicitudVista],
        a: RequestStatus,
        *,
        cambios: Mapping[str, Any],
        ahora: datetime,
    ) -> None:
        """Move all of `lote`, read in the same transaction."""
        escritos = {"estado": a, "actualizado_en": ahora, **cambios}
        for inicio in range(0, len(lote), _TROZO):
            filas = await self.rows({"_id": {"$in": [s.id for s in lote[inicio : inicio + _TROZO]]}}, orden=())
            await self.put_again([fila | escritos for fila in filas])

    async def terminar_viva(self, id: PydanticObjectId) -> Solicitud | None:
        """One whose assignment ended. One whose space was claimed back waits again, and lives on."""
        acabada = await self.update_one({"_id": id, "estado": RequestStatus.aceptada}, {"$set": {"viva": False}})
        return acabada or await self.get(id)

    async def cambiar(self, id: PydanticObjectId, cambios: Mapping[str, Any], *, ahora: datetime) -> None:
        await self.update_one({"_id": id}, {"$set": {"actualizado_en": ahora, **cambios}})

    async def marcar_salidas(self, solicitudes: Sequence[Solicitud]) -> None:
        if solicitudes:
            await self.update_many({"_id": {"$in": [s.oid for s in solicitudes]}}, {"$set": {"salida": True}})

    async def marcar_salida_de_idas(self, *, unidades: Sequence[PydanticObjectId]) -> None:
        """Mark those that a step of the draw ended and another may bring back: reopening, repeating."""
        await self.update_many(
            {
                "unidad_id": {"$in": list(unidades)},
                "viva": False,
                "$or": [{"antes_del_cierre": {"$ne": None}}, {"antes_de_anular": {"$ne": None}}],
            },
            {"$set": {"salida": True}},
        )

    async def primera_en_espera(
        self, *, sorteo_id: PydanticObjectId, tipo: str, reserva: str | None
    ) -> Solicitud | None:
        """The first of the waiting list who may use such a space; with `reserva`, of those who hold its right."""
        filtro: dict[str, Any] = {"sorteo_id": sorteo_id, "estado": RequestStatus.en_espera, "tipos": tipo}
        if reserva is not None:
            filtro["condiciones"] = reserva
        return await self.find_one(filtro, orden=[("lugar", 1), ("_id", 1)])

    async def por_recordar(self, *, ahora: datetime, hasta: datetime, limite: int) -> list[Solicitud]:
        """Whose time to answer ends by then, and nobody reminded them."""
        estados = [RequestStatus.asignada, RequestStatus.ofrecida]
        filtro = {"estado": {"$in": estados}, "recordada": False, "vence_en": {"$gt": ahora, "$lte": hasta}}
        return await self.find(filtro, orden=[("vence_en", 1), ("_id", 1)], limite=limite)

    async def marcar_recordadas(self, ids: Sequence[PydanticObjectId]) -> None:
        await self.update_many({"_id": {"$in": list(ids)}}, {"$set": {"recordada": True}})

    async def vencidas(self, *, ahora: datetime, limite: int) -> list[Solicitud]:
        """Spaces kept beyond their time, the oldest first."""
        filtro = {**A_PLAZO, "vence_en": {"$lte": ahora}}
        return await self.find(filtro, orden=[("vence_en", 1)], limite=limite)
