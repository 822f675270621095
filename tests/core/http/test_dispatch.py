"""The tree of paths answers as a trial of every route would, but that a fixed segment stands before a parameter."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from inspect import iscoroutinefunction
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from app.core.http.application import build_application
from app.core.http.dispatch import Despacho
from app.core.http.route import StrictRoute
from app.wiring import build as wiring
from tests.conftest import Abrir


@asynccontextmanager
async def _nunca(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    yield {}


async def _nadie(*_: object) -> None:
    raise AssertionError("no es de ninguna operación")


class TestTodasLasRutas:
    async def test_cada_operacion_se_halla_por_su_camino(self) -> None:
        app = build_application(lifespan=_nunca, routers=wiring.ROUTERS)
        despacho = Despacho(app.routes, _nadie)
        contextos = [c for c in iter_route_contexts(app.routes) if isinstance(c.original_route, APIRoute)]
        assert len(contextos) > 100
        for contexto in contextos:
            camino = "/".join("0" * 24 if s.startswith("{") else s for s in str(contexto.path_format).split("/"))
            assert contexto.path_regex.match(camino)
            assert set(contexto.methods or ()) <= despacho.metodos(camino), camino


class TestUnCaminoFijo:
    router = APIRouter(prefix="/cosas", tags=["cosas"], route_class=StrictRoute)

    @staticmethod
    @router.get("/yo")
    async def ver_la_mia() -> str:
        return "mía"

    @staticmethod
    @router.get("/{id}")
    async def ver(id: str) -> str:
        return id

    @staticmethod
    @router.delete("/{id}")
    async def borrar(id: str) -> str:
        return id

    @pytest.mark.parametrize("metodo", ["DELETE", "PATCH"])
    async def test_no_es_el_parametro_que_hay_en_su_lugar(self, abrir_app: Abrir, metodo: str) -> None:
        cliente = await abrir_app([self.router])
        respuesta = await cliente.request(metodo, "/api/v1/cosas/yo")
        assert respuesta.status_code == 405
        assert respuesta.headers["allow"] == "GET, HEAD, OPTIONS"

    async def test_otro_valor_es_el_parametro(self, abrir_app: Abrir) -> None:
        cliente = await abrir_app([self.router])
        assert (await cliente.get("/api/v1/cosas/tuyo")).json() == "tuyo"
        assert (await cliente.patch("/api/v1/cosas/tuyo")).headers["allow"] == "DELETE, GET, HEAD, OPTIONS"

    @pytest.mark.parametrize("camino", ["/api/v1/cosas/", "/api/v1/cosas/a/b", "/api/v1", "/otra"])
    async def test_lo_que_no_es_de_nadie(self, abrir_app: Abrir, camino: str) -> None:
        cliente = await abrir_app([self.router])
        respuesta = await cliente.get(camino)
        assert respuesta.status_code == 404
        assert respuesta.json()["codigo"] == "ruta_desconocida"


def _llamados(dependant: Dependant) -> Iterator[Any]:
    for hijo in dependant.dependencies:
        yield hijo.call
        yield from _llamados(hijo)


class TestSinHilos:
    async def test_ninguna_dependencia_se_va_a_un_hilo(self) -> None:
        """What is not a coroutine the framework hands to a thread, at each request, to read an attribute."""
        app = build_application(lifespan=_nunca, routers=wiring.ROUTERS)
        for contexto in iter_route_contexts(app.routes):
            if isinstance(contexto.original_route, APIRoute):
                for llamado in _llamados(contexto.dependant):
                    assert iscoroutinefunction(llamado) or iscoroutinefunction(llamado.__call__), llamado
