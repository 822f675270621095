"""The lines of the history of requests, and the marks that they bear."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId
from pymongo import UpdateOne

from app.modules.solicitudes.estados import CON_ESPACIO, Actor, RequestStatus
from app.modules.solicitudes.models import A_PLAZO, Movimiento, Solicitud, SolicitudVista, TipoMovimiento
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Fila, Filtro, Repository

CAMPOS_PRECINTADOS = (
    *("sorteo_id", "folio", "unidad_id", "vehiculo", "estado", "espacio", "prestado", "espera", "lugar", "tipos"),
    *("condiciones", "ofrecida", "vence_en", "precinto"),
)


def linea(
    solicitud: Solicitud | SolicitudVista,
    *,
    actor: Actor,
    cuando: datetime,
    de: RequestStatus | None = None,
    a: RequestStatus | None = None,
    usuario_id: PydanticObjectId | None = None,
    motivo: str | None = None,
    tipo: TipoMovimiento = TipoMovimiento.estado,
    cambios: Mapping[str, Any] | None = None,
) -> Fila:
    """A line of history, as a `Movimiento` is stored; without `a`, of a move to the state in which the request is."""
    return {
        "solicitud_id": solicitud.oid,
        "tipo": tipo.value,
        "de": None if de is None else de.value,
        "a": (a or solicitud.estado).value,
        "actor": actor.value,
        "usuario_id": usuario_id,
        "cuando": cuando,
        "motivo": motivo,
        "cambios": dict(cambios or {}),
    }


class MovimientoRepository(Repository[Movimiento]):
    model = Movimiento
    ordenes: ClassVar[tuple[str, ...]] = ("cuando",)

    async def de(self, solicitud_id: PydanticObjectId, consulta: PageQuery) -> Page[Movimiento]:
        return await self.page({"solicitud_id": solicitud_id}, consulta)

    async def tocadas(self, solicitudes: Collection[PydanticObjectId]) -> set[PydanticObjectId]:
        """Those of them that somebody moved or changed after they were handed in; what the rules do by themselves does
        not count."""
        de_alguien = {"de": {"$ne": None}, "actor": {"$ne": Actor.sistema.value}}
        return set(await self.distinct("solicitud_id", {"solicitud_id": {"$in": list(solicitudes)}, **de_alguien}))

    async def puestas_en_espera(self, solicitudes: Collection[PydanticObjectId]) -> set[PydanticObjectId]:
        """Those of them that publishing their draw put there."""
        suyas = {"solicitud_id": {"$in": list(solicitudes)}, "a": RequestStatus.en_espera}
        return {fila["solicitud_id"] for fila in await self.rows(suyas, ["solicitud_id"], orden=())}

    async def ultimo(self, solicitud_id: PydanticObjectId) -> Movimiento | None:
        """The move that brought it to the state in which it is."""
        movimientos = {"solicitud_id": solicitud_id, "tipo": TipoMovimiento.estado}
        return await self.find_one(movimientos, orden=[("cuando", -1), ("_id", -1)])


class PrecintoRepository(Repository[Solicitud]):
    model = Solicitud

    async def en_lista(self, sorteo_id: PydanticObjectId, *, despues_de: int, hasta: int) -> list[Fila]:
        """What is marked of those that got no space when the draw was published, between those places of the result."""
        filtro = {"sorteo_id": sorteo_id, "espera": {"$gt": despues_de, "$lte": hasta}}
        return await self.rows(filtro, CAMPOS_PRECINTADOS, orden=[("espera", 1)])

    async def con_derecho(
        self, sorteo_id: PydanticObjectId, condicion: str, *, despues_de: int, limite: int
    ) -> list[Fila]:
        """The same of the next of those that have that condition."""
        filtro = {"sorteo_id": sorteo_id, "condiciones": condicion, "espera": {"$gt": despues_de}}
        return await self.rows(filtro, CAMPOS_PRECINTADOS, orden=[("espera", 1)], limite=limite)

    async def por_contestar(self, *, despues_de: PydanticObjectId | None, limite: int) -> list[Fila]:
        """By id, the next of all of which an answer is awaited, whole."""
        siguientes: Filtro = {} if despues_de is None else {"_id": {"$gt": despues_de}}
        return await self.rows({**A_PLAZO, **siguientes}, orden=[("_id", 1)], limite=limite)

    async def las_que_hay(self, ids: Collection[PydanticObjectId]) -> set[PydanticObjectId]:
        return {fila["_id"] for fila in await self.rows({"_id": {"$in": list(ids)}}, ["_id"], orden=())}

    async def con_espacio(self, sorteos: Sequence[PydanticObjectId], espacios: Sequence[str]) -> list[Fila]:
        """The same of those for which one of these spaces is kept."""
        de_ellos = {"sorteo_id": {"$in": list(sorteos)}, "estado": {"$in": sorted(CON_ESPACIO)}}
        return await self.rows({**de_ellos, "espacio": {"$in": list(espacios)}}, CAMPOS_PRECINTADOS, orden=())

    async def sorteadas(self, sorteo_id: PydanticObjectId, *, despues_de: int, limite: int) -> list[Fila]:
        """The same of the next that were drawn, by folio."""
        filtro = {"sorteo_id": sorteo_id, "sorteada": True, "folio": {"$gt": despues_de}}
        return await self.rows(filtro, CAMPOS_PRECINTADOS, orden=[("folio", 1)], limite=limite)

    async def cuantas(self, sorteo_id: PydanticObjectId, *, con: str | None = None) -> int:
        """Of those that got no space, all or those with that condition."""
        filtro: Filtro = {"sorteo_id": sorteo_id, "espera": {"$gte": 1}}
        return await self.count(filtro if con is None else {**filtro, "condiciones": con})

    async def poner_precintos(self, precintos: Mapping[PydanticObjectId, Mapping[str, Any]]) -> None:
        if precintos:
            await self.bulk_write([UpdateOne({"_id": id}, {"$set": p}) for id, p in precintos.items()])

    async def poner_marcas(self, marcas: Mapping[PydanticObjectId, Fila]) -> None:
        if marcas:
            await self.bulk_write([UpdateOne({"_id": id}, {"$set": marca}) for id, marca in marcas.items()])
