"""The route class of every router: roles before anything else, then a body that is exactly what it says it is.

FastAPI reads and parses a body before it asks any dependency, answers 500 to several kinds of broken JSON, and takes
NaN for a number. So the order here is: who may call (401, 403), how large (413), what kind (415), is it JSON (400).
Only then FastAPI goes on, with the parsed body, to the fields (422).
"""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from fastapi import params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from app.core.dependencies import ESQUEMA, Roles
from app.core.security import Rol
from app.shared.exceptions import EntradaExcesiva, FormularioInvalido, JsonInvalido, TipoNoAdmitido

MAXIMO_JSON = 1024 * 1024
MAXIMA_HONDURA = 32
_JSON = "application/json"
_FORMULARIO = "application/x-www-form-urlencoded"
_NO_ASCII = re.compile(rb"[\x80-\xff]")


class StrictRoute(APIRoute):
    def __init__(self, path: str, endpoint: Callable[..., Any], **opciones: Any) -> None:
        super().__init__(path, endpoint, **opciones)
        roles = {rol for exigidos in _roles_de(self.dependant) for m in self.methods or () for rol in exigidos.para(m)}
        if roles:
            # The document says of each operation what it asks for; public ones say so themselves.
            self.openapi_extra = {
                "security": [{ESQUEMA: []}],
                "x-roles": [rol.value for rol in Rol if rol in roles],
                **(self.openapi_extra or {}),
            }

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        seguir = super().get_route_handler()
        roles = _roles_de(self.dependant)
        es_formulario = self.body_field is not None and isinstance(self.body_field.field_info, params.Form)
        con_cuerpo = self.body_field is not None
        opcional = self.body_field is not None and not self.body_field.field_info.is_required()

        async def atender(request: Request) -> Response:
            for rol in roles:
                await rol(request)
            if not con_cuerpo:
                return await seguir(request)
            # A request of our own: what is read and parsed here is what FastAPI finds cached in it.
            propio = Request(request.scope, request.receive)
            tipo = _tipo(propio)
            # `curl -X POST`: nothing announced, and where a body may be left out, nothing sent.
            sin_tipo = opcional and not tipo
            if not sin_tipo and tipo != (_FORMULARIO if es_formulario else _JSON):
                raise TipoNoAdmitido()
            cuerpo = await _leer_cuerpo(propio)
            if sin_tipo:
                if cuerpo:
                    raise TipoNoAdmitido()
                propio._body = cuerpo
                return await seguir(propio)
            if es_formulario:
                cuerpo = _leer_formulario(cuerpo)
            else:
                propio._json = leer_json(cuerpo)
            propio._body = cuerpo
            return await seguir(propio)

        return atender


def _roles_de(dependant: Dependant) -> list[Roles]:
    propios = [dependant.call] if isinstance(dependant.call, Roles) else []
    return propios + [rol for hijo in dependant.dependencies for rol in _roles_de(hijo)]


def _tipo(request: Request) -> str:
    return request.headers.get("content-type", "").split(";", 1)[0].strip().lower()


async def _leer_cuerpo(request: Request) -> bytes:
    """The whole body, counted as it comes: a chunked one says no length beforehand."""
    partes, leido = [], 0
    async for parte in request.stream():
        leido += len(parte)
        if leido > MAXIMO_JSON:
            raise EntradaExcesiva(maximo=MAXIMO_JSON)
        partes.append(parte)
    return b"".join(partes)


def _leer_formulario(cuerpo: bytes) -> bytes:
    """The form with every byte beyond ASCII percent-encoded: `curl -d clave=ñandú` sends UTF-8 as it is, and Starlette
    would read it as Latin-1. Raises FormularioInvalido."""
    try:
        unquote_to_bytes(cuerpo).decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormularioInvalido() from error
    return _NO_ASCII.sub(lambda b: b"%%%02X" % b[0][0], cuerpo)


def leer_json(cuerpo: bytes) -> Any:
    """Parse RFC 8259 JSON, nothing more: UTF-8 without BOM, no NaN, no repeated names, no lone surrogates, at most 32
    levels. Raises JsonInvalido."""
    try:
        texto = cuerpo.decode("utf-8")
        valor = json.loads(
            texto,
            parse_constant=_rechazar,
            parse_int=_entero,
            object_pairs_hook=_sin_repetir,
        )
        _medir(valor, 1)
    except (ValueError, RecursionError) as error:
        raise JsonInvalido() from error
    return valor


def _rechazar(constante: str) -> NoReturn:
    raise ValueError(constante)


def _entero(texto: str) -> int:
    # Twenty digits hold any 64-bit integer. A longer one is beyond the range of every field, whatever it says, and
    # converting it could take for ever.
    return int(texto) if len(texto) <= 20 else 2**64


def _sin_repetir(pares: list[tuple[str, Any]]) -> dict[str, Any]:
    objeto = dict(pares)
    if len(objeto) != len(pares):
        raise ValueError("nombre repetido")
    return objeto


def _medir(valor: Any, hondura: int) -> None:
    if hondura > MAXIMA_HONDURA:
        raise ValueError("demasiado hondo")
    match valor:
        case str():
            valor.encode("utf-8")  # a lone surrogate is a UnicodeEncodeError, which is a ValueError
        case dict():
            for nombre, hijo in valor.items():
                nombre.encode("utf-8")
                _medir(hijo, hondura + (isinstance(hijo, dict | list)))
        case list():
            for hijo in valor:
                _medir(hijo, hondura + (isinstance(hijo, dict | list)))
