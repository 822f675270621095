"""Lists: `limite`, `cursor`, `orden`, `contar`, and the page that answers them."""

import base64
import binascii
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Generic, TypeVar

from beanie import PydanticObjectId
from bson import ObjectId

from app.shared.exceptions import EntradaInvalida
from app.shared.schemas import OutputSchema

T = TypeVar("T")
U = TypeVar("U")
Valor = str | int | bool | datetime | ObjectId
TOPE_DE_CUENTA = 10_000
_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PageQuery:
    """What a list is asked for: rows a page (1–200), the `siguiente` of the page before, the sort, whether to count;
    `ids`: of those that match, these alone."""

    limite: int = 50
    cursor: str | None = None
    orden: str | None = None
    contar: bool = False
    ids: Sequence[PydanticObjectId] | None = None


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
        return {"t": valor.astimezone(UTC).isoformat()}
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
