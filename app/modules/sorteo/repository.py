"""Queries on draws and on all they are made of."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from beanie import PydanticObjectId
from bson import Binary
from pymongo import UpdateOne

from app.database.unit_of_work import current_session
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.exceptions import RepeticionInvalida
from app.modules.sorteo.models import (
    ArchivoSorteo,
    EspacioEnJuego,
    ParticipanteSorteo,
    ResultadoSorteo,
    SecretoSorteo,
    Sorteo,
)
from app.shared.exceptions import ParkNetError
from app.shared.repository import Cambio, Repository

_TROZO = 512 * 1024


class SorteoRepository(Repository[Sorteo]):
    model = Sorteo
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "_id")
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {"sorteo_repite_a": RepeticionInvalida}

    async def pasar(
        self,
        id: PydanticObjectId,
        *,
        desde: EstadoSorteo,
        cambio: Cambio,
        ficha: str | None = None,
        salvo: Mapping[str, Any] | None = None,
    ) -> Sorteo | None:
        """The one conditional update that makes a step visible: while it still stands `desde`, and under `ficha`."""
        filtro: dict[str, Any] = {"_id": id, "estado": desde, **(salvo or {})}
        if ficha is not None:
            filtro["turno.ficha"] = ficha
        return await self.update_one(filtro, cambio)

    async def reescribir(self, sorteo: Sorteo) -> Sorteo | None:
        """Write a draft whole; None when it is a draft no longer."""
        crudo = self._escribir(sorteo)
        filtro = {"_id": crudo.pop("_id"), "estado": EstadoSorteo.borrador}
        return await self.update_one(filtro, {"$set": crudo})

    async def tomar_turno(
        self, id: PydanticObjectId, *, paso: str, ficha: str, ahora: datetime, duracion: timedelta
    ) -> Sorteo | None:
        """Take the turn on a draw if nobody has it, or who had it stopped renewing it."""
        libre = {"_id": id, "$or": [{"turno": None}, {"turno.vence_en": {"$lte": ahora}}]}
        turno = {"paso": paso, "ficha": ficha, "vence_en": ahora + duracion}
        return await self.update_one(libre, {"$set": {"turno": turno}})

    async def renovar_turno(self, id: PydanticObjectId, *, ficha: str, vence_en: datetime) -> bool:
        suyo = {"_id": id, "turno.ficha": ficha}
        return await self.update_one(suyo, {"$set": {"turno.vence_en": vence_en}}) is not None

    async def dejar_turno(self, id: PydanticObjectId, *, ficha: str) -> None:
        await self.update_one({"_id": id, "turno.ficha": ficha}, {"$set": {"turno": None}})

    async def publicados(self) -> dict[PydanticObjectId, datetime]:
        """When each draw was published; rehearsals and annulled ones never were."""
        filtro = {"estado": {"$in": [EstadoSorteo.publicado, EstadoSorteo.finalizado]}}
        return {s.oid: s.publicado_en for s in await self.find(filtro) if s.publicado_en is not None}

    async def por_atender(self, *, ahora: datetime, hoy: str) -> list[Sorteo]:
        """Draws for which something is due: to open, to close, to finish a step left half done, to end."""
        return await self.find(
            {
                "$or": [
                    {"estado": EstadoSorteo.borrador, "apertura": {"$ne": None, "$lte": ahora}},
                    {"estado": EstadoSorteo.abierto, "cierre": {"$ne": None, "$lte": ahora}},
                    {"estado": EstadoSorteo.publicado, "vigencia.hasta": {"$lt": hoy}},
                    {"turno.vence_en": {"$lte": ahora}},
                    {
                        "estado": {"$in": [EstadoSorteo.cerrado, EstadoSorteo.ejecutado]},
                        "anulacion.efecto_en": {"$ne": None, "$lte": ahora},
                    },
                ]
            }
        )


class SecretoRepository(Repository[SecretoSorteo]):
    model = SecretoSorteo


class EspacioEnJuegoRepository(Repository[EspacioEnJuego]):
    model = EspacioEnJuego

    async def en_juego(self, sorteo_id: PydanticObjectId) -> list[EspacioEnJuego]:
        """By code."""
        return await self.find({"sorteo_id": sorteo_id, "excluido": None}, orden=[("codigo", 1)])

    async def excluidos(self, sorteo_id: PydanticObjectId) -> list[EspacioEnJuego]:
        return await self.find({"sorteo_id": sorteo_id, "excluido": {"$ne": None}}, orden=[("codigo", 1)])

    async def de_tipos(self, sorteo_id: PydanticObjectId, tipos: Sequence[str]) -> list[EspacioEnJuego]:
        return await self.find({"sorteo_id": sorteo_id, "tipo": {"$in": list(tipos)}})

    async def clases(self, sorteo_id: PydanticObjectId) -> list[tuple[str, str | None]]:
        """The (tipo, reserva) there are, by counting on the server."""
        cursor = self._coleccion.aggregate(
            [
                {"$match": {"sorteo_id": sorteo_id, "excluido": None}},
                {"$group": {"_id": {"tipo": "$tipo", "reserva": "$reserva"}}},
            ],
            session=current_session(),
        )
        return [(fila["_id"]["tipo"], fila["_id"].get("reserva")) async for fila in cursor]


class ParticipanteRepository(Repository[ParticipanteSorteo]):
    model = ParticipanteSorteo
    ordenes: ClassVar[tuple[str, ...]] = ("folio",)

    async def por_folios(
        self, *, sorteo_id: PydanticObjectId, intento: str, folios: Iterable[int]
    ) -> dict[int, ParticipanteSorteo]:
        filtro = {"sorteo_id": sorteo_id, "intento": intento, "folio": {"$in": list(folios)}}
        return {p.folio: p for p in await self.find(filtro)}


class ResultadoRepository(Repository[ResultadoSorteo]):
    model = ResultadoSorteo
    ordenes: ClassVar[tuple[str, ...]] = ("posicion",)

    async def reescribir(self, filas: Sequence[ResultadoSorteo]) -> None:
        """Write lines of the result, over themselves when they are there already."""
        ordenes = []
        for fila in filas:
            crudo = self._escribir(fila)
            clave = {"sorteo_id": crudo.pop("sorteo_id"), "posicion": crudo.pop("posicion")}
            ordenes.append(UpdateOne(clave, {"$set": crudo}, upsert=True))
        if ordenes:
            await self._coleccion.bulk_write(ordenes, ordered=False, session=current_session())

    async def ultimo_ganador(self, *, sorteo_id: PydanticObjectId, espacios: Sequence[str]) -> ResultadoSorteo | None:
        filtro = {"sorteo_id": sorteo_id, "espacio": {"$in": list(espacios)}}
        return await self.find_one(filtro, orden=[("posicion", -1)])


class ArchivoRepository(Repository[ArchivoSorteo]):
    model = ArchivoSorteo

    async def guardar(
        self, *, sorteo_id: PydanticObjectId, archivo: str, intento: str, lineas: Iterable[bytes]
    ) -> None:
        """Store a file in pieces of half a MiB, over itself when it is there already."""
        parte, trozo = 0, bytearray()
        for linea in lineas:
            trozo += linea
            if len(trozo) >= _TROZO:
                await self._guardar_parte(sorteo_id, archivo, intento, parte, bytes(trozo))
                parte, trozo = parte + 1, bytearray()
        await self._guardar_parte(sorteo_id, archivo, intento, parte, bytes(trozo))

    async def partes(self, *, sorteo_id: PydanticObjectId, archivo: str, intento: str) -> AsyncIterator[bytes]:
        filtro = {"sorteo_id": sorteo_id, "archivo": archivo, "intento": intento}
        async for pieza in self.iterate(filtro, orden=[("parte", 1)]):
            yield pieza.datos

    async def _guardar_parte(
        self, sorteo_id: PydanticObjectId, archivo: str, intento: str, parte: int, datos: bytes
    ) -> None:
        clave = {"sorteo_id": sorteo_id, "archivo": archivo, "intento": intento, "parte": parte}
        await self._coleccion.update_one(
            clave, {"$set": {"datos": Binary(datos)}}, upsert=True, session=current_session()
        )
