"""Lists as HTTP: the page as body, the next one in `Link`."""

from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Depends, Query, Request, Response

from app.shared.pagination import Page, PageOut, PageQuery

T = TypeVar("T")

LISTA: dict[str, Any] = {"response_model_exclude_unset": True}
"""What every route that answers a page is declared with, so that `total` is absent unless it was asked for."""


def _page_query(
    limite: Annotated[int, Query(ge=1, le=200, description="Filas por página.")] = 50,
    cursor: Annotated[str | None, Query(max_length=1000, description="El `siguiente` de la página anterior.")] = None,
    orden: Annotated[str | None, Query(max_length=40, description="Campo; con `-` delante, descendente.")] = None,
    contar: Annotated[bool, Query(description="Añade `total`, exacto hasta 10.000.")] = False,
) -> PageQuery:
    return PageQuery(limite=limite, cursor=cursor, orden=orden, contar=contar)


PageQueryDep = Annotated[PageQuery, Depends(_page_query)]


class Paginador:
    def __init__(self, request: Request, response: Response) -> None:
        self._request = request
        self._response = response

    def __call__(self, pagina: Page[T]) -> PageOut[T]:
        if pagina.siguiente is not None:
            # From the path and the parameters alone: a `Host` or a byte that is none of URLs' has no say in it.
            otros = [
                (nombre, valor) for nombre, valor in self._request.query_params.multi_items() if nombre != "cursor"
            ]
            consulta = urlencode([*otros, ("cursor", pagina.siguiente)])
            self._response.headers["Link"] = f'<{quote(self._request.scope["path"])}?{consulta}>; rel="next"'
        campos: dict[str, Any] = {"items": list(pagina.items), "siguiente": pagina.siguiente}
        if pagina.total is not None:
            campos |= {"total": pagina.total}
            campos |= {"total_minimo": True} if pagina.total_minimo else {}
        return PageOut(**campos)


PaginadorDep = Annotated[Paginador, Depends(Paginador)]
