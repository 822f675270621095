"""Queries on draws, their secrets, their copies of spaces and their files."""

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, ClassVar

import attrs
from beanie import PydanticObjectId
from bson import Binary
from pydantic import BaseModel

from app.core.facts.marks import Dichas
from app.core.metrics import PASOS_DADOS
from app.modules.sorteo import motor
from app.modules.sorteo.custodia.marcas import MarcasDeSorteo
from app.modules.sorteo.estados import PASOS, PUBLICADOS, EstadoSorteo, Paso
from app.modules.sorteo.exceptions import BasesAlteradas, RepeticionInvalida
from app.modules.sorteo.models import ArchivoSorteo, EspacioEnJuego, Publicado, Reservado, SecretoSorteo, Sorteo
from app.modules.sorteo.pasos.models import Alteracion, CabezaDePaso
from app.modules.sorteo.prioridades.repository import sobre_condicion
from app.shared.documents import callado
from app.shared.exceptions import ParkNetError
from app.shared.pagination import Page, PageQuery
from app.shared.reading import alguno_de
from app.shared.repository import Fila, Filtro, Repository
from app.shared.transaction import al_confirmar

_TROZO = 512 * 1024
_LINEAS = 1000
_COPIADO = ("codigo", "tipo", "reserva", "excluido")
_ANULABLES = PASOS[Paso.anular].desde
_ABIERTOS: Filtro = {"estado": {"$ne": EstadoSorteo.borrador}}


@attrs.define(kw_only=True, slots=False, eq=False)
class SorteoRepository(Repository[Sorteo]):
    """What is stated of a draft is written with its mark."""

    _marcas: MarcasDeSorteo
    model = Sorteo
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "_id")
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {"sorteo_repite_a": RepeticionInvalida}

    async def listar(
        self, consulta: PageQuery, *, estados: Collection[EstadoSorteo] | None, con_borradores: bool
    ) -> Page[Sorteo]:
        """Draws that stand at one of `estados`, or all, the latest first."""
        de_esos: Filtro = {} if estados is None else {"estado": alguno_de(estados)}
        return await self.page({"$and": [de_esos, {} if con_borradores else _ABIERTOS]}, consulta)

    async def pasar(
        self,
        id: PydanticObjectId,
        *,
        desde: EstadoSorteo,
        poner: Mapping[str, Any],
        agregar: Mapping[str, BaseModel | None] | None = None,
        igual: Mapping[str, Any] | None = None,
        ficha: str | None = None,
        sin_turno: timedelta | None = None,
        sin_anular: bool = False,
        con_lo_escrito: bool = False,
    ) -> Sorteo | None:
        """The one conditional update that makes a step visible; None when its conditions do not hold.

        The draw stands at `desde`, and the fields of `igual` have those values. `ficha`: the token that has the turn.
        `sin_turno`: nobody has a turn, which lasts so long. `sin_anular`: no annulment was asked for.

        `poner`: fields to set. `agregar`: what to add to lists, but for None. `con_lo_escrito`: what was written under
        `ficha` counts from now on."""
        filtro: dict[str, Any] = {"_id": id, "estado": desde, **(igual or {})}
        if ficha is not None:
            filtro["turno.ficha"] = ficha
        if sin_turno is not None:
            filtro |= de_nadie(sin_turno)
        if sin_anular:
            filtro["anulacion"] = None
        cambio: dict[str, Any] = {"$set": poner}
        nuevos = {campo: valor.model_dump() for campo, valor in (agregar or {}).items() if valor is not None}
        if nuevos:
            cambio["$push"] = nuevos
        if con_lo_escrito:
            cambio["$pull"] = {"a_medias": ficha}
        movido = await self.update_one(filtro, cambio)
        if movido is not None and movido.estado != desde:
            al_confirmar(PASOS_DADOS.labels(movido.estado.value).inc)
        return movido

    async def anotar_acta(self, id: PydanticObjectId, huella: str) -> bool:
        """Note that minutes of that hash were handed out. False when it is noted already."""
        return await self.update_one({"_id": id, "actas": {"$ne": huella}}, {"$push": {"actas": huella}}) is not None

    async def exigir_dicho(self, id: PydanticObjectId, dichas: Dichas) -> None:
        """The parameters of a draft are as the last act that the audit was told of left them. Raises BasesAlteradas."""
        fila = await self.row({"_id": id}, (*self._marcas.borradores.campos, "marcas"))
        if fila is not None and (rota := self._marcas.borradores.rota(fila, dichas=dichas)):
            raise BasesAlteradas(donde=rota, objeto=str(id))

    async def reescribir(self, sorteo: Sorteo, dichos: Collection[str]) -> Sorteo | None:
        """Write a draft whole; None when the draw is no draft any more, or somebody is opening it. `dichos`: the
        parameters that somebody states whole."""
        crudo = super()._escribir(sorteo)
        filtro = {"_id": crudo.pop("_id"), "estado": EstadoSorteo.borrador, "turno": None}
        antes = await self.row(filtro)
        if antes is None:
            return None
        marcas = self._marcas.borradores.seguidas(antes, antes | crudo, dichos)
        return await self.update_one(filtro, {"$set": crudo | {"marcas": marcas}})

    async def insert(self, doc: Sorteo) -> Sorteo:
        doc.id = doc.id or PydanticObjectId()
        return await super().insert(doc)

    def _escribir(self, doc: Sorteo) -> dict[str, Any]:
        crudo = super()._escribir(doc)
        return crudo | {"marcas": self._marcas.borradores.todas(crudo)}

    async def que_tocan(self, desde: date, hasta: date, *, y: Sequence[PydanticObjectId]) -> list[Sorteo]:
        """Draws that have not ended, no rehearsals, of which a day of the term is in that interval; and those."""
        en_esos_dias = {"vigencia.desde": {"$lte": hasta.isoformat()}, "vigencia.hasta": {"$gte": desde.isoformat()}}
        sin_acabar = {"estado": {"$nin": [EstadoSorteo.finalizado, EstadoSorteo.anulado]}, "ensayo": False}
        return await self.find({"$or": [en_esos_dias | sin_acabar, {"_id": {"$in": y}}]})

    async def borradores(self, ids: Collection[PydanticObjectId]) -> set[PydanticObjectId]:
        """Which of those draws have not opened."""
        filas = await self.rows({"_id": {"$in": list(ids)}, "estado": EstadoSorteo.borrador}, ["_id"])
        return {fila["_id"] for fila in filas}

    async def anotar_alteracion(self, id: PydanticObjectId, hallada: Alteracion) -> bool:
        """Note what a step found altered. False when that place is noted already."""
        otra = {"_id": id, "alteracion.donde": {"$ne": hallada.donde}}
        return await self.update_one(otra, {"$set": {"alteracion": hallada.model_dump()}}) is not None

    async def alguno_sobre(self, condicion: str) -> bool:
        """Whether one opened with a rule that looks at who has that condition."""
        return await self.count({"reglas": {"$elemMatch": sobre_condicion(condicion)}}, tope=1) > 0

    async def cabezas(self) -> list[CabezaDePaso]:
        filas = await self.rows({"cabezas.0": {"$exists": True}}, ["cabezas"])
        return [CabezaDePaso.model_validate(cabeza) for fila in filas for cabeza in fila["cabezas"]]

    async def publicados(self) -> dict[PydanticObjectId, datetime]:
        """When each published draw was published."""
        filas = await self.rows({"estado": {"$in": sorted(PUBLICADOS)}}, ["publicado_en"])
        return {PydanticObjectId(fila["_id"]): fila["publicado_en"] for fila in filas}

    async def abiertos_alguna_vez(self) -> list[Fila]:
        """Where each draw stands that was opened, and its term."""
        return await self.rows(_ABIERTOS, ["estado", "publicado_en", "intento", "vigencia"])

    async def por_cerrar(self, *, ahora: datetime, hasta: datetime) -> list[Sorteo]:
        """Open draws whose closing time is near and was not announced."""
        filtro = {"estado": EstadoSorteo.abierto, "ensayo": False, "cierre": {"$gt": ahora, "$lte": hasta}}
        return [sorteo for sorteo in await self.find(filtro) if sorteo.cierre != sorteo.cierre_avisado]

    async def marcar_cierre_avisado(self, sorteo: Sorteo) -> bool:
        """Note that the closing time is announced. False when it has moved, or another process was first."""
        sin_avisar = {"cierre": sorteo.cierre, "cierre_avisado": {"$ne": sorteo.cierre}}
        filtro = {"_id": sorteo.oid, "estado": EstadoSorteo.abierto, **sin_avisar}
        return await self.update_one(filtro, {"$set": {"cierre_avisado": sorteo.cierre}}) is not None

    async def por_atender(self, *, ahora: datetime, hoy: str, turno: timedelta) -> list[Sorteo]:
        """Draws of which nobody has the turn and for which a step is due: opening, closing, a run with the number that
        was given, the rest of a step left half done, the end, an annulment. `turno`: how long a turn lasts."""
        debido = [
            {"estado": EstadoSorteo.borrador, "apertura": {"$ne": None, "$lte": ahora}},
            {"estado": EstadoSorteo.abierto, "cierre": {"$ne": None, "$lte": ahora}},
            {"estado": EstadoSorteo.cerrado, "$or": [{"entropia": {"$ne": None}}, {"por_congelar": True}]},
            {"estado": EstadoSorteo.ejecutado, "publicado_hasta": {"$gt": 0}},
            {"estado": EstadoSorteo.ejecutado, "ensayo": False, "publica_en": {"$ne": None, "$lte": ahora}},
            {"estado": EstadoSorteo.publicado, "vigencia.hasta": {"$lt": hoy}},
            {"estado": {"$in": sorted(_ANULABLES)}, "turno": {"$ne": None}},
        ]
        anulacion = {"estado": {"$in": sorted(_ANULABLES)}, "anulacion": {"$ne": None}}
        return await self.find({"$and": [de_nadie(turno), {"$or": [*debido, anulacion]}]})


def de_nadie(duracion: timedelta) -> dict[str, Any]:
    """Nobody has the turn, or its holder stopped renewing it."""
    return {"$or": [{"turno": None}, callado("turno.visto_en", duracion)]}


class SecretoRepository(Repository[SecretoSorteo]):
    model = SecretoSorteo

    async def con_padron(self, id: PydanticObjectId, sellado: bytes) -> None:
        """Keep the key of the roll, unless the draw has one."""
        await self.update_one({"_id": id, "padron": None}, {"$set": {"padron": sellado}})


class EspacioEnJuegoRepository(Repository[EspacioEnJuego]):
    model = EspacioEnJuego

    async def en_juego(self, sorteo_id: PydanticObjectId) -> list[motor.Espacio]:
        """The spaces in the draw, by code."""
        filas = await self.rows({"sorteo_id": sorteo_id, "excluido": None}, _COPIADO[:3], orden=[("codigo", 1)])
        return [motor.Espacio(fila["codigo"], fila["tipo"], fila["reserva"]) for fila in filas]

    async def copias(self, sorteo_id: PydanticObjectId) -> list[tuple[Any, ...]]:
        """All: code, kind, reserve, and why it was left out; by code."""
        filas = await self.rows({"sorteo_id": sorteo_id}, _COPIADO, orden=[("codigo", 1)])
        return [tuple(fila.get(campo) for campo in _COPIADO) for fila in filas]

    async def ultimos(self, sorteo_id: PydanticObjectId, *, limite: int) -> list[str]:
        """The last codes that were copied, those left out too."""
        filas = await self.rows({"sorteo_id": sorteo_id}, ["codigo"], orden=[("codigo", -1)], limite=limite)
        return [fila["codigo"] for fila in filas]

    async def descartar(self, sorteo_id: PydanticObjectId, codigos: Sequence[str]) -> None:
        """Of a draw that did not open."""
        await self.delete_many({"sorteo_id": sorteo_id, "codigo": {"$in": list(codigos)}})

    async def solo_de_otros(self, sorteo_id: PydanticObjectId) -> list[str]:
        """What was left out as another draw has it, where nothing else is left."""
        if await self.count({"sorteo_id": sorteo_id, "excluido": None}, tope=1):
            return []
        filas = await self.rows({"sorteo_id": sorteo_id, "excluido": "otro_sorteo"}, ["codigo"], orden=[("codigo", 1)])
        return [fila["codigo"] for fila in filas]

    async def excluidos(self, sorteo_id: PydanticObjectId) -> list[EspacioEnJuego]:
        return await self.find({"sorteo_id": sorteo_id, "excluido": {"$ne": None}}, orden=[("codigo", 1)])

    async def entre(self, sorteo_id: PydanticObjectId, codigos: Sequence[str]) -> list[EspacioEnJuego]:
        """Of those codes, the spaces that the draw has, by code."""
        suyos = {"sorteo_id": sorteo_id, "codigo": {"$in": list(codigos)}, "excluido": None}
        return await self.find(suyos, orden=[("codigo", 1)])

    async def de_varios(self, sorteos: Sequence[PydanticObjectId], codigos: Sequence[str]) -> list[Fila]:
        """The same of those draws, as they are stored."""
        suyos = {"sorteo_id": {"$in": list(sorteos)}, "codigo": {"$in": list(codigos)}, "excluido": None}
        return await self.rows(suyos, ["codigo", "sorteo_id"], orden=())

    async def alguno_para(self, condicion: str) -> bool:
        """Whether in some draw one is, or was, kept for who has that condition."""
        return await self.count({"reserva": condicion}, tope=1) > 0

    async def clases(self, sorteo_id: PydanticObjectId) -> list[tuple[str, str | None]]:
        """The (tipo, reserva) there are, by counting on the server."""
        pasos: list[dict[str, Any]] = [
            {"$match": {"sorteo_id": sorteo_id, "excluido": None}},
            {"$group": {"_id": {"tipo": "$tipo", "reserva": "$reserva"}}},
        ]
        return [(fila["_id"]["tipo"], fila["_id"].get("reserva")) for fila in await self.aggregate(pasos)]


async def _en_hilo(lineas: Iterable[bytes]) -> AsyncIterator[bytes]:
    restantes = iter(lineas)
    while varias := await asyncio.to_thread(lambda: b"".join(islice(restantes, _LINEAS))):
        yield varias


class ArchivoRepository(Repository[ArchivoSorteo]):
    model = ArchivoSorteo

    async def guardar(
        self,
        *,
        sorteo_id: PydanticObjectId,
        archivo: Publicado | Reservado,
        intento: str,
        lineas: Iterable[bytes] | AsyncIterable[bytes],
    ) -> str:
        """Store a file in pieces of half a MiB, over itself if it is stored already; its SHA-256 in hex. At most one
        piece is in memory. Lines of a plain iterable are made in a thread."""
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

    async def partes(
        self, *, sorteo_id: PydanticObjectId, archivo: Publicado | Reservado, intento: str
    ) -> AsyncIterator[bytes]:
        filtro = {"sorteo_id": sorteo_id, "archivo": archivo, "intento": intento}
        async for pieza in self.iterate(filtro, orden=[("parte", 1)]):
            yield pieza.datos

    async def _guardar_parte(
        self, sorteo_id: PydanticObjectId, archivo: Publicado | Reservado, intento: str, parte: int, datos: bytes
    ) -> None:
        clave = {"sorteo_id": sorteo_id, "archivo": archivo, "intento": intento, "parte": parte}
        await self.upsert_one(clave, {"$set": {"datos": Binary(datos)}})
