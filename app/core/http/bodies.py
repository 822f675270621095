"""Bodies that are exactly what they say they are: counted as they come, of the kind announced, parsed strictly."""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from fastapi import params
from fastapi.routing import APIRoute
from starlette.requests import Request

from app.shared.exceptions import (
    DemasiadosElementos,
    EntradaExcesiva,
    EntradaInvalida,
    FormularioInvalido,
    JsonInvalido,
    TipoNoAdmitido,
)

MAXIMO_JSON = 1024 * 1024
MAXIMA_HONDURA = 32
MAXIMO_DE_NOMBRES = 300
MAXIMO_DE_ELEMENTOS = 50_000
"""Of one object, and of a whole body: what is judged grows with them, and no operation needs as many."""
_JSON = "application/json"
_FUSION = "application/merge-patch+json"
_FORMULARIO = "application/x-www-form-urlencoded"
_MAXIMO_DE_NADA = 62
_NADA = re.compile(rb"[ \t\n\r]{0,20}\{[ \t\n\r]{0,20}\}[ \t\n\r]{0,20}")
_DE_CUERPO = frozenset({b"content-length", b"transfer-encoding"})
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
    """Reads the bodies of one operation. `None`: there is none to read."""

    def __init__(self, ruta: APIRoute) -> None:
        campo = ruta.body_field
        self._rechaza = rechaza_cuerpo(ruta)
        self._lee = campo is not None or self._rechaza
        self._opcional = campo is None or not campo.field_info.is_required()
        self._es_formulario = campo is not None and isinstance(campo.field_info, params.Form)
        self._tipos = {_FORMULARIO} if self._es_formulario else {_JSON}
        if "PATCH" in (ruta.methods or set()):
            self._tipos.add(_FUSION)

    async def __call__(self, request: Request) -> Cuerpo | None:
        """Raises TipoNoAdmitido, EntradaExcesiva, DemasiadosElementos, JsonInvalido, FormularioInvalido, and
        EntradaInvalida where the operation takes no body and there is one."""
        if not self._lee:
            return None
        tipo = _tipo(request)
        if self._rechaza:
            if _anuncia_cuerpo(request):
                await _exigir_vacio(request, tipo)
            return None
        # `curl -X POST`: nothing announced, and where a body may be left out, nothing sent.
        sin_tipo = self._opcional and not tipo
        if not sin_tipo and tipo not in self._tipos:
            raise TipoNoAdmitido()
        crudo = await _leer(request)
        if sin_tipo:
            if crudo:
                raise TipoNoAdmitido()
            return Cuerpo(crudo)
        if self._es_formulario:
            return Cuerpo(_leer_formulario(crudo))
        return Cuerpo(crudo, leer_json(crudo))


def rechaza_cuerpo(ruta: APIRoute) -> bool:
    """Whether it is an operation that is told nothing in a body, whatever its method. One that takes a file as its body
    reads it by itself, as it comes."""
    return ruta.body_field is None and "requestBody" not in (ruta.openapi_extra or {})


def _anuncia_cuerpo(request: Request) -> bool:
    """Whether a body comes, which may be empty: a request without either header has none (RFC 9112 §6.3)."""
    return any(nombre in _DE_CUERPO for nombre, _ in request.scope["headers"])


async def _exigir_vacio(request: Request, tipo: str) -> None:
    """Of an operation without body: nothing, or `{}`, which some clients send all the same. Whatever else it is, no
    more of it is read than says so."""
    crudo = b""
    async for parte in request.stream():
        crudo += parte
        if crudo and tipo not in (_JSON, _FUSION):
            raise TipoNoAdmitido()
        if len(crudo) > _MAXIMO_DE_NADA:
            break
    if crudo and not _NADA.fullmatch(crudo):
        raise EntradaInvalida.en("", "cuerpo_no_admitido")


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
    levels. Raises JsonInvalido, and DemasiadosElementos for more names and elements than any operation needs."""
    try:
        texto = cuerpo.decode("utf-8")
        valor = json.loads(
            texto,
            parse_constant=_rechazar,
            parse_int=_entero,
            object_pairs_hook=_sin_repetir,
        )
        if _medir(valor, 1) > MAXIMO_DE_ELEMENTOS:
            raise DemasiadosElementos(maximo=MAXIMO_DE_ELEMENTOS)
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
    if len(pares) > MAXIMO_DE_NOMBRES:
        raise DemasiadosElementos(maximo=MAXIMO_DE_NOMBRES)
    objeto = dict(pares)
    if len(objeto) != len(pares):
        raise ValueError("nombre repetido")
    return objeto


def _medir(valor: Any, hondura: int) -> int:
    """How many values there are in `valor`, itself included."""
    if hondura > MAXIMA_HONDURA:
        raise ValueError("demasiado hondo")
    match valor:
        case str():
            valor.encode("utf-8")  # a lone surrogate is a UnicodeEncodeError, which is a ValueError
        case dict():
            for nombre in valor:
                nombre.encode("utf-8")
            return 1 + sum(_medir(hijo, hondura + isinstance(hijo, dict | list)) for hijo in valor.values())
        case list():
            return 1 + sum(_medir(hijo, hondura + isinstance(hijo, dict | list)) for hijo in valor)
    return 1
