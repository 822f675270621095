"""Which operation a path means, found in one walk along its segments instead of a trial of every route in turn; and
what the operation is called with, found in one pass instead of a walk through all that it depends on.

FastAPI tries the regular expression of each route, one after the other, in routers inside of routers. Here the same
routes stand in a tree of segments that is built once. A fixed segment stands before a parameter in its place, and for
good: `DELETE /residentes/yo` is a method that `/residentes/yo` does not have, and never a resident by the id `yo`.

Of a dependency FastAPI works out, for each request, what kind of function it is and where each of its parameters comes
from, also of parameters that nobody gave. Here that is known beforehand (`en_una_pasada`), and whatever is out of the
ordinary, anything that is refused above all, is left to FastAPI.
"""

import copy
import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from enum import Enum
from functools import cached_property
from types import NoneType
from typing import Any

import attrs
from fastapi import Request, Response
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError
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
        """The tree of all routes that exist at the first request."""
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


Atender = Callable[[Request], Coroutine[Any, Any, Response]]
_INMUTABLES = (NoneType, bool, int, str, Enum)


class _OtroCamino(Exception):
    """Raised for a request that FastAPI itself has to answer."""


@attrs.frozen
class _Paso:
    """A dependency, or the operation itself. `de_otros`: the parameters that are what earlier steps gave, by their
    places; `ausentes`: the query parameters, as they are where nobody gives them; `siempre`: those that FastAPI reads
    whether they are given or not."""

    llamar: Callable[..., Any]
    de_otros: Sequence[tuple[str, int]]
    camino: Sequence[ModelField]
    consulta: Sequence[ModelField]
    siempre: Sequence[ModelField]
    ausentes: Mapping[str, Any]
    cabeceras: Sequence[ModelField]
    peticion: str | None
    respuesta: str | None

    @classmethod
    def de(cls, llamar: Callable[..., Any], dependant: Dependant, de_otros: Sequence[tuple[str, int]]) -> "_Paso":
        sueltos = [campo for campo in dependant.query_params if _puede_faltar(campo)]
        return cls(
            llamar=llamar,
            de_otros=de_otros,
            camino=dependant.path_params,
            consulta=sueltos,
            siempre=[campo for campo in dependant.query_params if campo not in sueltos],
            ausentes={campo.name: campo.default for campo in sueltos},
            cabeceras=dependant.header_params,
            peticion=dependant.request_param_name,
            respuesta=dependant.response_param_name,
        )

    def argumentos(self, request: Request, response: Response, hechos: Sequence[Any]) -> dict[str, Any]:
        """Raises _OtroCamino."""
        valores = {nombre: hechos[n] for nombre, n in self.de_otros}
        if self.consulta:
            valores |= self.ausentes
            if request.scope["query_string"]:
                dados = request.query_params
                valores |= _leidos([campo for campo in self.consulta if campo.alias in dados], dados)
        if self.siempre:
            valores |= _leidos(self.siempre, request.query_params)
        if self.camino:
            valores |= _leidos(self.camino, request.path_params)
        if self.cabeceras:
            valores |= _leidos(self.cabeceras, request.headers)
        if self.peticion is not None:
            valores[self.peticion] = request
        if self.respuesta is not None:
            valores[self.respuesta] = response
        return valores


def _puede_faltar(campo: ModelField) -> bool:
    """Whether the value that a parameter has where nobody gives it is known beforehand, and is the same for all
    requests."""
    dicho = campo.field_info
    un_nombre = campo.alias == campo.name and dicho.validation_alias in (None, campo.name)
    por_defecto = not dicho.is_required() and not dicho.validate_default and isinstance(campo.default, _INMUTABLES)
    return un_nombre and por_defecto


def _leidos(campos: Sequence[ModelField], dados: Mapping[str, Any]) -> dict[str, Any]:
    valores, errores = request_params_to_args(campos, dados)
    if errores:
        raise _OtroCamino
    return valores


def en_una_pasada(ruta: APIRoute, completa: Atender, manejador: Callable[[APIRoute], Atender]) -> Atender:
    """Answers as `completa` does, which is FastAPI's own way of answering at `ruta`; it is `completa` itself where a
    dependency is of a kind that is not known here. `manejador`: FastAPI's way for another route. A request that the
    short way refuses goes to `completa`, which says why. It may, because dependencies ask and change nothing, or count
    a request once."""
    pasos: list[_Paso] = []
    if not _compilar(ruta.dependant, pasos, {}):
        return completa
    *previos, operacion = pasos

    async def llamar(request: Request, response: Response, **cuerpo: Any) -> Any:
        hechos: list[Any] = []
        for paso in previos:
            hechos.append(await paso.llamar(**paso.argumentos(request, response, hechos)))
        return await operacion.llamar(**operacion.argumentos(request, response, hechos), **cuerpo)

    # The same route with an operation that depends on the request alone.
    sola = copy.copy(ruta)
    sola.dependant = Dependant(
        call=llamar,
        request_param_name="request",
        response_param_name="response",
        body_params=ruta.dependant.body_params,
        path=ruta.dependant.path,
    )
    directa = manejador(sola)

    async def atender(request: Request) -> Response:
        try:
            return await directa(request)
        except (_OtroCamino, RequestValidationError):
            return await completa(request)

    return atender


def _compilar(dependant: Dependant, pasos: list[_Paso], lugares: dict[Any, int]) -> bool:
    """Whether the dependency and all that it depends on are of the kinds that this module knows. Each of them is added
    to `pasos` once."""
    llamar = dependant.call
    asincrona = inspect.iscoroutinefunction(llamar) or inspect.iscoroutinefunction(getattr(llamar, "__call__", None))  # noqa: B004
    ajenos = (
        *(dependant.cookie_params, dependant.websocket_param_name, dependant.http_connection_param_name),
        *(dependant.background_tasks_param_name, dependant.security_scopes_param_name, dependant.own_oauth_scopes),
        dependant.concurrency,
    )
    if llamar is None or not asincrona or not dependant.use_cache or any(ajenos):
        return False
    for hijo in dependant.dependencies:
        if hijo.call not in lugares and not _compilar(hijo, pasos, lugares):
            return False
    de_otros = [(hijo.name, lugares[hijo.call]) for hijo in dependant.dependencies if hijo.name is not None]
    lugares[llamar] = len(pasos)
    pasos.append(_Paso.de(llamar, dependant, de_otros))
    return True
