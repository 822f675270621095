"""`Prefer` (RFC 7240): `respond-async`, and `wait=N`. One mechanism for every operation whose work may be a job.

    @router.post("/importar", status_code=202, responses=problemas() | TRABAJO)
    async def importar(servicio: ServicioDep, asincrona: AsincronaDep, …) -> Response:
        return await asincrona.responder(await servicio.importar(…))

Work that is always a job answers with `responder`. What answers by itself asks `pedida`; then with `aceptar`, which has
nothing to answer once the job ended well in time: it answers as without the header.

    @router.post("/{id}/ejecutar", response_model=Hecho, responses=problemas(*DE_UN_TRABAJO) | ACEPTADO)
    …
        if asincrona.pedida and (aceptado := await asincrona.aceptar(await pasos.encolar(…))):
            return aceptado
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, cast

from beanie import PydanticObjectId
from fastapi import Depends, Header, Request, Response
from fastapi.responses import JSONResponse

from app.core.http.application import PREFIJO
from app.core.http.language import idioma_de
from app.core.http.problems import problema
from app.core.idempotency.stage import por_pasos
from app.core.jobs.contract import (
    EstadoTrabajo,
    TrabajoCancelado,
    TrabajoInterrumpido,
    TrabajoOut,
    TrabajoVisto,
    trabajo_out,
)
from app.shared.exceptions import NoDisponible

MAXIMA_ESPERA = 30
"""Seconds for which an answer is held at most, whatever was asked for."""
_MAXIMO_DE_TEXTO = 1000
# A comma within quotes separates nothing.
_PREFERENCIAS = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"|")+')
_UNA = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*)\s*)?(?:;.*)?', re.DOTALL)
_SEGUNDOS = re.compile(r"[0-9]{1,9}", re.ASCII)

_ATENDIDA = {"description": "Lo que se atendió de `Prefer`.", "schema": {"type": "string"}}
_LUGAR = {"description": "El trabajo.", "schema": {"type": "string"}}
_CABECERAS = {"Location": _LUGAR, "Preference-Applied": _ATENDIDA}
ESPERA: dict[int | str, dict[str, Any]] = {200: {"headers": {"Preference-Applied": _ATENDIDA}}}
"""For `responses=` of what may be waited for."""
ACEPTADO: dict[int | str, dict[str, Any]] = ESPERA | {
    202: {
        "description": "Se hará en segundo plano: en `Location`, dónde seguirlo. La respuesta va vacía.",
        "headers": _CABECERAS,
    }
}
"""For `responses=` of what may leave it to a job. Most clients know one shape of success only, the one of 200."""
DE_UN_TRABAJO = (TrabajoCancelado, TrabajoInterrumpido)
"""For `problemas` of the same: how a job may end that was waited for."""
TRABAJO: dict[int | str, dict[str, Any]] = {
    202: {
        "model": TrabajoOut,
        "description": "Se hará en segundo plano: el trabajo, y en `Location` dónde seguirlo.",
        "headers": _CABECERAS,
    },
    200: {
        "model": TrabajoOut,
        "description": "El trabajo, que terminó mientras se esperaba (`Prefer: wait`).",
        "headers": _CABECERAS,
    },
}
"""For `responses=` of what always answers with one (`responder`)."""


@dataclass(frozen=True, slots=True)
class Preferencia:
    """`espera`: seconds, None when `wait` was not asked for."""

    respond_async: bool = False
    espera: int | None = None


def leer_prefer(lineas: Sequence[str]) -> Preferencia:
    """What the lines of `Prefer` ask for. As the RFC says: unknown and malformed ones are ignored, names know no case,
    and of one named twice the first counts."""
    halladas: dict[str, str] = {}
    for texto in _PREFERENCIAS.findall(",".join(lineas)[:_MAXIMO_DE_TEXTO]):
        if una := _UNA.fullmatch(texto):
            halladas.setdefault(una[1].lower(), (una[2] or "").strip('"'))
    segundos = halladas.get("wait", "")
    return Preferencia(
        respond_async=halladas.get("respond-async") == "",
        espera=min(int(segundos), MAXIMA_ESPERA) if _SEGUNDOS.fullmatch(segundos) else None,
    )


class Trabajos(Protocol):
    """What stands in `request.state.trabajos`."""

    async def esperar(self, *, trabajo_id: PydanticObjectId, segundos: float) -> TrabajoVisto: ...


class Asincrona:
    """What the caller prefers, and the answers that go with it."""

    def __init__(self, request: Request, response: Response) -> None:
        self._request = request
        self._response = response
        self._preferencia = leer_prefer(request.headers.getlist("prefer"))

    @property
    def pedida(self) -> bool:
        return self._preferencia.respond_async or self._preferencia.espera is not None

    async def responder(self, trabajo_id: PydanticObjectId) -> Response:
        """202; 200 when the job ended within the time that the caller said to wait, however it ended."""
        visto = await self._esperar(trabajo_id)
        return self._trabajo(visto, 200 if visto.terminado and self._preferencia.espera is not None else 202)

    async def aceptar(self, trabajo_id: PydanticObjectId | None) -> Response | None:
        """202; the problem that it ended in, when it did so in time; None when it ended well in time, or there was
        nothing left to do."""
        if trabajo_id is None:
            return None
        visto = await self._esperar(trabajo_id)
        if not visto.terminado:
            return Response(status_code=202, headers=self._cabeceras(visto, 202))
        if visto.estado is EstadoTrabajo.cancelado:
            raise TrabajoCancelado()
        self._response.headers["Preference-Applied"] = self._aplicada(a_tiempo=True)
        if visto.fallo is None:
            return None
        return problema(
            self._request,
            status=visto.fallo.status,
            codigo=visto.fallo.codigo,
            datos=visto.fallo.datos,
            cabeceras=NoDisponible().cabeceras if visto.fallo.status == NoDisponible.status else None,
        )

    async def mientras(self, visto: TrabajoVisto) -> TrabajoVisto:
        """A job that was asked for: as it is, or as it is when it has ended or the caller will wait no longer."""
        if self._preferencia.espera is None:
            return visto
        self._response.headers["Preference-Applied"] = f"wait={self._preferencia.espera}"
        return visto if visto.terminado else await self._esperar(visto.id)

    async def _esperar(self, trabajo_id: PydanticObjectId) -> TrabajoVisto:
        trabajos = cast(Trabajos, self._request.state.trabajos)
        return await trabajos.esperar(trabajo_id=trabajo_id, segundos=self._preferencia.espera or 0)

    def _trabajo(self, visto: TrabajoVisto, status: int) -> Response:
        idioma = idioma_de(self._request)
        salida = trabajo_out(visto, idioma, self._request.app.state.zona)
        return JSONResponse(salida.model_dump(mode="json"), status_code=status, headers=self._cabeceras(visto, status))

    def _cabeceras(self, visto: TrabajoVisto, status: int) -> dict[str, str]:
        aplicada = self._aplicada(a_tiempo=status == 200)
        return {"Location": f"{PREFIJO}/trabajos/{visto.id}"} | ({"Preference-Applied": aplicada} if aplicada else {})

    def _aplicada(self, *, a_tiempo: bool) -> str:
        espera = self._preferencia.espera
        aplicadas = ["respond-async"] if self._preferencia.respond_async and not a_tiempo else []
        return ", ".join(aplicadas if espera is None else [*aplicadas, f"wait={espera}"])


@por_pasos
async def _asincrona(
    request: Request,
    response: Response,
    prefer: Annotated[
        str | None,
        Header(
            description=f"`respond-async`: se hace en segundo plano (202). `wait=N`: se espera hasta N segundos "
            f"({MAXIMA_ESPERA} como mucho) antes de responder así."
        ),
    ] = None,
) -> Asincrona:
    """Nobody waits within a transaction for what begins when it ends."""
    del prefer  # for the document: it names one line of the header, and there may be several
    return Asincrona(request, response)


AsincronaDep = Annotated[Asincrona, Depends(_asincrona)]
