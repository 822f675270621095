"""Lists: `limite`, `cursor`, `orden`, `contar`, and the page that answers them."""

import base64
import binascii
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeVar

from beanie import PydanticObjectId
from bson import ObjectId

from app.shared.exceptions import EntradaInvalida
from app.shared.schemas import OutputSchema

Filtro = Mapping[str, Any]
T = TypeVar("T")
U = TypeVar("U")
Valor = str | int | bool | datetime | ObjectId
TOPE_DE_CUENTA = 10_000
_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PageQuery:
    """What a list is asked for: rows a page (1–200), the `siguiente` of the page before, the sort, whether to count;
    `ids`: of those that match, these alone, by their field `llave`."""

    limite: int = 50
    cursor: str | None = None
    orden: str | None = None
    contar: bool = False
    ids: Sequence[PydanticObjectId | str] | None = None
    llave: str = "_id"

    def entre(self, filtro: Filtro) -> Filtro:
        """What matches `filtro`, of `ids` alone where they are said."""
        return filtro if self.ids is None else {"$and": [filtro, {self.llave: {"$in": list(self.ids)}}]}


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of one page. `total` is None unless it was asked for; `total_minimo` says that there are more than that."""

    items: Sequence[T]
    siguiente: str | None
    total: int | None = None
    total_minimo: bool = False

    def con(self, items: Sequence[U]) -> "Page[U]":
        return Page(items=items, siguiente=self.siguiente, total=self.total, total_minimo=self.total_minimo)


class PageOut(OutputSchema, Generic[T]):
    """`total` and `total_minimo` are there with `contar=true` only: routes answer with `exclude_unset`."""

    items: list[T]
    siguiente: str | None
    total: int | None = None
    total_minimo: bool | None = None


async def todas(pedir: Callable[[PageQuery], Awaitable[Page[T]]]) -> AsyncIterator[Sequence[T]]:
    """All pages of a list, one after another: for files, which are as long as the list."""
    consulta = PageQuery(limite=200)
    while True:
        pagina = await pedir(consulta)
        yield pagina.items
        if pagina.siguiente is None:
            return
        consulta = replace(consulta, cursor=pagina.siguiente)


def escribir_cursor(orden: str, valores: Sequence[Valor]) -> str:
    """A cursor holds the sort it belongs to and the values of the last row shown, so it stays right while rows
    come and go."""
    cuerpo = json.dumps([orden, *(_escribir(v) for v in valores)], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(cuerpo.encode()).decode().rstrip("=")


def leer_cursor(cursor: str, orden: str, cuantos: int) -> list[Valor]:
    """The values written in `cursor`. Raises EntradaInvalida when it is not one of ours for this `orden`."""
    try:
        cuerpo = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(cuerpo, list) or len(cuerpo) != cuantos + 1 or cuerpo[0] != orden:
            raise ValueError("cursor ajeno")
        return [_leer(v) for v in cuerpo[1:]]
    except (ValueError, TypeError, KeyError, binascii.Error, RecursionError, OverflowError) as error:
        raise EntradaInvalida.en("cursor", "cursor_invalido") from error


def _escribir(valor: Valor) -> object:
    if isinstance(valor, datetime):
        # As the database has it, which is in UTC, where it does not say so.
        return {"t": (valor.astimezone(UTC) if valor.tzinfo else valor.replace(tzinfo=UTC)).isoformat()}
    if isinstance(valor, ObjectId):
        return {"id": str(valor)}
    return valor


def _leer(valor: object) -> Valor:
    """Whoever knows how a cursor is written can write one: nothing passes here that the database could not compare.
    Raises ValueError."""
    match valor:
        case bool():
            return valor
        case str():
            valor.encode()  # a lone surrogate is a UnicodeEncodeError, which is a ValueError
            return valor
        case int() if abs(valor) < 2**63:
            return valor
        case {"t": str() as instante}:
            cuando = datetime.fromisoformat(instante)
            if cuando.tzinfo is not UTC:
                raise ValueError("instante ajeno")
            return cuando
        case {"id": str() as crudo} if _ID.fullmatch(crudo):
            return PydanticObjectId(crudo)
    raise ValueError("valor ajeno")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nombrados:
    """Documents of `coleccion`, of which rows have the ids in `campo`; these `campos` of them, and the id."""

    coleccion: str
    campo: str
    campos: Collection[str]

    @property
    def pasos(self) -> list[dict[str, Any]]:
        return [{"$project": dict.fromkeys(self.campos, 1)}]


@dataclass(frozen=True, slots=True)
class Pedida:
    """A page that is asked for: the `limite` first that match `filtro` by `orden`, one more than the page shows. The
    order begins with `campo`. `contar_hasta`: how many of all that match are counted at most; None: they are not."""

    filtro: Filtro
    orden: Sequence[tuple[str, int]]
    limite: int
    contar_hasta: int | None
    dicho: str

    @property
    def campo(self) -> str:
        return self.orden[0][0]

    def pasos(self, campos: Collection[str]) -> list[dict[str, Any]]:
        """The steps that read the page: `campos` of each row, and the field of the order."""
        return [
            {"$match": self.filtro},
            {"$sort": dict(self.orden)},
            {"$limit": self.limite},
            {"$project": dict.fromkeys([*campos, self.campo], 1)},
        ]

    def tras(self, fila: Mapping[str, Any]) -> str:
        """The cursor of the page that comes after that row."""
        return escribir_cursor(self.dicho, [fila[campo] for campo, _ in self.orden])

    def pagina(self, filas: list[dict[str, Any]], total: int | None) -> Page[dict[str, Any]]:
        """The page that `filas` make. `total`: how many match in all, counted to one more than is told."""
        siguiente = None
        if len(filas) == self.limite:
            filas = filas[:-1]
            siguiente = self.tras(filas[-1])
        return Page(
            items=filas,
            siguiente=siguiente,
            total=None if total is None else min(total, TOPE_DE_CUENTA),
            total_minimo=total is not None and total > TOPE_DE_CUENTA,
        )


def pedir(
    filtro: Filtro,
    consulta: PageQuery,
    *,
    ordenes: Sequence[str],
    unicos: Collection[str],
    orden_fijo: str | None = None,
    llamados: Mapping[str, str] = MappingProxyType({}),
) -> Pedida:
    """`ordenes`: those that may be asked for, the first where none is. `unicos`: fields whose values are all different
    among what matches. `llamados`: the field of a sort that has another name. Raises
    EntradaInvalida for an `orden` or cursor not ours."""
    if orden_fijo is not None and consulta.orden not in (None, orden_fijo):
        raise EntradaInvalida.en("orden", "orden_invalido")
    orden = orden_fijo or consulta.orden or ordenes[0]
    campo, sentido = orden.removeprefix("-"), -1 if orden.startswith("-") else 1
    if orden_fijo is None and campo not in {o.removeprefix("-") for o in ordenes}:
        raise EntradaInvalida.en("orden", "orden_invalido")
    campo = llamados.get(campo, campo)
    claves = [campo] if campo in unicos else [campo, "_id"]
    condicion = consulta.entre(filtro)
    if consulta.cursor is not None:
        valores = leer_cursor(consulta.cursor, orden, len(claves))
        condicion = {"$and": [condicion, _despues_de(claves, valores, "$gt" if sentido == 1 else "$lt")]}
    return Pedida(
        filtro=condicion,
        orden=[(clave, sentido) for clave in claves],
        limite=consulta.limite + 1,
        contar_hasta=TOPE_DE_CUENTA + 1 if consulta.contar else None,
        dicho=orden,
    )


def _despues_de(campos: Sequence[str], valores: Sequence[Any], operador: Literal["$gt", "$lt"]) -> Filtro:
    """Rows after the one with `valores` in the compound sort: a > x, or a = x and b > y. The condition is written so
    that one walk through the index of the sort finds the rows: of "a or b" the database would make two walks, and sort
    in memory."""
    if len(campos) == 1:
        return {campos[0]: {operador: valores[0]}}
    primero, segundo = campos
    vistos = {primero: valores[0], segundo: {"$lte" if operador == "$gt" else "$gte": valores[1]}}
    return {primero: {f"{operador}e": valores[0]}, "$nor": [vistos]}
