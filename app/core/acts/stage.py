"""Says of each request, once it is known who may make it, what call it is: see `app.core.acts.contract`."""

import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, cast

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from app.core.acts.contract import Llamada, atendiendo
from app.core.security import Principal
from app.shared.schemas import InputSchema, normalizar

Atender = Callable[[Request], Coroutine[Any, Any, Response]]
_ID = re.compile(r"[0-9a-fA-F]{24}", re.ASCII)
_LECTURAS = frozenset({"GET", "HEAD", "OPTIONS"})


def nombre_de_operacion(ruta: APIRoute) -> str:
    """The operation's id in the document. A router inside another has the tag of that one, which is its module."""
    partes = ruta.endpoint.__module__.split(".")
    modulo = partes[2] if partes[:2] == ["app", "modules"] else partes[-1]
    return f"{ruta.tags[0] if ruta.tags else modulo}_{ruta.name}"


def en_llamada(seguir: Atender, operacion: str) -> Atender:
    """Run `seguir` within the call that it answers. An act is what staff write, and in `/auth` whoever is signed in."""
    de_cuenta = operacion.startswith("auth_")

    async def atender(request: Request) -> Response:
        quien = cast(Principal | None, getattr(request.state, "principal", None))
        llamada = Llamada(
            operacion=operacion,
            traza=getattr(request.state, "traza", None),
            direccion=request.client.host if request.client else None,
            quien=quien,
            objetos=_objetos(request.path_params),
            campos=_campos(getattr(request, "_json", None)),
            es_acto=request.method not in _LECTURAS and quien is not None and (quien.es_personal or de_cuenta),
        )
        with atendiendo(llamada):
            return await seguir(request)

    return atender


def _objetos(parametros: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the path, and a `codigo` that stands before any id: behind an id, a `codigo` is a quality of whatever
    has that id. A token names nobody."""
    objetos: list[str] = []
    for nombre, valor in parametros.items():
        texto = str(valor)
        if _ID.fullmatch(texto):
            objetos.append(texto.lower())
        elif nombre == "codigo" and not objetos:
            objetos.append(normalizar(texto)[:40])
    return tuple(objetos)


def _campos(cuerpo: object) -> tuple[str, ...]:
    if not isinstance(cuerpo, Mapping):
        return ()
    return tuple(sorted(nombre for nombre in cuerpo if nombre in InputSchema.campos_conocidos))
