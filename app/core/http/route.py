"""The route class of every router: what every operation does beside its own work, in stages.

FastAPI reads and parses a body before it asks any dependency, answers 500 to several kinds of broken JSON, and takes
NaN for a number. So the order here is: who may call (401, 403), how often (429), whether the query string says what the
operation knows (422), how large (413), what kind (415), is it JSON (400). Then the conventions: a POST that came before
(`Idempotency-Key`), versions (`If-Match`, `If-None-Match`). Only then FastAPI goes on, with the parsed body, to the
fields (422).
"""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from app.core.acts.stage import en_llamada, nombre_de_operacion
from app.core.dependencies import ESQUEMA, LLAVE, PORTADOR, Roles
from app.core.http.bodies import Lector
from app.core.http.dispatch import en_una_pasada
from app.core.http.queries import ConsultaEstricta
from app.core.http.responses import CODIGOS
from app.core.idempotency.stage import una_vez
from app.core.quotas.stage import Cuota
from app.core.security import Rol
from app.core.versions.stage import escrita, leida
from app.database.deadlines import en_una_llamada
from app.shared.exceptions import LlaveNoAdmitida

Atender = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    admite_llaves: ClassVar[bool] = True
    leer: Atender
    """Answers a GET as a part of another call: its answer and version, for a caller who may have them."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **opciones: Any) -> None:
        super().__init__(path, endpoint, **opciones)
        roles = {rol for exigidos in roles_de(self.dependant) for m in self.methods or () for rol in exigidos.para(m)}
        if roles:
            # The document says of each operation what it asks for; public ones say so themselves.
            negada = any(LlaveNoAdmitida.codigo in r.get(CODIGOS, ()) for r in self.responses.values())
            modos = (ESQUEMA, PORTADOR, *([LLAVE] if self.admite_llaves and not negada else []))
            self.openapi_extra = {
                "security": [{modo: []} for modo in modos],
                "x-roles": [rol.value for rol in Rol if rol in roles],
                **(self.openapi_extra or {}),
            }

    def get_route_handler(self) -> Atender:
        nucleo = en_una_pasada(self, super().get_route_handler(), APIRoute.get_route_handler)
        operacion = nombre_de_operacion(self)
        roles = roles_de(self.dependant)
        cuotas = cuotas_de(self.dependant)
        lector = Lector(self)
        juzgar_consulta = ConsultaEstricta(self.dependant)

        async def permitir(request: Request) -> None:
            for rol in roles:
                quien = await rol(request)
                if quien.llave_id is not None and not self.admite_llaves:
                    raise LlaveNoAdmitida()

        async def leer(request: Request) -> Response:
            await permitir(request)
            return await leida(request, self, await nucleo(request))

        async def atender(request: Request) -> Response:
            with en_una_llamada():
                return await atender_a_tiempo(request)

        async def atender_a_tiempo(request: Request) -> Response:
            await permitir(request)
            for cuota in cuotas:
                await cuota(request)
            juzgar_consulta(request)
            cuerpo = await lector(request)

            def en_sitio() -> Request:
                return request if cuerpo is None else cuerpo.en(request)

            async def responder(_: Request) -> Response:
                if "GET" in (self.methods or ()):
                    return await leida(request, self, await nucleo(en_sitio()))
                return await una_vez(request, self, cuerpo, lambda: escrita(request, self, lambda: nucleo(en_sitio())))

            return await en_llamada(responder, operacion)(en_sitio())

        self.leer = leer
        return atender


class PersonalRoute(StrictRoute):
    """For what only a person does, whatever role an API key has."""

    admite_llaves = False


def cuotas_de(dependant: Dependant) -> list[Cuota]:
    return [hijo.call for hijo in dependant.dependencies if isinstance(hijo.call, Cuota)]


def roles_de(dependant: Dependant) -> list[Roles]:
    propios = [dependant.call] if isinstance(dependant.call, Roles) else []
    return propios + [rol for hijo in dependant.dependencies for rol in roles_de(hijo)]
