"""Queries on the windows of draws, and on requests by the steps of their draw."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
from beanie import PydanticObjectId
from pymongo import UpdateOne

from app.modules.solicitudes.estados import POR_DECIDIR, Fase, RequestStatus
from app.modules.solicitudes.models import (
    CAMPOS_DE_VENTANILLA,
    CAMPOS_VISTOS,
    Franja,
    Solicitud,
    SolicitudVista,
    Terminos,
    Ventanilla,
    VentanillaVista,
)
from app.modules.solicitudes.movimientos.suertes import CAMPOS_DE_SUERTE, EN
from app.shared.reading import Lectura, al_lado, en_un_hilo
from app.shared.repository import Fila, Filtro, Repository

FRANJAS = 128
_DE_UNA_VEZ = 10_000


@attrs.frozen
class Viva:
    """A live request, as far as it keeps others from being made."""

    unidad_id: PydanticObjectId
    vehiculo_id: PydanticObjectId
    tipo: str
    ranura: int


class FranjaRepository(Repository[Franja]):
    model = Franja

    async def crear(self, sorteo_id: PydanticObjectId) -> None:
        """All of a draw, once."""
        if await self.find_one({"sorteo_id": sorteo_id}) is None:
            await self.insert_many(Franja(sorteo_id=sorteo_id, numero=n) for n in range(FRANJAS))

    async def tocar(self, *, sorteo_id: PydanticObjectId, unidad_id: PydanticObjectId) -> None:
        """Make the transaction in course collide with the closing of the window. A stripe that is not there, because
        somebody took it away, is made again: whoever hands in has nothing to do with it."""
        # Ids made one after another end differently.
        numero = int.from_bytes(unidad_id.binary[-3:]) % FRANJAS
        await self.upsert_one({"sorteo_id": sorteo_id, "numero": numero}, {"$inc": {"toques": 1}})

    async def tocar_todas(self, *, sorteo_id: PydanticObjectId) -> None:
        """Wait for every hand-in in course, or make it start again: also for one that makes its stripe at this moment,
        so that each is written by its number, whether it is there or not. Not to be called inside a transaction."""
        todas = [{"sorteo_id": sorteo_id, "numero": numero} for numero in range(FRANJAS)]
        await self.bulk_write([UpdateOne(franja, {"$inc": {"toques": 1}}, upsert=True) for franja in todas])


class VentanillaRepository(Repository[Ventanilla]):
    model = Ventanilla

    def con_vivas(
        self, sorteo_id: PydanticObjectId, *, unidad_id: PydanticObjectId
    ) -> Lectura[tuple[Ventanilla | None, list[Viva]]]:
        """The window, and the live requests in its draw of that flat. A vehicle stays with its flat: one for it is
        among them."""
        suyas = {"sorteo_id": sorteo_id, "unidad_id": unidad_id, "viva": True}
        vivas = al_lado(Solicitud, "vivas", pasos=[{"$match": suyas}])
        return self.reading([{"$match": {"_id": sorteo_id}}, vivas], self._con_vivas)

    def _con_vivas(self, filas: Sequence[Fila]) -> tuple[Ventanilla | None, list[Viva]]:
        if not filas:
            return None, []
        vehiculos = [(viva, viva["vehiculo"]) for viva in filas[0]["vivas"]]
        return self._leer(filas[0]), [Viva(v["unidad_id"], de["id"], de["tipo"], v["ranura"]) for v, de in vehiculos]

    async def siguiente_folio(self, sorteo_id: PydanticObjectId) -> int:
        """The next folio, given out outside of the transaction in course, so that nobody waits for its end: one that
        comes to nothing leaves a gap. It is not waited for until a majority has it: it stands in the log of the
        database before the transaction that uses it, and what a majority has of the log it has from the beginning. Nor
        is it a write that the driver repeats, of each of which the database keeps a record: where it fails, the
        transaction begins again, with another."""
        dicho: Fila = await en_un_hilo(
            self._coleccion,
            lambda coleccion, _: coleccion.database.command(
                "findAndModify",
                coleccion.name,
                query={"_id": sorteo_id},
                update={"$inc": {"ultimo_folio": 1}},
                fields={"ultimo_folio": 1},
                new=True,
                writeConcern={"w": 1},
            ),
        )
        return int(dicho["value"]["ultimo_folio"])

    async def abiertas(self, sorteo_id: PydanticObjectId | None) -> list[Ventanilla]:
        """All that are open, or that one if it is."""
        filtro: dict[str, Any] = {"fase": Fase.abierto}
        return await self.find(filtro if sorteo_id is None else filtro | {"_id": sorteo_id})

    async def publicadas(self) -> list[PydanticObjectId]:
        return [fila["_id"] for fila in await self.rows({"fase": Fase.publicado}, ["_id"])]

    async def en_curso(self) -> list[PydanticObjectId]:
        """The draws that are open, closed or published."""
        fases = [Fase.abierto, Fase.cerrado, Fase.publicado]
        return [PydanticObjectId(fila["_id"]) for fila in await self.rows({"fase": {"$in": fases}}, ["_id"])]

    async def por_ids(self, ids: Iterable[PydanticObjectId]) -> dict[PydanticObjectId, VentanillaVista]:
        unicos = list(set(ids))
        filas = await self.rows({"_id": {"$in": unicos}}, CAMPOS_DE_VENTANILLA, orden=()) if unicos else []
        return {fila["_id"]: VentanillaVista.de_fila(fila) for fila in filas}

    async def pasar_a(self, sorteo_id: PydanticObjectId, fase: Fase, **cambios: Any) -> None:
        await self.update_one({"_id": sorteo_id}, {"$set": {"fase": fase, **cambios}})

    async def con_terminos(self, sorteo_id: PydanticObjectId, terminos: Terminos) -> bool:
        """Give the window other terms; False when there is none."""
        cambio = {"$set": {"terminos": terminos.model_dump(mode="json")}}
        return await self.update_one({"_id": sorteo_id}, cambio) is not None

    async def contar(self, sorteo_id: PydanticObjectId, *, ultimo_folio: int, copiada_hasta: int) -> None:
        cambio = {"ultimo_folio": ultimo_folio, "copiada_hasta": copiada_hasta}
        await self.update_one({"_id": sorteo_id}, {"$set": cambio})

    async def siguen_cerradas(self, ids: Collection[PydanticObjectId]) -> set[PydanticObjectId]:
        """Which of those draws are closed and not yet published, by a write: publishing at that moment collides."""
        return await self._siguen(ids, Fase.cerrado)

    async def siguen_abiertas(self, ids: Collection[PydanticObjectId]) -> set[PydanticObjectId]:
        """Which of those draws take requests, by a write: closing at that moment collides."""
        return await self._siguen(ids, Fase.abierto)

    async def tocar(self, sorteo_id: PydanticObjectId) -> None:
        """Make the transaction in course collide with any other that does the same."""
        await self.update_many({"_id": sorteo_id}, {"$inc": {"toques": 1}})

    async def _siguen(self, ids: Collection[PydanticObjectId], fase: Fase) -> set[PydanticObjectId]:
        if not ids:
            return set()
        de_ella = {"_id": {"$in": sorted(ids)}, "fase": fase}
        await self.update_many(de_ella, {"$inc": {"toques": 1}})
        return {v.oid for v in await self.find(de_ella)}


class PasoRepository(Repository[Solicitud]):
    model = Solicitud

    async def pendientes(self, sorteo_id: PydanticObjectId) -> int:
        return await self.count({"sorteo_id": sorteo_id, "estado": RequestStatus.pendiente})

    async def tocar(self, *, sorteo_id: PydanticObjectId, hasta: int) -> None:
        """Write on every undecided request of a draw up to that folio, so that a change still in course collides with
        the closing. In several commands: of a city, one would take longer than a command may."""
        for folio in range(0, hasta, _DE_UNA_VEZ):
            suyas = {"sorteo_id": sorteo_id, "folio": {"$gt": folio, "$lte": folio + _DE_UNA_VEZ}}
            await self.update_many(suyas | {"estado": {"$in": sorted(POR_DECIDIR)}}, {"$inc": {"toques": 1}})

    async def de_salida(self, *, sorteo_id: PydanticObjectId) -> list[Solicitud]:
        """Live though nobody is left in the flat; those that hold no space first, lest one of them be offered what
        another lets go."""
        salidas = await self.find({"sorteo_id": sorteo_id, "salida": True, "viva": True})
        return sorted(salidas, key=lambda s: s.espacio is not None)

    async def movidas_al_cerrar(self, *, sorteo_id: PydanticObjectId, despues_de: int, limite: int) -> list[Solicitud]:
        """By folio."""
        suyas = {"sorteo_id": sorteo_id, "folio": {"$gt": despues_de}, "antes_del_cierre": {"$ne": None}}
        return await self.find(suyas, orden=[("folio", 1)], limite=limite)

    async def terminadas_al_anular(
        self, *, sorteo_id: PydanticObjectId, despues_de: int, limite: int
    ) -> list[Solicitud]:
        """By folio."""
        filtro = {"sorteo_id": sorteo_id, "folio": {"$gt": despues_de}, "antes_de_anular": {"$ne": None}}
        return await self.find(filtro, orden=[("folio", 1)], limite=limite)

    async def borrar_copias(self, *, sorteo_id: PydanticObjectId, despues_de: int) -> list[PydanticObjectId]:
        """Of a draw that has not opened, those after that folio; which they were."""
        suyas = {"sorteo_id": sorteo_id, "folio": {"$gt": despues_de}}
        ids = [PydanticObjectId(fila["_id"]) for fila in await self.rows(suyas, ["_id"], orden=())]
        await self.delete_many({"_id": {"$in": ids}})
        return ids

    async def en_estados(
        self, estados: Iterable[RequestStatus], *, sorteo_id: PydanticObjectId, limite: int = 0
    ) -> list[Solicitud]:
        return await self.find({"sorteo_id": sorteo_id, "estado": {"$in": sorted(estados)}}, limite=limite)

    async def vivas(self, *, sorteo_id: PydanticObjectId, limite: int) -> list[Solicitud]:
        return await self.find({"sorteo_id": sorteo_id, "viva": True}, limite=limite)

    async def terminar_aceptadas(self, ids: Sequence[PydanticObjectId]) -> None:
        """Their draw was annulled: nothing is left of what they were accepted for."""
        cambio = {"viva": False, "antes_de_anular": RequestStatus.aprobada}
        filas = await self.rows({"_id": {"$in": list(ids)}}, orden=())
        await self.put_again([fila | cambio for fila in filas])

    async def por_decidir(self, *, sorteo_id: PydanticObjectId, folios: Collection[int]) -> list[SolicitudVista]:
        """Of the undecided and the approved ones, those with these folios."""
        filtro = {"sorteo_id": sorteo_id, "folio": {"$in": sorted(folios)}, "estado": {"$in": sorted(POR_DECIDIR)}}
        return await self._vistas(filtro)

    async def sin_decidir(self, *, sorteo_id: PydanticObjectId, limite: int) -> list[SolicitudVista]:
        return await self._vistas({"sorteo_id": sorteo_id, "estado": RequestStatus.pendiente}, limite=limite)

    async def aprobadas(self, ids: Sequence[PydanticObjectId]) -> bytes:
        """Those of `ids` that are, whole and as they are stored, one after the other."""
        suyas = {"_id": {"$in": list(ids)}, "estado": RequestStatus.aprobada}
        return b"".join(await self.batches(suyas, None, [("_id", 1)], len(ids)))

    async def publicar_aprobadas(self, cambios: Mapping[PydanticObjectId, Fila], *, ahora: datetime) -> None:
        """Write `cambios` of those that still are. Not to be called inside a transaction."""
        cuando = {"actualizado_en": ahora}
        ordenes = [
            UpdateOne({"_id": id, "estado": RequestStatus.aprobada}, {"$set": suyos | cuando})
            for id, suyos in cambios.items()
        ]
        if ordenes:
            await self.bulk_write(ordenes)

    async def por_aceptar(self, ids: Sequence[PydanticObjectId]) -> list[Solicitud]:
        """Those of `ids` that got a space."""
        return await self.find({"_id": {"$in": list(ids)}, "estado": RequestStatus.asignada})

    async def por_folio(
        self,
        *,
        sorteo_id: PydanticObjectId,
        despues_de: int,
        limite: int,
        ids: Sequence[PydanticObjectId] | None = None,
    ) -> list[Fila]:
        """Of the undecided and the approved ones."""
        filtro: dict[str, Any] = {"sorteo_id": sorteo_id, "folio": {"$gt": despues_de}}
        filtro["estado"] = {"$in": sorted(POR_DECIDIR)}
        if ids is not None:
            filtro["_id"] = {"$in": list(ids)}
        return await self.rows(filtro, CAMPOS_VISTOS, orden=[("folio", 1)], limite=limite)

    async def filas_por_folio(
        self, *, sorteo_id: PydanticObjectId, despues_de: int, limite: int, campos: Collection[str]
    ) -> list[Fila]:
        """All requests of a draw, as they are stored, with those fields too."""
        filtro = {"sorteo_id": sorteo_id, "folio": {"$gt": despues_de}}
        return await self.rows(filtro, {*CAMPOS_VISTOS, *campos}, orden=[("folio", 1)], limite=limite)

    async def historia_de(
        self, *, unidades: Sequence[PydanticObjectId] | None = None, ids: Sequence[PydanticObjectId] | None = None
    ) -> list[Fila]:
        """The requests of those flats, or those, that were drawn, in any draw."""
        cuales = {"_id": {"$in": list(ids)}} if ids is not None else {"unidad_id": {"$in": list(unidades or ())}}
        return await self.rows(cuales | {"sorteada": True}, (*CAMPOS_DE_SUERTE, EN), orden=())

    async def _vistas(self, filtro: Filtro, *, limite: int = 0) -> list[SolicitudVista]:
        filas = await self.rows(filtro, CAMPOS_VISTOS, limite=limite)
        return [SolicitudVista.de_fila(fila) for fila in filas]
