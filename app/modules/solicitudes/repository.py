"""Queries on requests, their history and the windows of draws."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId
from pymongo import UpdateOne

from app.database.unit_of_work import current_session
from app.modules.solicitudes.estados import CON_ESPACIO, POR_DECIDIR, Fase, RequestStatus
from app.modules.solicitudes.exceptions import SolicitudDuplicada
from app.modules.solicitudes.models import Movimiento, Solicitud, Ventanilla
from app.shared.exceptions import Conflicto, ParkNetError
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Filtro, Repository

_TROZO = 10_000


class RanuraOcupada(Conflicto):
    """Another request took the place among the flat's live ones: whoever asked looks again and may find another."""

    codigo = "unidad_con_solicitud"


@dataclass(frozen=True, slots=True)
class Alcance:
    """What a resident sees: what they asked for themselves, and of the flats they live in now, what residents of now
    asked for and whatever is still live. What former tenants asked for is not theirs to see."""

    residente_id: PydanticObjectId | None
    unidades: Sequence[PydanticObjectId]
    vecinos: Sequence[PydanticObjectId]


@dataclass(frozen=True, slots=True)
class Seleccion:
    """Which requests; None does not ask. `impedidas`: those still to be drawn in which `impedimento` is found now."""

    alcance: Alcance | None = None
    sorteo_id: PydanticObjectId | None = None
    estado: RequestStatus | None = None
    unidad_id: PydanticObjectId | None = None
    unidades: Sequence[PydanticObjectId] | None = None
    residentes: Sequence[PydanticObjectId] | None = None
    tipo: str | None = None
    placa: str | None = None
    impedimento: str | None = None
    impedidas: Sequence[PydanticObjectId] = ()
    vence_antes: datetime | None = None


class SolicitudRepository(Repository[Solicitud]):
    model = Solicitud
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "folio", "_id")
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {
        "solicitud_vehiculo_viva": SolicitudDuplicada,
        "solicitud_unidad_viva": RanuraOcupada,
    }

    async def visible(self, id: PydanticObjectId, alcance: Alcance | None) -> Solicitud | None:
        return await self.find_one({"_id": id} | _al_alcance(alcance))

    async def propias(self, alcance: Alcance) -> list[PydanticObjectId]:
        de_vecinos = {"unidad_id": {"$in": list(alcance.unidades)}, "residente_id": {"$in": list(alcance.vecinos)}}
        filtro = {"$or": [{"residente_id": alcance.residente_id}, de_vecinos]}
        return [PydanticObjectId(id) for id in await self.distinct("_id", filtro)]

    async def listar(self, seleccion: Seleccion, consulta: PageQuery) -> Page[Solicitud]:
        return await self.page(_de(seleccion), consulta)

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
        elegidas = _de(eleccion) if isinstance(eleccion, Seleccion) else {"_id": {"$in": list(eleccion)}}
        resto: Filtro = {} if despues_de is None else {"_id": {"$gt": despues_de}}
        return [s.oid for s in await self.find({"$and": [elegidas, resto]}, limite=limite)]

    async def ranuras(self, *, sorteo_id: PydanticObjectId, unidad_id: PydanticObjectId) -> set[int]:
        """The places that the flat's live requests in the draw take."""
        filtro = {"sorteo_id": sorteo_id, "unidad_id": unidad_id, "viva": True}
        return {s.ranura for s in await self.find(filtro)}

    async def viva_de_vehiculo(self, *, vehiculo_id: PydanticObjectId, sorteo_id: PydanticObjectId | None) -> bool:
        filtro: dict[str, Any] = {"vehiculo.id": vehiculo_id, "viva": True}
        if sorteo_id is not None:
            filtro["sorteo_id"] = sorteo_id
        return await self.find_one(filtro) is not None

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
        await self._coleccion.bulk_write(ordenes, ordered=False, session=current_session())

    async def tocar(self, *, sorteo_id: PydanticObjectId) -> None:
        """Write on every undecided request of a draw, so that a change still in course collides with the closing."""
        await self.update_many(
            {"sorteo_id": sorteo_id, "estado": {"$in": sorted(POR_DECIDIR)}}, {"$inc": {"toques": 1}}
        )

    async def terminar_viva(self, id: PydanticObjectId) -> Solicitud | None:
        """An accepted one, whose assignment ended."""
        return await self.update_one({"_id": id}, {"$set": {"viva": False}})

    async def marcar_salida(self, solicitud: Solicitud) -> None:
        await self.update_one({"_id": solicitud.id}, {"$set": {"salida": True}})

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

    async def por_ids(self, ids: Iterable[PydanticObjectId]) -> dict[PydanticObjectId, Ventanilla]:
        return {v.oid: v for v in await self.find({"_id": {"$in": sorted(set(ids))}})}

    async def pasar_a(self, sorteo_id: PydanticObjectId, fase: Fase, **cambios: Any) -> None:
        await self.update_one({"_id": sorteo_id}, {"$set": {"fase": fase, **cambios}})

    async def contar(self, sorteo_id: PydanticObjectId, *, ultimo_folio: int) -> None:
        await self.update_one({"_id": sorteo_id}, {"$set": {"ultimo_folio": ultimo_folio}})

    async def sigue_cerrada(self, sorteo_id: PydanticObjectId) -> bool:
        """Whether the draw is closed and not yet published, by a write: publishing at that moment collides."""
        return await self.update_one({"_id": sorteo_id, "fase": Fase.cerrado}, {"$inc": {"toques": 1}}) is not None


def _al_alcance(alcance: Alcance | None) -> dict[str, Any]:
    if alcance is None:
        return {}
    de_ahora = [{"residente_id": {"$in": list(alcance.vecinos)}}, {"viva": True, "salida": False}]
    de_su_unidad = {"unidad_id": {"$in": list(alcance.unidades)}, "$or": de_ahora}
    return {"$or": [{"residente_id": alcance.residente_id}, de_su_unidad]}


def _de(seleccion: Seleccion) -> Filtro:
    iguales = {
        "sorteo_id": seleccion.sorteo_id,
        "estado": seleccion.estado,
        "unidad_id": seleccion.unidad_id,
        "vehiculo.placa": seleccion.placa,
    }
    condiciones: list[dict[str, Any]] = [_al_alcance(seleccion.alcance)]
    condiciones += [{campo: valor} for campo, valor in iguales.items() if valor is not None]
    if seleccion.unidades is not None:
        condiciones.append({"unidad_id": {"$in": list(seleccion.unidades)}})
    if seleccion.residentes is not None:
        condiciones.append({"residente_id": {"$in": list(seleccion.residentes)}})
    if seleccion.tipo is not None:
        condiciones.append({"$or": [{"vehiculo.tipo": seleccion.tipo}, {"clase": seleccion.tipo}]})
    if seleccion.impedimento is not None:
        juzgadas = {"_id": {"$in": list(seleccion.impedidas)}}
        condiciones.append({"$or": [{"impedimentos": seleccion.impedimento}, juzgadas]})
    if seleccion.vence_antes is not None:
        # Only these have a deadline; said here, the index of deadlines serves.
        condiciones.append({"estado": {"$in": sorted(CON_ESPACIO)}, "vence_en": {"$lt": seleccion.vence_antes}})
    return {"$and": condiciones}
