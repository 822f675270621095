"""Queries on what closings and runs of draws wrote: the participants, and the lines of the result."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

import attrs
from beanie import Document, PydanticObjectId
from pymongo import UpdateOne

from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.resultados.models import RECHAZADA, ParticipanteSorteo, ResultadoSorteo
from app.shared.exceptions import EntradaInvalida
from app.shared.pagination import Page, PageQuery, escribir_cursor, leer_cursor
from app.shared.repository import Fila, Filtro, Repository

_POR_FOLIO = (("folio", 1),)
_POR_POSICION = (("posicion", 1),)
_BORRADAS = 10_000
_LOTE = 1_000
_DE_UNA_VEZ = 500
D = TypeVar("D", bound=Document)
F = TypeVar("F")


class FilasRepository(Repository[D]):
    """Rows in the order of one number, the first of `ordenes`. The number is unique within a draw: it alone is the
    cursor, and its index serves the sort."""

    async def por_numero(self, filtro: Filtro, consulta: PageQuery) -> Page[D]:
        """One page. Raises EntradaInvalida for another `orden` or for a cursor of another list."""
        campo = self.ordenes[0]
        if consulta.orden not in (None, campo):
            raise EntradaInvalida.en("orden", "orden_invalido")
        if consulta.cursor is not None:
            leer_numero(consulta.cursor, campo)
        return await self.page(filtro, consulta, orden_fijo=campo, sin_empates={campo})

    async def borrar_por_lotes(self, filtro: Filtro) -> None:
        """Delete what matches, in several short commands."""
        while filas := await self.rows(filtro, ["_id"], orden=[(self.ordenes[0], 1)], limite=_BORRADAS):
            await self.delete_many({"_id": {"$in": [fila["_id"] for fila in filas]}})


def leer_numero(cursor: str, campo: str) -> int:
    """The number after which the page of `cursor` begins. Raises EntradaInvalida."""
    (numero,) = leer_cursor(cursor, campo, 1)
    if type(numero) is not int:
        raise EntradaInvalida.en("cursor", "cursor_invalido")
    return numero


def pagina_por_numero(filas: Sequence[F], campo: str, limite: int) -> Page[F]:
    """The page of `filas`, of which there is one more than `limite` when there is a next one."""
    quedan = filas[:limite]
    siguiente = escribir_cursor(campo, [getattr(quedan[-1], campo)]) if len(filas) > limite else None
    return Page(items=quedan, siguiente=siguiente)


def _del_cierre(sorteo: Sorteo) -> dict[str, Any]:
    """The participants that count: those of the closing that stands."""
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
        """Participants that an impediment kept out, by folio."""
        return await self.find({**_del_cierre(sorteo), "impedimentos.0": {"$exists": True}}, orden=_POR_FOLIO)

    async def rechazos(self, sorteo: Sorteo, *, despues_de: int, hasta: int) -> dict[int, str]:
        """By folio, the first rule that kept a request out which staff had not refused."""
        filtro = {
            **_del_cierre(sorteo),
            "folio": {"$gt": despues_de, "$lte": hasta},
            "impedimentos": {"$nin": [[], [RECHAZADA]]},
        }
        return {
            fila["folio"]: fila["impedimentos"][0]
            for fila in await self.rows(filtro, ["folio", "impedimentos"], orden=())
        }

    async def con_cambios(self, sorteo: Sorteo) -> list[ParticipanteSorteo]:
        """Participants of whom staff changed a fact while the draw was open, by folio."""
        return await self.find({**_del_cierre(sorteo), "cambios.0": {"$exists": True}}, orden=_POR_FOLIO)

    async def poner_cambios(
        self, sorteo_id: PydanticObjectId, intento: str, cambios: Mapping[int, Sequence[Fila]]
    ) -> None:
        """By folio, of that closing."""
        ordenes = [
            UpdateOne({"sorteo_id": sorteo_id, "intento": intento, "folio": folio}, {"$set": {"cambios": suyos}})
            for folio, suyos in cambios.items()
        ]
        for desde in range(0, len(ordenes), _LOTE):
            await self.bulk_write(ordenes[desde : desde + _LOTE])

    async def reglas_cumplidas(self, sorteo_id: PydanticObjectId, *, intento: str) -> set[str]:
        """The codes of rules that hold for somebody whom nothing keeps out."""
        filtro = {"sorteo_id": sorteo_id, "intento": intento, "impedimentos": []}
        return set(await self.distinct("reglas", filtro))

    async def por_folios(self, sorteo: Sorteo, folios: Iterable[int]) -> dict[int, Fila]:
        filtro = {**_del_cierre(sorteo), "folio": {"$in": list(folios)}}
        return {fila["folio"]: fila for fila in await self.rows(filtro, orden=())}

    async def descartar(self, *, sorteo_id: PydanticObjectId, intentos: Collection[str]) -> None:
        """Delete what those closings of the draw wrote."""
        await self.borrar_por_lotes({"sorteo_id": sorteo_id, "intento": {"$in": list(intentos)}})


def de_la_corrida(sorteo: Sorteo) -> dict[str, Any]:
    """The lines that count: those of the run that stands."""
    return {"sorteo_id": sorteo.oid, "corrida": sorteo.corrida}


@attrs.frozen(kw_only=True)
class PuestoPorPublicar:
    """As much of a line of the result as publishing the line takes."""

    folio: int
    posicion: int
    solicitud_id: PydanticObjectId
    unidad_id: PydanticObjectId
    numero: str
    espacio: str | None
    espera: int | None
    prestado: bool
    tipos: list[str]
    condiciones: list[str]


class ResultadoRepository(FilasRepository[ResultadoSorteo]):
    model = ResultadoSorteo
    ordenes: ClassVar[tuple[str, ...]] = ("posicion",)

    async def listar(self, sorteo: Sorteo, consulta: PageQuery, *, con_espacio: bool | None) -> Page[ResultadoSorteo]:
        """By position: the lines with a space, or without; None does not ask."""
        filtro = de_la_corrida(sorteo)
        if con_espacio is not None:
            filtro["espacio"] = {"$ne": None} if con_espacio else None
        return await self.por_numero(filtro, consulta)

    async def de_solicitudes(self, sorteo: Sorteo, ids: Sequence[PydanticObjectId]) -> list[ResultadoSorteo]:
        """By position."""
        return await self.find({**de_la_corrida(sorteo), "solicitud_id": {"$in": list(ids)}}, orden=_POR_POSICION)

    async def por_publicar(self, sorteo: Sorteo, *, despues_de: int, limite: int) -> list[PuestoPorPublicar]:
        """The next lines after that position."""
        filtro = {**de_la_corrida(sorteo), "posicion": {"$gt": despues_de}}
        campos = [campo.name for campo in attrs.fields(PuestoPorPublicar)]
        filas = await self.rows(filtro, campos, orden=_POR_POSICION, limite=limite)
        return [PuestoPorPublicar(**{campo: fila[campo] for campo in campos}) for fila in filas]

    async def por_lotes(self, sorteo: Sorteo) -> AsyncIterator[list[ResultadoSorteo]]:
        """All lines by position, a thousand at a time."""
        desde = 0
        while filas := await self.find(
            {**de_la_corrida(sorteo), "posicion": {"$gt": desde}}, orden=_POR_POSICION, limite=_LOTE
        ):
            yield filas
            desde = filas[-1].posicion

    async def de_corridas(self, corridas: Collection[str], campos: Collection[str]) -> list[Fila]:
        """The lines that those runs wrote, in no order."""
        return await self.rows({"corrida": {"$in": list(corridas)}}, campos, orden=())

    async def anotar(self, filas: Sequence[Fila]) -> None:
        """Write lines of the result, as `ResultadoSorteo` is stored: so many at a time, as nobody else has a turn while
        the driver encodes what it is given."""
        for i in range(0, len(filas), _DE_UNA_VEZ):
            await self.insert_rows(filas[i : i + _DE_UNA_VEZ])

    async def descartar(self, *, sorteo_id: PydanticObjectId, corridas: Collection[str]) -> None:
        """Delete what those runs of the draw wrote."""
        await self.borrar_por_lotes({"sorteo_id": sorteo_id, "corrida": {"$in": list(corridas)}})

    async def ultimo_ganador(
        self, sorteo: Sorteo, *, tipos: Sequence[str], condiciones: Sequence[str]
    ) -> ResultadoSorteo | None:
        """The worst placed winner whose space somebody with these rights could have had: a space without reserve, a
        space of a right among `condiciones`, or a reserved space that was lent."""
        reserva = [{"espacio_reserva": {"$in": [None, *condiciones]}}, {"prestado": True}]
        filtro = {**de_la_corrida(sorteo), "espacio_tipo": {"$in": list(tipos)}, "$or": reserva}
        return await self.find_one(filtro, orden=[("posicion", -1)])
