"""Lists as HTTP: the page as body, the next one in `Link`."""

from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response

from app.shared.pagination import Page, PageOut

T = TypeVar("T")

LISTA: dict[str, Any] = {"response_model_exclude_unset": True}
"""What every route that answers a page is declared with, so that `total` is absent unless it was asked for."""


class Paginador:
    def __init__(self, request: Request, response: Response) -> None:
        self._request = request
        self._response = response

    def __call__(self, pagina: Page[T]) -> PageOut[T]:
        if pagina.siguiente is not None:
            url = self._request.url.include_query_params(cursor=pagina.siguiente)
            self._response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        campos: dict[str, Any] = {"items": list(pagina.items), "siguiente": pagina.siguiente}
        if pagina.total is not None:
            campos |= {"total": pagina.total}
            campos |= {"total_minimo": True} if pagina.total_minimo else {}
        return PageOut(**campos)


PaginadorDep = Annotated[Paginador, Depends(Paginador)]
