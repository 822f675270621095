"""Which operation a path means, found in one walk along its segments instead of a trial of every route in turn.

FastAPI tries the regular expression of each route, one after the other, in routers inside of routers. Here the same
routes stand in a tree of segments that is built once. A fixed segment stands before a parameter in its place, and for
good: `DELETE /residentes/yo` is a method that `/residentes/yo` does not have, and never a resident by the id `yo`.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from fastapi.routing import (
    _FASTAPI_EFFECTIVE_ROUTE_CONTEXT_KEY,
    APIRoute,
    _get_fastapi_scope,
    iter_route_contexts,
)
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send


class Nodo:
    """A place in the tree. `operaciones`: by method, what is answered here, with the names of the parameters."""

    __slots__ = ("fijos", "libre", "operaciones")

    def __init__(self) -> None:
        self.fijos: dict[str, Nodo] = {}
        self.libre: Nodo | None = None
        self.operaciones: dict[str, tuple[Any, tuple[str, ...]]] = {}

    def colgar(self, plantilla: str) -> "Nodo":
        """The place of `plantilla`, made where there is none."""
        nodo = self
        for segmento in plantilla.split("/")[1:]:
            if segmento.startswith("{"):
                nodo.libre = nodo.libre or Nodo()
                nodo = nodo.libre
            else:
                nodo = nodo.fijos.setdefault(segmento, Nodo())
        return nodo

    def buscar(self, camino: str) -> "tuple[Nodo, list[str]] | None":
        """The place that `camino` means, with the values of its parameters."""
        nodo, valores = self, []
        for segmento in camino.split("/")[1:]:
            fijo = nodo.fijos.get(segmento)
            if fijo is not None:
                nodo = fijo
            elif nodo.libre is not None and segmento:
                nodo = nodo.libre
                valores.append(segmento)
            else:
                return None
        return (nodo, valores) if nodo.operaciones else None


class Despacho:
    """Stands where the router of the application stood, which still answers for files and pages that are no
    operations. A path that is ours with a method that it lacks raises HTTPException 405."""

    def __init__(self, rutas: Sequence[BaseRoute], resto: ASGIApp) -> None:
        self._rutas = rutas
        self._resto = resto

    @cached_property
    def _raiz(self) -> Nodo:
        """Of all routes that there are at the first request."""
        raiz = Nodo()
        for contexto in iter_route_contexts(self._rutas):
            if isinstance(contexto.original_route, APIRoute):
                plantilla = str(contexto.path_format)
                nombres = tuple(s[1:-1] for s in plantilla.split("/") if s.startswith("{"))
                for metodo in contexto.methods or ():
                    # Of two routes for one method and path the first answers, as in a list of routes.
                    raiz.colgar(plantilla).operaciones.setdefault(metodo, (contexto, nombres))
        return raiz

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hallado = self._raiz.buscar(get_route_path(scope)) if scope["type"] == "http" else None
        if hallado is None:
            await self._resto(scope, receive, send)
            return
        nodo, valores = hallado
        operacion = nodo.operaciones.get(scope["method"])
        if operacion is None:
            raise HTTPException(405)
        contexto, nombres = operacion
        scope["plantilla"] = contexto.path_format
        efectivo = contexto._route_context or contexto.route
        scope["route"] = contexto.original_route
        scope["endpoint"] = contexto.endpoint
        scope["path_params"] = dict(zip(nombres, valores, strict=True))
        if contexto._route_context is not None:
            _get_fastapi_scope(scope)[_FASTAPI_EFFECTIVE_ROUTE_CONTEXT_KEY] = contexto._route_context
        await efectivo.app(scope, receive, send)

    def metodos(self, camino: str) -> frozenset[str]:
        """What `camino` takes; nothing where it is no operation's."""
        hallado = self._raiz.buscar(camino)
        return frozenset(hallado[0].operaciones) if hallado else frozenset()
