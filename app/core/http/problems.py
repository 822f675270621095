"""Every error as RFC 9457 `application/problem+json`, in Spanish or English. Nothing the client sent is repeated."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.core.http.language import idioma_de
from app.core.quotas.stage import anotar_agotada
from app.shared.exceptions import (
    Dato,
    DemasiadasPeticiones,
    EntradaInvalida,
    ErrorDeCampo,
    NoDisponible,
    ParkNetError,
)
from app.shared.field_rules import regla_rota
from app.shared.messages import Idioma, mensaje, titulo
from app.shared.schemas import InputSchema

log = logging.getLogger(__name__)
_MAXIMO_DE_ERRORES, _MAXIMO_LEIDO = 100, 1000


def instalar(app: FastAPI) -> None:
    app.add_exception_handler(ParkNetError, _de_parknet)
    app.add_exception_handler(RequestValidationError, _de_validacion)
    app.add_exception_handler(HTTPException, _de_http)
    app.add_exception_handler(ClientDisconnect, _de_quien_se_fue)


def instalar_caidas(app: FastAPI, error: type[Exception], traducir: Callable[[Exception], ParkNetError | None]) -> None:
    """What something that we need says when it does not answer. What `traducir` has no name for, nobody foresaw."""

    async def de_caida(request: Request, error: Exception) -> Response:
        traducido = traducir(error)
        if traducido is None:
            return inesperado(request, error)
        traducido.__cause__ = error
        return await _de_parknet(request, traducido)

    app.add_exception_handler(error, de_caida)


def problema(
    request: Request,
    *,
    status: int,
    codigo: str,
    datos: Mapping[str, Dato] | None = None,
    errores: Sequence[ErrorDeCampo] = (),
    cabeceras: Mapping[str, str] | None = None,
) -> Response:
    idioma = idioma_de(request)
    traza: str = request.state.traza
    escritos = {nombre: _dato(valor) for nombre, valor in (datos or {}).items()}
    cuerpo: dict[str, Any] = {
        "type": f"urn:parknet:error:{codigo}",
        "title": titulo(status, idioma),
        "status": status,
        "detail": mensaje(codigo, idioma, datos or {}, request.app.state.zona),
        "instance": f"urn:uuid:{traza}",
        "codigo": codigo,
        "traza": traza,
    }
    if escritos:
        cuerpo["datos"] = escritos
    if errores:
        cuerpo["errores"] = [_campo(error, idioma, request.app.state.zona) for error in errores]
    return JSONResponse(
        cuerpo,
        status_code=status,
        headers={"Content-Language": idioma, **(cabeceras or {})},
        media_type="application/problem+json",
    )


def _campo(error: ErrorDeCampo, idioma: Idioma, zona: tzinfo) -> dict[str, str]:
    return {
        "campo": error.campo,
        "codigo": error.codigo,
        "mensaje": mensaje(error.codigo, idioma, error.datos, zona),
    }


def _dato(valor: Dato) -> object:
    if isinstance(valor, datetime):
        return valor.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return valor.isoformat() if isinstance(valor, date) else valor


async def _de_parknet(request: Request, error: Exception) -> Response:
    assert isinstance(error, ParkNetError)  # noqa: S101 - it is registered for this class alone
    if isinstance(error, NoDisponible) and error.__cause__ is not None:
        log.warning("no responde algo que hace falta", exc_info=error.__cause__, extra={"traza": request.state.traza})
    if isinstance(error, DemasiadasPeticiones):
        anotar_agotada(request, error)
    errores = error.errores if isinstance(error, EntradaInvalida) else ()
    return problema(
        request,
        status=error.status,
        codigo=error.codigo,
        datos=error.datos,
        errores=errores,
        cabeceras=error.cabeceras,
    )


async def _de_validacion(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    # Cut before anything is said of them, and an unknown field is said once of each parent: what a body of many faults
    # costs does not grow with it.
    leidos = map(_traducir, error.errors()[:_MAXIMO_LEIDO])
    errores = list({(e.campo, e.codigo): e for e in leidos}.values())[:_MAXIMO_DE_ERRORES]
    return problema(request, status=422, codigo=EntradaInvalida.codigo, errores=errores)


async def _de_http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: no such path, no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == 405 and request.method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": _metodos(request)})
    if error.status_code == 405:
        return problema(request, status=405, codigo="metodo_no_admitido", cabeceras={"Allow": _metodos(request)})
    codigo = "ruta_desconocida" if error.status_code == 404 else "peticion_invalida"
    return problema(request, status=error.status_code, codigo=codigo, cabeceras=error.headers)


def _metodos(request: Request) -> str:
    """All that the path takes, and nothing that another takes in its place."""
    metodos = request.app.state.despacho.metodos(request.scope["path"]) or {"GET"}
    return ", ".join(sorted({*metodos, "OPTIONS", *({"HEAD"} if "GET" in metodos else ())}))


async def _de_quien_se_fue(request: Request, _: Exception) -> Response:
    """The client went away in the middle of its body. Nobody reads this, and nothing went wrong here."""
    return problema(request, status=400, codigo="peticion_invalida")


def inesperado(request: Request, error: Exception) -> Response:
    """The problem of what nobody foresaw."""
    log.error("error inesperado", exc_info=error, extra={"traza": request.state.traza})
    return problema(request, status=500, codigo="error_interno")


def _traducir(error: Mapping[str, Any]) -> ErrorDeCampo:
    tipo: str = error["type"]
    origen, *lugar = error["loc"]
    if tipo == "extra_forbidden":
        lugar = lugar[:-1]
    codigo, datos = regla_rota(tipo, error.get("ctx", {}))
    return ErrorDeCampo(_ruta(origen, lugar), codigo, datos)


def _ruta(origen: str, lugar: Sequence[object]) -> str:
    """Field names and indexes joined by dots. The name of an entry in a mapping is the client's: not repeated."""
    if origen != "body":
        return str(lugar[0]) if lugar else ""
    return ".".join(str(p) for p in lugar if isinstance(p, int) or p in InputSchema.campos_conocidos)
