"""Which objects have a version of their own, and which of them an operation stands in.

A single object is what a GET answers that is no page and no stream. An operation that changes something stands in the
nearest of them above its path, itself included: `PATCH /solicitudes/{id}/estado` in `GET /solicitudes/{id}`.
"""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, unquote

from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute

from app.core.versions.etags import etiqueta_de
from app.shared.pagination import PageOut

_PARAMETRO = re.compile(r"{(\w+)(?::\w+)?}")
CON_CONDICION = frozenset({"PATCH", "PUT", "DELETE"})
"""The methods that honour `If-Match`."""


@dataclass(frozen=True, slots=True)
class Objeto:
    """A single object: the path that reads it, and the route."""

    plantilla: str
    ruta: APIRoute

    @property
    def con_nombre(self) -> bool:
        """Whether its path tells it from others, and does not say "mine" or "the one there is"."""
        return _PARAMETRO.search(self.plantilla) is not None

    def camino(self, request: Request) -> str:
        """The path of this object for a request within it."""
        valores = request.path_params
        return _PARAMETRO.sub(lambda p: quote(str(valores[p[1]]), safe=""), self.plantilla)

    def nombre(self, request: Request) -> str:
        """What tells this object from every other: its path and, where that says "mine", whose."""
        quien = getattr(request.state, "principal", None)
        propio = "" if self.con_nombre or quien is None else f"#{quien.usuario_id}"
        return self.camino(request).lower() + propio

    async def etiqueta(self, request: Request) -> str | None:
        """The tag of what whoever makes `request` would read of it now. Raises what reading it raises."""
        respuesta = await self.leer(request, self.camino(request), request.path_params)
        return respuesta.headers.get("etag")

    async def leer(self, request: Request, camino: str, valores: Mapping[str, str]) -> Response:
        """The answer to whoever makes `request`, had they asked for the object at `camino`."""
        ambito = {
            **request.scope,
            "method": "GET",
            "path": camino,
            "path_params": dict(valores),
            "query_string": b"",
            "route": self.ruta,
            "endpoint": self.ruta.endpoint,
        }
        leer = getattr(self.ruta, "leer")  # noqa: B009 - of StrictRoute, which imports this module
        respuesta: Response = await leer(Request(ambito, request.receive))
        return respuesta

    def valores(self, camino: str) -> dict[str, str] | None:
        """The parameters of a path of this object; None for the path of something else."""
        nombres, partes = self.plantilla.split("/"), camino.split("/")
        if len(nombres) != len(partes):
            return None
        valores = {n[1:-1]: unquote(p) for n, p in zip(nombres, partes, strict=True) if _PARAMETRO.fullmatch(n)}
        fijos = all(n == p for n, p in zip(nombres, partes, strict=True) if not _PARAMETRO.fullmatch(n))
        return valores if fijos else None


class Objetos:
    """Those of one application; known once all its routes are."""

    def __init__(self, rutas: Sequence[BaseRoute]) -> None:
        self._rutas = rutas

    def es_de(self, ruta: APIRoute) -> Objeto | None:
        """The object that the operation stands in."""
        plantilla = self._plantillas.get(id(ruta), "")
        while plantilla:
            if plantilla in self._unicos:
                return self._unicos[plantilla]
            plantilla = plantilla.rpartition("/")[0]
        return None

    def responde_con(self, ruta: APIRoute) -> Objeto | None:
        """The object whose representation the operation, which is no GET, answers: the one that it stands in, or the
        one that it makes."""
        candidatos = [self.es_de(ruta), *self._hijos(self._plantillas.get(id(ruta), ""))]
        modelo = ruta.response_model
        return next((o for o in candidatos if o and modelo is not None and o.ruta.response_model == modelo), None)

    async def leer_de_nuevo(self, request: Request, ruta: APIRoute, lugar: str | None) -> None:
        """Read what the answer of the operation is about, as the caller may read it now: the object that it made, at
        `lugar`, or else the one that its path names; nothing where that is none that is read alone. Raises what reading
        it raises."""
        objeto = self.es_de(ruta) if lugar is None else self.responde_con(ruta)
        if objeto is None or not objeto.con_nombre:
            return
        valores = dict(request.path_params) if lugar is None else objeto.valores(lugar)
        if valores is not None:
            await objeto.leer(request, objeto.camino(request) if lugar is None else lugar, valores)

    def contextos(self) -> Iterator[tuple[RouteContext, APIRoute]]:
        for contexto in iter_route_contexts(self._rutas):
            if isinstance(contexto.original_route, APIRoute):
                yield contexto, contexto.original_route

    def _hijos(self, plantilla: str) -> Iterator[Objeto]:
        for otra, objeto in self._unicos.items():
            base, _, ultimo = otra.rpartition("/")
            if base == plantilla and _PARAMETRO.fullmatch(ultimo):
                yield objeto

    @cached_property
    def _plantillas(self) -> dict[int, str]:
        # By identity: routes have an equality of their own, and so no hash.
        return {id(ruta): str(contexto.path_format) for contexto, ruta in self.contextos()}

    @cached_property
    def _unicos(self) -> dict[str, Objeto]:
        unicas = [(self._plantillas[id(ruta)], ruta) for _, ruta in self.contextos() if es_unico(ruta)]
        return {plantilla: Objeto(plantilla, ruta) for plantilla, ruta in unicas}


def es_unico(ruta: APIRoute) -> bool:
    """Whether what the route answers is one object, whole: neither a page of a list nor a file."""
    return "GET" in (ruta.methods or ()) and ruta.response_model is not None and not es_pagina(ruta)


def tiene_version(ruta: APIRoute) -> bool:
    """Whether its answer has an `ETag`: that of one object, or of a file or the first page of a list whose route
    says that it may be 304."""
    return es_unico(ruta) or 304 in ruta.responses


def es_pagina(ruta: APIRoute) -> bool:
    modelo = ruta.response_model
    return inspect.isclass(modelo) and issubclass(modelo, PageOut)


def etiquetar(respuesta: Response) -> None:
    """Give an answer that is in memory, whole, the tag of its bytes; one that names its own keeps it."""
    if "etag" not in respuesta.headers and not isinstance(respuesta, StreamingResponse):
        respuesta.headers["ETag"] = etiqueta_de(bytes(respuesta.body))
