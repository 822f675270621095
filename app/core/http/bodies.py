"""Bodies that are exactly what they say they are: counted as they come, of the kind announced, parsed strictly."""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from fastapi import params
from fastapi.routing import APIRoute
from starlette.requests import Request

from app.shared.exceptions import EntradaExcesiva, FormularioInvalido, JsonInvalido, TipoNoAdmitido

MAXIMO_JSON = 1024 * 1024
MAXIMA_HONDURA = 32
_JSON = "application/json"
_FORMULARIO = "application/x-www-form-urlencoded"
_NO_ASCII = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Cuerpo:
    """A body that was read and is what it says. FastAPI uses up what it finds in a request, and an operation may have
    to run again: `en` makes a request with all of it in place, as often as it takes."""

    crudo: bytes
    json: Any = None

    def en(self, request: Request) -> Request:
        propio = Request(request.scope, request.receive)
        propio._body = self.crudo
        propio._json = self.json
        return propio


class Lector:
    """Reads the bodies of one operation."""

    def __init__(self, ruta: APIRoute) -> None:
        campo = ruta.body_field
        self.hay = campo is not None
        self._opcional = campo is not None and not campo.field_info.is_required()
        self._es_formulario = campo is not None and isinstance(campo.field_info, params.Form)

    async def __call__(self, request: Request) -> Cuerpo:
        """Raises TipoNoAdmitido, EntradaExcesiva, JsonInvalido, FormularioInvalido."""
        tipo = _tipo(request)
        # `curl -X POST`: nothing announced, and where a body may be left out, nothing sent.
        sin_tipo = self._opcional and not tipo
        if not sin_tipo and tipo != (_FORMULARIO if self._es_formulario else _JSON):
            raise TipoNoAdmitido()
        crudo = await _leer(request)
        if sin_tipo:
            if crudo:
                raise TipoNoAdmitido()
            return Cuerpo(crudo)
        if self._es_formulario:
            return Cuerpo(_leer_formulario(crudo))
        return Cuerpo(crudo, leer_json(crudo))


def _tipo(request: Request) -> str:
    return request.headers.get("content-type", "").split(";", 1)[0].strip().lower()


async def _leer(request: Request) -> bytes:
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
