"""Lists as HTTP: the page as body, the next one in `Link`."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, TypeVar, cast
from urllib.parse import quote, urlencode

from beanie import PydanticObjectId
from fastapi import Depends, Query, Request, Response

from app.core.http.responses import escrita
from app.core.sealing import Sello
from app.shared.exceptions import EntradaInvalida
from app.shared.pagination import Page, PageOut, PageQuery
from app.shared.schemas import normalizar

T = TypeVar("T")

_DE = b"cursor"
_IDS_A_LA_VEZ = 100
_IDS = f"^[0-9a-fA-F]{{24}}(,[0-9a-fA-F]{{24}}){{0,{_IDS_A_LA_VEZ - 1}}}$"
_CODIGOS = f"^[^,]{{1,40}}(,[^,]{{1,40}}){{0,{_IDS_A_LA_VEZ - 1}}}$"
_ESTOS = f"Solo estos, separados por comas: {_IDS_A_LA_VEZ} como mucho."
ORDENES = "x-orden"


def lista(ordenes: Sequence[str], *, fija: bool = False) -> dict[str, Any]:
    """What every route that answers a page is declared with: `total` is absent unless it was asked for, and the
    document gives what `orden` may be: each of `ordenes` ascending and descending or, of a list that is `fija`, as it
    stands."""
    nombres = [orden.removeprefix("-") for orden in ordenes]
    posibles = list(ordenes) if fija else [signo + nombre for nombre in nombres for signo in ("", "-")]
    return {"response_model_exclude_unset": True, "openapi_extra": {ORDENES: posibles}}


async def _page_query(
    request: Request,
    limite: Annotated[int, Query(ge=1, le=200, description="Filas por página.")] = 50,
    cursor: Annotated[str | None, Query(max_length=2000, description="El `siguiente` de la página anterior.")] = None,
    orden: Annotated[str | None, Query(max_length=40, description="Campo; con `-` delante, descendente.")] = None,
    contar: Annotated[bool, Query(description="Añade `total`, exacto hasta 10.000.")] = False,
) -> PageQuery:
    abierto = None if cursor is None else _abrir(cursor, _sello(request))
    return PageQuery(limite=limite, cursor=abierto, orden=orden, contar=contar)


async def _con_ids(
    consulta: Annotated[PageQuery, Depends(_page_query)],
    ids: Annotated[str | None, Query(pattern=_IDS, description=_ESTOS)] = None,
) -> PageQuery:
    return consulta if ids is None else replace(consulta, ids=[PydanticObjectId(id) for id in ids.split(",")])


async def _con_codigos(
    consulta: Annotated[PageQuery, Depends(_page_query)],
    ids: Annotated[str | None, Query(pattern=_CODIGOS, description=_ESTOS)] = None,
) -> PageQuery:
    return consulta if ids is None else replace(consulta, ids=[*map(normalizar, ids.split(","))], llave="codigo")


PageQueryDep = Annotated[PageQuery, Depends(_con_ids)]
CodeQueryDep = Annotated[PageQuery, Depends(_con_codigos)]
"""Of lists whose rows are known by their `codigo`: it opens them, and is their `id`."""
RowQueryDep = Annotated[PageQuery, Depends(_page_query)]
"""Of lists whose rows have no id of their own."""


class Paginador:
    def __init__(self, request: Request, response: Response) -> None:
        self._request = request
        self._response = response

    def __call__(self, pagina: Page[T]) -> PageOut[T]:
        campos, cabeceras = self._partes(pagina)
        self._response.headers.update(cabeceras)
        return PageOut(**campos)

    def escrita(self, pagina: Page[dict[str, Any]]) -> Response:
        """The same of rows that are written as they are to be shown."""
        campos, cabeceras = self._partes(pagina)
        return escrita(campos, cabeceras)

    def _partes(self, pagina: Page[Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """The fields of the body, and the headers."""
        cabeceras: dict[str, str] = {}
        siguiente = None if pagina.siguiente is None else _cerrar(pagina.siguiente, _sello(self._request))
        if siguiente is not None:
            # From the path and the parameters alone: a `Host` or a byte that is none of URLs' has no say in it.
            otros = [
                (nombre, valor) for nombre, valor in self._request.query_params.multi_items() if nombre != "cursor"
            ]
            consulta = urlencode([*otros, ("cursor", siguiente)])
            cabeceras["Link"] = f'<{quote(self._request.scope["path"])}?{consulta}>; rel="next"'
        campos: dict[str, Any] = {"items": list(pagina.items), "siguiente": siguiente}
        if pagina.total is not None:
            cabeceras["X-Total-Count"] = str(pagina.total)
            campos |= {"total": pagina.total}
            campos |= {"total_minimo": True} if pagina.total_minimo else {}
        return campos, cabeceras


async def _paginador(request: Request, response: Response) -> Paginador:
    return Paginador(request, response)


PaginadorDep = Annotated[Paginador, Depends(_paginador)]


def _sello(request: Request) -> Sello:
    return cast(Sello, request.app.state.sello)


def _cerrar(cursor: str, sello: Sello) -> str:
    """A cursor holds values of the last row shown, which may be somebody's name, and stands in addresses and logs. The
    same page has the same one, so that its version and its headers are the same too."""
    return base64.urlsafe_b64encode(sello.cerrar(cursor.encode(), de=_DE, siempre_igual=True)).decode().rstrip("=")


def _abrir(cursor: str, sello: Sello) -> str:
    """Raises EntradaInvalida for a cursor that is none of ours."""
    try:
        sellado = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise EntradaInvalida.en("cursor", "cursor_invalido") from error
    abierto = sello.abrir(sellado, de=_DE)
    if abierto is None:
        raise EntradaInvalida.en("cursor", "cursor_invalido")
    return abierto.decode()
