"""`Idempotency-Key` as a stage of the route: a POST that is sent again, because its answer was lost, happens once.

The first call takes the key, and what it does and the answer that is kept are one transaction: there is no moment in
which one of them stands without the other. Steps that no transaction holds say so with `por_pasos`: they are such that
doing them again after a crash finishes them, and their answer is kept when they end.
"""

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Protocol, TypeVar, cast

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.core.http.bodies import Cuerpo
from app.core.idempotency.contract import Guardada, Respuestas, Toma, bajo
from app.core.security import Principal
from app.core.versions.objects import Objetos
from app.database.unit_of_work import UnitOfWork
from app.shared.exceptions import (
    ClaveReutilizada,
    EntradaInvalida,
    NoDisponible,
    PeticionEnCurso,
    ResultadoDesconocido,
)

log = logging.getLogger(__name__)

MAXIMO_DE_CLAVE = 255
FORMA_DE_CLAVE = re.compile(rf"[\x21-\x7e]{{1,{MAXIMO_DE_CLAVE}}}")
_REPETIDA = {"Idempotency-Replayed": "true"}
Seguir = Callable[[], Awaitable[Response]]
F = TypeVar("F", bound=Callable[..., Any])
_por_pasos: set[Callable[..., Any]] = set()
_nunca: set[Callable[..., Any]] = set()


def por_pasos(operacion: F) -> F:
    """Marks an operation that does its work in several transactions, and finishes it when it is called again."""
    _por_pasos.add(operacion)
    return operacion


def nunca_se_guarda(operacion: F) -> F:
    """Marks an operation whose answer shows something once: it takes no key, and nothing of it is kept."""
    _nunca.add(operacion)
    return operacion


class DePasos(Protocol):
    """A dependency that makes of its operation one `por_pasos`: it waits for others, or reads what comes slowly."""

    por_pasos: ClassVar[bool]


class ConArchivo(Protocol):
    """A dependency that reads a file as it comes, and says afterwards, in `request.state.huella`, of what it was."""

    async def resumir(self, request: Request) -> str:
        """The same of a file that nothing is done with. Raises what reading it raises."""


def es_por_pasos(ruta: APIRoute) -> bool:
    quienes = [ruta.endpoint, *_dependencias(ruta.dependant)]
    return any(getattr(quien, "por_pasos", False) or quien in _por_pasos for quien in quienes)


def _dependencias(dependant: Dependant) -> Iterator[Any]:
    for hijo in dependant.dependencies:
        yield hijo.call
        yield from _dependencias(hijo)


def admite_clave(ruta: APIRoute, plantilla: str) -> bool:
    """Whether the operation honours the header: every POST but those of `/auth`, and those that show something once."""
    return "POST" in (ruta.methods or ()) and "/auth/" not in plantilla + "/" and ruta.endpoint not in _nunca


async def una_vez(request: Request, ruta: APIRoute, cuerpo: Cuerpo | None, seguir: Seguir) -> Response:
    """The answer of `seguir`, which is called once for each key. Raises EntradaInvalida, ClaveReutilizada,
    PeticionEnCurso."""
    lineas = request.headers.getlist("idempotency-key")
    if not lineas or not admite_clave(ruta, request.scope["path"]):
        return await seguir()
    if len(lineas) > 1 or not FORMA_DE_CLAVE.fullmatch(lineas[0]):
        raise EntradaInvalida.en("Idempotency-Key", "forma_invalida")
    respuestas = cast(Respuestas, request.state.respuestas)
    archivo = _archivo_de(ruta)
    dicho = _huella(request, cuerpo)
    try:
        toma = await respuestas.tomar(id=_id(request, lineas[0]), huella=dicho if archivo is None else None)
    except ResultadoDesconocido as error:
        # Whether the key was taken. Nothing is done of what the caller asked for, and a key that nobody renews lapses.
        raise NoDisponible() from error
    if isinstance(toma, Guardada):
        if archivo is not None and toma.huella != dicho + await archivo.resumir(request):
            raise ClaveReutilizada()
        await _exigir_legible(request, ruta, toma)
        return _como_era(toma)
    try:
        if es_por_pasos(ruta):
            async with _sujeta(respuestas, toma):
                respuesta = await seguir()
            if _es_buena(respuesta):
                # Whoever took this call for dead has come to the same end, and keeps theirs.
                huella = dicho + getattr(request.state, "huella", "")
                await respuestas.guardar(toma, await _copiar(respuesta, huella))
        else:
            respuesta = await _en_una(request, respuestas, toma, dicho, seguir)
    except NoDisponible:
        # The database has other cares, or may yet have done it. A key that nobody renews lapses.
        raise
    except Exception:
        await respuestas.soltar(toma)
        raise
    if not _es_buena(respuesta):
        await respuestas.soltar(toma)
    return respuesta


async def _exigir_legible(request: Request, ruta: APIRoute, guardada: Guardada) -> None:
    """What somebody made or did in a flat that they have left since is not theirs to read again. Staff read everything,
    also what is gone by now. Raises what reading the object raises."""
    lugar = next((valor for nombre, valor in guardada.cabeceras if nombre == "location"), None)
    quien: Principal | None = getattr(request.state, "principal", None)
    if quien is not None and not quien.es_personal:
        await cast(Objetos, request.app.state.objetos).leer_de_nuevo(request, ruta, lugar)


def _archivo_de(ruta: APIRoute) -> ConArchivo | None:
    return next((d for d in _dependencias(ruta.dependant) if hasattr(d, "resumir")), None)


async def _en_una(request: Request, respuestas: Respuestas, toma: Toma, huella: str, seguir: Seguir) -> Response:
    async def todo() -> Response:
        respuesta = await seguir()
        if _es_buena(respuesta) and not await respuestas.guardar(toma, await _copiar(respuesta, huella)):
            # Taken for dead, and somebody else does it: what this call did is undone.
            raise PeticionEnCurso()
        return respuesta

    return await cast(UnitOfWork, request.state.uow).run(todo)


@asynccontextmanager
async def _sujeta(respuestas: Respuestas, toma: Toma) -> AsyncIterator[None]:
    async def renovar() -> None:
        while True:
            await asyncio.sleep(respuestas.segundos_de_toma / 3)
            try:
                if not await respuestas.renovar(toma):
                    return
            except Exception:
                # The next one may come in time; and if none does, the step is one that may be taken twice.
                log.warning("no se pudo renovar una clave de idempotencia", exc_info=True)

    latido = asyncio.create_task(renovar())
    try:
        with bajo(respuestas, toma):
            yield
    finally:
        latido.cancel()


def _id(request: Request, clave: str) -> str:
    """One for each caller, method, path and key, from which none of them can be read. Who has another role by now, or
    lives here as somebody else, is another caller."""
    quien: Principal | None = getattr(request.state, "principal", None)
    autor = ""
    if quien is not None:
        autor = f"{quien.usuario_id}/{quien.llave_id or ''}/{quien.rol}/{quien.residente_id or ''}"
    partes = [autor, request.method, request.scope["path"], clave]
    return hashlib.sha256(json.dumps(partes).encode()).hexdigest()


def _huella(request: Request, cuerpo: Cuerpo | None) -> str:
    """Of the query and the body: JSON by what it means, not by how it is spaced."""
    dicho = b"" if cuerpo is None else cuerpo.crudo
    if cuerpo is not None and cuerpo.json is not None:
        dicho = json.dumps(cuerpo.json, sort_keys=True).encode()
    return hashlib.sha256(request.scope["query_string"] + b"\0" + dicho).hexdigest()


def _es_buena(respuesta: Response) -> bool:
    return 200 <= respuesta.status_code < 300


async def _copiar(respuesta: Response, huella: str) -> Guardada:
    cuerpo = bytes(respuesta.body) if not isinstance(respuesta, StreamingResponse) else await _reunir(respuesta)
    cabeceras = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in respuesta.raw_headers]
    return Guardada(status=respuesta.status_code, cabeceras=cabeceras, cuerpo=cuerpo, huella=huella)


async def _reunir(respuesta: StreamingResponse) -> bytes:
    """The whole of a stream, which then streams it again."""
    partes = [p.encode() if isinstance(p, str) else bytes(p) async for p in respuesta.body_iterator]

    async def otra_vez() -> AsyncIterator[bytes]:
        for parte in partes:
            yield parte

    respuesta.body_iterator = otra_vez()
    return b"".join(partes)


def _como_era(guardada: Guardada) -> Response:
    respuesta = Response(content=guardada.cuerpo, status_code=guardada.status)
    respuesta.raw_headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in guardada.cabeceras]
    respuesta.headers.update(_REPETIDA)
    return respuesta
