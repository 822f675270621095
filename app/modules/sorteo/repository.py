"""Queries on draws and on all they are made of."""

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, ClassVar, TypeVar

from beanie import Document, PydanticObjectId
from bson import Binary

from app.modules.sorteo.estados import PASOS, EstadoSorteo, Paso
from app.modules.sorteo.exceptions import RepeticionInvalida
from app.modules.sorteo.models import (
    ArchivoSorteo,
    CabezaDePaso,
    EspacioEnJuego,
    ParticipanteSorteo,
    ResultadoSorteo,
    SecretoSorteo,
    Sorteo,
)
from app.shared.exceptions import EntradaInvalida, ParkNetError
from app.shared.pagination import Page, PageQuery, escribir_cursor, leer_cursor
from app.shared.repository import Cambio, Filtro, Repository, callado
from app.shared.transaction import current_session

_TROZO = 512 * 1024
_LINEAS = 1000
_POR_FOLIO = (("folio", 1),)
_BORRADAS = 10_000
_ANULABLES = PASOS[Paso.anular].desde
# What was published may still have to end; nothing is left to do about what ended or was annulled.
_EN_CURSO = _ANULABLES | {EstadoSorteo.publicado}
D = TypeVar("D", bound=Document)
Fila = TypeVar("Fila")


class SorteoRepository(Repository[Sorteo]):
    model = Sorteo
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "_id")
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {"sorteo_repite_a": RepeticionInvalida}

    async def listar(self, consulta: PageQuery, *, estado: EstadoSorteo | None, con_borradores: bool) -> Page[Sorteo]:
        """The latest first; those that stand at `estado`, or all."""
        condiciones: list[Filtro] = [{} if estado is None else {"estado": estado}]
        if not con_borradores:
            condiciones.append({"estado": {"$ne": EstadoSorteo.borrador}})
        return await self.page({"$and": condiciones}, consulta)

    async def pasar(
        self,
        id: PydanticObjectId,
        *,
        desde: EstadoSorteo,
        cambio: Cambio,
        igual: Mapping[str, Any] | None = None,
        ficha: str | None = None,
        sin_turno: timedelta | None = None,
        sin_anular: datetime | None = None,
    ) -> Sorteo | None:
        """The one conditional update that makes a step visible: while the draw stands `desde` and the fields of `igual`
        hold what they say; under the turn `ficha`, or while nobody has one (which lasts `sin_turno`); and unless an
        annulment stands (at `sin_anular`)."""
        filtro: dict[str, Any] = {"_id": id, "estado": desde, **(igual or {})}
        if ficha is not None:
            filtro["turno.ficha"] = ficha
        if sin_turno is not None:
            filtro |= de_nadie(sin_turno)
        if sin_anular is not None and desde in _ANULABLES:
            firme = {"anulacion.efecto_en": {"$ne": None, "$lte": sin_anular}, "publicado_hasta": 0}
            filtro["$nor"] = [firme]
        return await self.update_one(filtro, cambio)

    async def reescribir(self, sorteo: Sorteo) -> Sorteo | None:
        """Write a draft whole; None when it is a draft no longer."""
        crudo = self._escribir(sorteo)
        filtro = {"_id": crudo.pop("_id"), "estado": EstadoSorteo.borrador}
        return await self.update_one(filtro, {"$set": crudo})

    async def cabezas(self) -> list[CabezaDePaso]:
        cursor = self._coleccion.find({"cabezas.0": {"$exists": True}}, {"cabezas": 1}, session=current_session())
        return [CabezaDePaso.model_validate(c) async for crudo in cursor for c in crudo["cabezas"]]

    async def publicados(self) -> dict[PydanticObjectId, datetime]:
        """When each draw was published; rehearsals and annulled ones never were."""
        filtro = {"estado": {"$in": [EstadoSorteo.publicado, EstadoSorteo.finalizado]}}
        cursor = self._coleccion.find(filtro, {"publicado_en": 1}, session=current_session())
        return {PydanticObjectId(crudo["_id"]): crudo["publicado_en"] async for crudo in cursor}

    async def por_cerrar(self, *, ahora: datetime, hasta: datetime) -> list[Sorteo]:
        """Open ones whose closing time is near, and nobody was told so."""
        filtro = {"estado": EstadoSorteo.abierto, "ensayo": False, "cierre": {"$gt": ahora, "$lte": hasta}}
        return [sorteo for sorteo in await self.find(filtro) if sorteo.cierre != sorteo.cierre_avisado]

    async def marcar_cierre_avisado(self, sorteo: Sorteo) -> bool:
        """Whether it still closes then, and nobody else came first."""
        filtro = {
            "_id": sorteo.oid,
            "estado": EstadoSorteo.abierto,
            "cierre": sorteo.cierre,
            "cierre_avisado": {"$ne": sorteo.cierre},
        }
        return await self.update_one(filtro, {"$set": {"cierre_avisado": sorteo.cierre}}) is not None

    async def por_atender(self, *, ahora: datetime, hoy: str, turno: timedelta) -> list[Sorteo]:
        """Draws of which nobody has the `turno` (it lasts so long) and for which something is due: to open, to close,
        to run with the number that was given, to finish a step left half done, to end, to carry out an annulment."""
        en_firme = {"$ne": None, "$lte": ahora}
        debido = [
            {"estado": EstadoSorteo.borrador, "apertura": {"$ne": None, "$lte": ahora}},
            {"estado": EstadoSorteo.abierto, "cierre": {"$ne": None, "$lte": ahora}},
            {"estado": EstadoSorteo.cerrado, "entropia": {"$ne": None}},
            {"estado": EstadoSorteo.ejecutado, "publicado_hasta": {"$gt": 0}},
            {"estado": EstadoSorteo.publicado, "vigencia.hasta": {"$lt": hoy}},
            {"estado": {"$in": sorted(_EN_CURSO)}, "turno": {"$ne": None}},
            {"estado": {"$in": sorted(_ANULABLES)}, "anulacion.efecto_en": en_firme},
        ]
        return await self.find({"$and": [de_nadie(turno), {"$or": debido}]})


def de_nadie(duracion: timedelta) -> dict[str, Any]:
    """Nobody has the turn, or who had it stopped renewing it."""
    return {"$or": [{"turno": None}, callado("turno.visto_en", duracion)]}


class SecretoRepository(Repository[SecretoSorteo]):
    model = SecretoSorteo


class EspacioEnJuegoRepository(Repository[EspacioEnJuego]):
    model = EspacioEnJuego

    async def en_juego(self, sorteo_id: PydanticObjectId) -> list[EspacioEnJuego]:
        """By code."""
        return await self.find({"sorteo_id": sorteo_id, "excluido": None}, orden=[("codigo", 1)])

    async def excluidos(self, sorteo_id: PydanticObjectId) -> list[EspacioEnJuego]:
        return await self.find({"sorteo_id": sorteo_id, "excluido": {"$ne": None}}, orden=[("codigo", 1)])

    async def clases(self, sorteo_id: PydanticObjectId) -> list[tuple[str, str | None]]:
        """The (tipo, reserva) there are, by counting on the server."""
        pasos: list[dict[str, Any]] = [
            {"$match": {"sorteo_id": sorteo_id, "excluido": None}},
            {"$group": {"_id": {"tipo": "$tipo", "reserva": "$reserva"}}},
        ]
        filas = await self._coleccion.aggregate(pasos, session=current_session()).to_list(None)
        return [(fila["_id"]["tipo"], fila["_id"].get("reserva")) for fila in filas]


class FilasRepository(Repository[D]):
    """Rows that one number orders, unique among those of a draw: the first of `ordenes`. Being unique it is the whole
    cursor, and its index serves the sort."""

    async def por_numero(self, filtro: Filtro, consulta: PageQuery) -> Page[D]:
        """One page. Raises EntradaInvalida for an `orden` or cursor not ours."""
        campo = self.ordenes[0]
        if consulta.orden not in (None, campo):
            raise EntradaInvalida.en("orden", "orden_invalido")
        if consulta.cursor is not None:
            leer_numero(consulta.cursor, campo)
        return await self.page(filtro, consulta, orden_fijo=campo, sin_empates={campo})

    async def borrar_por_lotes(self, filtro: Filtro) -> None:
        """Delete what matches, in commands that each take a moment."""
        while filas := await self.rows(filtro, ["_id"], orden=[(self.ordenes[0], 1)], limite=_BORRADAS):
            await self.delete_many({"_id": {"$in": [fila["_id"] for fila in filas]}})


def leer_numero(cursor: str, campo: str) -> int:
    """The number after which the page of `cursor` begins. Raises EntradaInvalida."""
    (numero,) = leer_cursor(cursor, campo, 1)
    if type(numero) is not int:
        raise EntradaInvalida.en("cursor", "cursor_invalido")
    return numero


def pagina_por_numero(filas: Sequence[Fila], campo: str, limite: int) -> Page[Fila]:
    """The page of `filas`, of which there is one more than `limite` when there is a next one."""
    quedan = filas[:limite]
    siguiente = escribir_cursor(campo, [getattr(quedan[-1], campo)]) if len(filas) > limite else None
    return Page(items=quedan, siguiente=siguiente)


def _del_cierre(sorteo: Sorteo) -> dict[str, Any]:
    """What counts of what closings found."""
    return {"sorteo_id": sorteo.oid, "intento": sorteo.intento}


class ParticipanteRepository(FilasRepository[ParticipanteSorteo]):
    model = ParticipanteSorteo
    ordenes: ClassVar[tuple[str, ...]] = ("folio",)

    async def listar(self, sorteo: Sorteo, consulta: PageQuery) -> Page[ParticipanteSorteo]:
        """By folio."""
        return await self.por_numero(_del_cierre(sorteo), consulta)

    async def de_solicitudes(self, sorteo: Sorteo, ids: Sequence[PydanticObjectId]) -> list[ParticipanteSorteo]:
        """By folio."""
        return await self.find({**_del_cierre(sorteo), "solicitud_id": {"$in": list(ids)}}, orden=_POR_FOLIO)

    async def rechazados(self, sorteo: Sorteo) -> list[ParticipanteSorteo]:
        """Those that an impediment kept out, by folio."""
        return await self.find({**_del_cierre(sorteo), "impedimentos.0": {"$exists": True}}, orden=_POR_FOLIO)

    async def con_cambios(self, sorteo: Sorteo) -> list[ParticipanteSorteo]:
        """Those of whom staff changed a fact while the draw was open, by folio."""
        return await self.find({**_del_cierre(sorteo), "cambios.0": {"$exists": True}}, orden=_POR_FOLIO)

    async def por_folios(
        self, *, sorteo_id: PydanticObjectId, intento: str, folios: Iterable[int]
    ) -> dict[int, ParticipanteSorteo]:
        filtro = {"sorteo_id": sorteo_id, "intento": intento, "folio": {"$in": list(folios)}}
        return {p.folio: p for p in await self.find(filtro)}

    async def descartar(self, *, sorteo_id: PydanticObjectId, intentos: Collection[str]) -> None:
        """Delete what those closings of the draw wrote."""
        await self.borrar_por_lotes({"sorteo_id": sorteo_id, "intento": {"$in": list(intentos)}})


def de_la_corrida(sorteo: Sorteo) -> dict[str, Any]:
    """The lines of the result that count."""
    return {"sorteo_id": sorteo.oid, "corrida": sorteo.corrida}


class ResultadoRepository(FilasRepository[ResultadoSorteo]):
    model = ResultadoSorteo
    ordenes: ClassVar[tuple[str, ...]] = ("posicion",)

    async def anotar(self, filas: Sequence[ResultadoSorteo]) -> None:
        """Write lines of the result."""
        await self.insert_many(filas)

    async def descartar(self, *, sorteo_id: PydanticObjectId, corridas: Collection[str]) -> None:
        """Delete what those runs of the draw wrote."""
        await self.borrar_por_lotes({"sorteo_id": sorteo_id, "corrida": {"$in": list(corridas)}})

    async def ultimo_ganador(
        self, *, sorteo: Sorteo, tipos: Sequence[str], condiciones: Sequence[str]
    ) -> ResultadoSorteo | None:
        """The worst placed of those whose space somebody with these rights could have had too: a reserved one by its
        right, or when it was lent."""
        reserva = [{"espacio_reserva": {"$in": [None, *condiciones]}}, {"prestado": True}]
        filtro = {**de_la_corrida(sorteo), "espacio_tipo": {"$in": list(tipos)}, "$or": reserva}
        return await self.find_one(filtro, orden=[("posicion", -1)])


async def _en_hilo(lineas: Iterable[bytes]) -> AsyncIterator[bytes]:
    restantes = iter(lineas)
    while varias := await asyncio.to_thread(lambda: b"".join(islice(restantes, _LINEAS))):
        yield varias


class ArchivoRepository(Repository[ArchivoSorteo]):
    model = ArchivoSorteo

    async def guardar(
        self, *, sorteo_id: PydanticObjectId, archivo: str, intento: str, lineas: Iterable[bytes] | AsyncIterable[bytes]
    ) -> str:
        """Store a file in pieces of half a MiB, over itself when it is there already; its SHA-256. Never more than one
        piece of it is in memory. Lines that are no more than iterable are made in a thread."""
        parte, trozo, huella = 0, bytearray(), hashlib.sha256()
        async for varias in lineas if isinstance(lineas, AsyncIterable) else _en_hilo(lineas):
            trozo += varias
            huella.update(varias)
            while len(trozo) > _TROZO:
                await self._guardar_parte(sorteo_id, archivo, intento, parte, bytes(trozo[:_TROZO]))
                del trozo[:_TROZO]
                parte += 1
        await self._guardar_parte(sorteo_id, archivo, intento, parte, bytes(trozo))
        return huella.hexdigest()

    async def descartar(self, *, sorteo_id: PydanticObjectId, intentos: Collection[str]) -> None:
        """Delete the files that were written under those tokens."""
        await self.delete_many({"sorteo_id": sorteo_id, "intento": {"$in": list(intentos)}})

    async def partes(self, *, sorteo_id: PydanticObjectId, archivo: str, intento: str) -> AsyncIterator[bytes]:
        filtro = {"sorteo_id": sorteo_id, "archivo": archivo, "intento": intento}
        async for pieza in self.iterate(filtro, orden=[("parte", 1)]):
            yield pieza.datos

    async def _guardar_parte(
        self, sorteo_id: PydanticObjectId, archivo: str, intento: str, parte: int, datos: bytes
    ) -> None:
        clave = {"sorteo_id": sorteo_id, "archivo": archivo, "intento": intento, "parte": parte}
        await self.upsert_one(clave, {"$set": {"datos": Binary(datos)}})
