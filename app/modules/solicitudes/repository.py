"""Queries on requests, their history and the windows of draws."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId
from pymongo import UpdateOne

from app.modules.solicitudes.estados import CON_ESPACIO, POR_DECIDIR, Fase, RequestStatus
from app.modules.solicitudes.exceptions import SolicitudDuplicada
from app.modules.solicitudes.models import Movimiento, Solicitud, Ventanilla
from app.modules.solicitudes.seleccion import Alcance, Seleccion, al_alcance, filtro_de
from app.shared.exceptions import Conflicto, ParkNetError
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Filtro, Repository

_TROZO = 10_000


class RanuraOcupada(Conflicto):
    """Another request took the place among the flat's live ones: whoever asked looks again and may find another."""

    codigo = "unidad_con_solicitud"


class SolicitudRepository(Repository[Solicitud]):
    model = Solicitud
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "folio", "_id")
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {
        "solicitud_vehiculo_viva": SolicitudDuplicada,
        "solicitud_unidad_viva": RanuraOcupada,
    }

    async def visible(self, id: PydanticObjectId, alcance: Alcance | None) -> Solicitud | None:
        return await self.find_one({"_id": id} | al_alcance(alcance))

    async def propias(self, alcance: Alcance) -> list[PydanticObjectId]:
        de_vecinos = {"unidad_id": {"$in": list(alcance.unidades)}, "residente_id": {"$in": list(alcance.vecinos)}}
        filtro = {"$or": [{"residente_id": alcance.residente_id}, de_vecinos]}
        return [PydanticObjectId(id) for id in await self.distinct("_id", filtro)]

    async def por_ids(self, ids: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, Solicitud]:
        return {s.oid: s for s in await self.find({"_id": {"$in": list(ids)}})}

    def por_decidir(
        self, *, sorteos: Sequence[PydanticObjectId], unidades: Sequence[PydanticObjectId] | None
    ) -> AsyncIterator[Solicitud]:
        """Undecided or approved ones of these draws, of these flats or of all."""
        filtro: dict[str, Any] = {"sorteo_id": {"$in": list(sorteos)}, "estado": {"$in": sorted(POR_DECIDIR)}}
        return self.iterate(filtro if unidades is None else filtro | {"unidad_id": {"$in": list(unidades)}})

    async def listar(self, seleccion: Seleccion, consulta: PageQuery) -> Page[Solicitud]:
        de_un_sorteo = ("folio",) if seleccion.sorteo_id is not None else ()
        return await self.page(filtro_de(seleccion), consulta, sin_empates=de_un_sorteo)

    async def listar_espera(self, sorteo_id: PydanticObjectId, consulta: PageQuery) -> Page[Solicitud]:
        """First in line first."""
        filtro = {"sorteo_id": sorteo_id, "estado": RequestStatus.en_espera}
        return await self.page(filtro, consulta, orden_fijo="espera")

    async def ids_de(
        self,
        eleccion: Seleccion | Sequence[PydanticObjectId],
        *,
        despues_de: PydanticObjectId | None,
        limite: int,
    ) -> list[PydanticObjectId]:
        """By ascending id, those after `despues_de`."""
        elegidas = filtro_de(eleccion) if isinstance(eleccion, Seleccion) else {"_id": {"$in": list(eleccion)}}
        resto: Filtro = {} if despues_de is None else {"_id": {"$gt": despues_de}}
        return [s.oid for s in await self.find({"$and": [elegidas, resto]}, limite=limite)]

    async def ranuras(self, *, sorteo_id: PydanticObjectId, unidad_id: PydanticObjectId) -> set[int]:
        """The places that the flat's live requests in the draw take."""
        filtro = {"sorteo_id": sorteo_id, "unidad_id": unidad_id, "viva": True}
        return {s.ranura for s in await self.find(filtro)}

    async def viva_de_vehiculo(self, *, vehiculo_id: PydanticObjectId, sorteo_id: PydanticObjectId) -> bool:
        return await self.find_one({"vehiculo.id": vehiculo_id, "viva": True, "sorteo_id": sorteo_id}) is not None

    async def viva_de_vehiculos(self, *, vehiculos: Sequence[PydanticObjectId]) -> bool:
        return await self.find_one({"vehiculo.id": {"$in": list(vehiculos)}, "viva": True}) is not None

    async def alguna_de(self, *, unidad_id: PydanticObjectId) -> bool:
        return await self.find_one({"unidad_id": unidad_id}) is not None

    async def vivas_de(self, *, unidades: Sequence[PydanticObjectId]) -> list[Solicitud]:
        return await self.find({"unidad_id": {"$in": list(unidades)}, "viva": True})

    async def mover(
        self, solicitud: Solicitud, a: RequestStatus, *, cambios: Mapping[str, Any], ahora: datetime
    ) -> Solicitud | None:
        """Move it if it still stands, and falls due, as it was read; None when something came before."""
        filtro = {"_id": solicitud.id, "estado": solicitud.estado, "vence_en": solicitud.vence_en}
        return await self.update_one(filtro, {"$set": {"estado": a, "actualizado_en": ahora, **cambios}})

    async def mover_lote(
        self, lote: Sequence[Solicitud], a: RequestStatus, *, cambios: Mapping[str, Any], ahora: datetime
    ) -> None:
        """Move all of `lote`, read in the same transaction."""
        for inicio in range(0, len(lote), _TROZO):
            ids = [s.id for s in lote[inicio : inicio + _TROZO]]
            await self.update_many({"_id": {"$in": ids}}, {"$set": {"estado": a, "actualizado_en": ahora, **cambios}})

    async def mover_varias(self, cambios: Sequence[tuple[Solicitud, Mapping[str, Any]]]) -> None:
        """Each to a place of its own, in one command; read in the same transaction."""
        ordenes = [UpdateOne({"_id": s.id, "estado": s.estado}, {"$set": dict(cambio)}) for s, cambio in cambios]
        await self.bulk_write(ordenes)

    async def tocar(self, *, sorteo_id: PydanticObjectId) -> None:
        """Write on every undecided request of a draw, so that a change still in course collides with the closing."""
        await self.update_many(
            {"sorteo_id": sorteo_id, "estado": {"$in": sorted(POR_DECIDIR)}}, {"$inc": {"toques": 1}}
        )

    async def terminar_viva(self, id: PydanticObjectId) -> Solicitud | None:
        """An accepted one, whose assignment ended."""
        return await self.update_one({"_id": id}, {"$set": {"viva": False}})

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

    async def de_salida(self, *, sorteo_id: PydanticObjectId) -> list[Solicitud]:
        """Live though nobody is left in the flat; those that hold no space first, lest one of them be offered what
        another lets go."""
        salidas = await self.find({"sorteo_id": sorteo_id, "salida": True, "viva": True})
        return sorted(salidas, key=lambda s: s.espacio is not None)

    async def movidas_al_cerrar(self, *, sorteo_id: PydanticObjectId) -> list[Solicitud]:
        return await self.find({"sorteo_id": sorteo_id, "antes_del_cierre": {"$ne": None}})

    async def canceladas_al_anular(self, *, sorteo_id: PydanticObjectId) -> list[Solicitud]:
        """By folio."""
        filtro = {"sorteo_id": sorteo_id, "estado": RequestStatus.cancelada, "antes_de_anular": {"$ne": None}}
        return await self.find(filtro, orden=[("folio", 1)])

    async def primera_en_espera(
        self, *, sorteo_id: PydanticObjectId, tipo: str, reserva: str | None
    ) -> Solicitud | None:
        """The first of the waiting list who may use such a space; with `reserva`, of those who hold its right."""
        filtro: dict[str, Any] = {"sorteo_id": sorteo_id, "estado": RequestStatus.en_espera, "tipos": tipo}
        if reserva is not None:
            filtro["condiciones"] = reserva
        return await self.find_one(filtro, orden=[("espera", 1)])

    async def por_recordar(self, *, ahora: datetime, hasta: datetime, limite: int) -> list[Solicitud]:
        """Whose time to answer ends by then, and nobody reminded them."""
        estados = [RequestStatus.asignada, RequestStatus.ofrecida]
        filtro = {"estado": {"$in": estados}, "recordada": False, "vence_en": {"$gt": ahora, "$lte": hasta}}
        return await self.find(filtro, orden=[("vence_en", 1), ("_id", 1)], limite=limite)

    async def marcar_recordadas(self, ids: Sequence[PydanticObjectId]) -> None:
        await self.update_many({"_id": {"$in": list(ids)}}, {"$set": {"recordada": True}})

    async def vencidas(self, *, ahora: datetime, limite: int) -> list[Solicitud]:
        """Spaces kept beyond their time, the oldest first."""
        filtro = {"estado": {"$in": sorted(CON_ESPACIO)}, "vence_en": {"$lte": ahora}}
        return await self.find(filtro, orden=[("vence_en", 1)], limite=limite)

    async def en_estados(
        self, estados: Iterable[RequestStatus], *, sorteo_id: PydanticObjectId, limite: int = 0
    ) -> list[Solicitud]:
        return await self.find({"sorteo_id": sorteo_id, "estado": {"$in": sorted(estados)}}, limite=limite)

    async def aprobadas(self, ids: Sequence[PydanticObjectId]) -> list[Solicitud]:
        return await self.find({"_id": {"$in": list(ids)}, "estado": RequestStatus.aprobada})

    async def por_aceptar(self, ids: Sequence[PydanticObjectId]) -> list[Solicitud]:
        """Those of `ids` that got a space, and somebody is left in the flat to hold it."""
        return await self.find({"_id": {"$in": list(ids)}, "estado": RequestStatus.asignada, "salida": False})

    async def por_folio(
        self,
        *,
        sorteo_id: PydanticObjectId,
        estados: Iterable[RequestStatus] | None,
        despues_de: int,
        limite: int,
        unidades: Sequence[PydanticObjectId] | None = None,
        ids: Sequence[PydanticObjectId] | None = None,
    ) -> list[Solicitud]:
        filtro: dict[str, Any] = {"sorteo_id": sorteo_id, "folio": {"$gt": despues_de}}
        if estados is not None:
            filtro["estado"] = {"$in": sorted(estados)}
        if unidades is not None:
            filtro["unidad_id"] = {"$in": list(unidades)}
        if ids is not None:
            filtro["_id"] = {"$in": list(ids)}
        return await self.find(filtro, orden=[("folio", 1)], limite=limite)

    async def historia_de(self, *, unidades: Sequence[PydanticObjectId]) -> list[Solicitud]:
        """The requests of those flats that were drawn, in any draw."""
        return await self.find({"unidad_id": {"$in": list(unidades)}, "sorteada": True})


class MovimientoRepository(Repository[Movimiento]):
    model = Movimiento
    ordenes: ClassVar[tuple[str, ...]] = ("cuando",)

    async def de(self, solicitud_id: PydanticObjectId, consulta: PageQuery) -> Page[Movimiento]:
        return await self.page({"solicitud_id": solicitud_id}, consulta)


class VentanillaRepository(Repository[Ventanilla]):
    model = Ventanilla

    async def siguiente_folio(self, sorteo_id: PydanticObjectId, *, ahora: datetime) -> int | None:
        """The next folio, while the window is open; None when it is not. Writing here is what makes closing safe."""
        abierta = {
            "_id": sorteo_id,
            "fase": Fase.abierto,
            "$or": [{"cierre": None}, {"cierre": {"$gt": ahora}}],
        }
        ventanilla = await self.update_one(abierta, {"$inc": {"ultimo_folio": 1}})
        return None if ventanilla is None else ventanilla.ultimo_folio

    async def abiertas(self, sorteo_id: PydanticObjectId | None) -> list[Ventanilla]:
        """All that are open, or that one if it is."""
        filtro: dict[str, Any] = {"fase": Fase.abierto}
        return await self.find(filtro if sorteo_id is None else filtro | {"_id": sorteo_id})

    async def en_curso(self) -> list[PydanticObjectId]:
        """The draws that are open, closed or published."""
        fases = [Fase.abierto, Fase.cerrado, Fase.publicado]
        return [v.oid for v in await self.find({"fase": {"$in": fases}})]

    async def por_ids(self, ids: Iterable[PydanticObjectId]) -> dict[PydanticObjectId, Ventanilla]:
        return {v.oid: v for v in await self.find({"_id": {"$in": sorted(set(ids))}})}

    async def pasar_a(self, sorteo_id: PydanticObjectId, fase: Fase, **cambios: Any) -> None:
        await self.update_one({"_id": sorteo_id}, {"$set": {"fase": fase, **cambios}})

    async def contar(self, sorteo_id: PydanticObjectId, *, ultimo_folio: int) -> None:
        await self.update_one({"_id": sorteo_id}, {"$set": {"ultimo_folio": ultimo_folio}})

    async def siguen_cerradas(self, ids: Collection[PydanticObjectId]) -> set[PydanticObjectId]:
        """Which of those draws are closed and not yet published, by a write: publishing at that moment collides."""
        cerradas = {"_id": {"$in": sorted(ids)}, "fase": Fase.cerrado}
        await self.update_many(cerradas, {"$inc": {"toques": 1}})
        return {v.oid for v in await self.find(cerradas)}
