"""What the document says of an operation, held against every answer that the tests get from it."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

PROBLEMA = "application/problem+json"
# Of no operation: a path that there is not, what broke before it was one, what nobody foresaw.
AJENOS = frozenset({"ruta_desconocida", "metodo_no_admitido", "peticion_invalida", "error_interno"})
# Those that some operations have; what every answer carries is tested where it is made.
CABECERAS = (
    *("Location", "Content-Location", "Link", "ETag", "Content-Disposition", "Retry-After", "WWW-Authenticate"),
    *("Idempotency-Replayed", "Preference-Applied", "RateLimit", "RateLimit-Policy"),
)


class Veracidad:
    """A hook for the answers of a client: raises AssertionError at the first that the document does not know."""

    def __init__(self, app: FastAPI) -> None:
        documento = app.openapi()
        self._operaciones = [
            (metodo, contexto.path_regex, documento["paths"][contexto.path_format][metodo.lower()])
            for contexto in iter_route_contexts(app.routes)
            # What tests make up to provoke the mechanisms says nothing of itself.
            if contexto.endpoint is not None
            and contexto.endpoint.__module__.startswith(("app.modules.", "app.home.", "app.core.jobs."))
            for metodo in contexto.methods or ()
            if contexto.include_in_schema
        ]

    async def __call__(self, respuesta: httpx.Response) -> None:
        operacion = self._de(respuesta.request)
        if operacion is not None:
            if respuesta.headers.get("content-type") == PROBLEMA:
                await respuesta.aread()
            mentiras = list(_mentiras(operacion, respuesta))
            assert mentiras == [], f"{operacion['operationId']}: {mentiras}"

    def _de(self, peticion: httpx.Request) -> Mapping[str, Any] | None:
        """The operation that is asked for: as in routing, the first that fits."""
        camino = peticion.url.raw_path.decode().partition("?")[0]
        hallados = (o for metodo, ruta, o in self._operaciones if metodo == peticion.method and ruta.match(camino))
        return next(hallados, None)


def _mentiras(operacion: Mapping[str, Any], respuesta: httpx.Response) -> Iterator[str]:
    es_problema = respuesta.headers.get("content-type") == PROBLEMA
    codigo = respuesta.json()["codigo"] if es_problema else None
    if codigo in AJENOS:
        return
    declarada = operacion["responses"].get(str(respuesta.status_code))
    if declarada is None:
        yield f"no dice que responda {respuesta.status_code} {codigo or ''}"
        return
    if es_problema and codigo not in declarada["content"][PROBLEMA]["examples"]:
        yield f"no dice que responda {respuesta.status_code} {codigo}"
    if respuesta.status_code == 201 and "Location" not in respuesta.headers:
        yield "no dice dónde está lo que creó"
    for cabecera in CABECERAS:
        if cabecera in respuesta.headers and cabecera not in declarada["headers"]:
            yield f"no dice que {respuesta.status_code} traiga {cabecera}"
