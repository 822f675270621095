"""Conditional requests (RFC 9110 §13) as stages of the route: versions of single objects, and what depends on them."""

from collections.abc import Awaitable, Callable
from typing import cast

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from app.core.idempotency.contract import Candados
from app.core.versions.etags import Etiquetas, leer_etiquetas
from app.core.versions.objects import CON_CONDICION, Objetos, es_pagina, etiquetar, tiene_version
from app.database.unit_of_work import UnitOfWork
from app.shared.exceptions import EntradaInvalida, VersionObsoleta

# What an answer without body repeats of the one with it, besides what every answer carries.
_DE_LA_MISMA = ("etag", "cache-control", "content-location", "expires", "vary")
Seguir = Callable[[], Awaitable[Response]]


async def leida(request: Request, ruta: APIRoute, respuesta: Response) -> Response:
    """An answer to GET with its version, or 304 when the caller has that one."""
    if (
        respuesta.status_code != 200
        or not tiene_version(ruta)
        or (es_pagina(ruta) and "cursor" in request.query_params)
    ):
        return respuesta
    etiquetar(respuesta)
    etiqueta = respuesta.headers.get("etag")
    tiene = leer_etiquetas(request.headers.getlist("if-none-match"))
    if etiqueta is None or tiene is None or not tiene.debil(etiqueta):
        return respuesta
    iguales = {nombre: respuesta.headers[nombre] for nombre in _DE_LA_MISMA if nombre in respuesta.headers}
    return Response(status_code=304, headers=iguales)


async def escrita(request: Request, ruta: APIRoute, seguir: Seguir) -> Response:
    """What changes something: only while the version is one that `If-Match` names; and with the version that it leaves,
    where the answer shows it."""
    condicion = None
    if request.method in CON_CONDICION and "if-match" in request.headers:
        condicion = leer_etiquetas(request.headers.getlist("if-match"))
        if condicion is None:
            raise EntradaInvalida.en("If-Match", "forma_invalida")
    respuesta = await (seguir() if condicion is None else _si_coincide(request, ruta, condicion, seguir))
    objeto = _objetos(request).responde_con(ruta)
    if objeto is not None and respuesta.status_code in (200, 201):
        etiquetar(respuesta)
        if respuesta.status_code == 200 and objeto is _objetos(request).es_de(ruta):
            respuesta.headers["Content-Location"] = objeto.camino(request)
    return respuesta


async def _si_coincide(request: Request, ruta: APIRoute, condicion: Etiquetas, seguir: Seguir) -> Response:
    """One transaction in which the object is read as the caller reads it, its version compared, and the change made:
    nothing gets between. Raises VersionObsoleta, and what reading the object raises where it is not there."""
    objeto = _objetos(request).es_de(ruta)
    if objeto is None:
        # Nobody has read a version of it: only "whatever there is" can hold.
        if condicion.cualquiera:
            return await seguir()
        raise VersionObsoleta(etiqueta=None)
    candados = cast(Candados, request.state.candados)

    async def paso() -> Response:
        actual = await objeto.etiqueta(request)
        if actual is None or not condicion.fuerte(actual):
            raise VersionObsoleta(etiqueta=actual)
        await candados.tocar(objeto=objeto.nombre(request))
        return await seguir()

    return await cast(UnitOfWork, request.state.uow).run(paso)


def _objetos(request: Request) -> Objetos:
    return cast(Objetos, request.app.state.objetos)
