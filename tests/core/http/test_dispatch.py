"""The tree of paths answers as a trial of every route would, but that a fixed segment stands before a parameter."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from inspect import iscoroutinefunction
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Cookie, Depends, FastAPI, Header, Query, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from app.core.http.application import build_application
from app.core.http.dispatch import Despacho, en_una_pasada
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


async def _pagina(
    request: Request,
    limite: Annotated[int, Query(ge=1, le=9)] = 5,
    contar: Annotated[bool, Query()] = False,
    orden: Annotated[str | None, Query(max_length=5)] = None,
) -> dict[str, Any]:
    return {"limite": limite, "contar": contar, "orden": orden, "metodo": request.method}


async def _filtros(
    pagina: Annotated[dict[str, Any], Depends(_pagina)],
    response: Response,
    estado: Annotated[list[str] | None, Query()] = None,
    x_dia: Annotated[int, Header()] = 1,
) -> dict[str, Any]:
    response.headers["X-Estados"] = str(len(estado or ()))
    return {**pagina, "estado": estado, "dia": x_dia}


_FiltrosDep = Annotated[dict[str, Any], Depends(_filtros)]
_PaginaDep = Annotated[dict[str, Any], Depends(_pagina)]


class TestEnUnaPasada:
    """What is called at once is what FastAPI, which sees to a route with a cookie, would call; and so is what it
    refuses."""

    router = APIRouter(prefix="/pasadas", tags=["pasadas"], route_class=StrictRoute)

    @staticmethod
    @router.get("/directa/{id}")
    async def directa(id: int, filtros: _FiltrosDep, pagina: _PaginaDep, zona: Annotated[str, Query()]) -> Any:
        return {**filtros, "id": id, "zona": zona, "otra": pagina}

    @staticmethod
    @router.get("/completa/{id}")
    async def completa(
        id: int,
        filtros: _FiltrosDep,
        pagina: _PaginaDep,
        zona: Annotated[str, Query()],
        galleta: Annotated[str | None, Cookie()] = None,
    ) -> Any:
        del galleta
        return {**filtros, "id": id, "zona": zona, "otra": pagina}

    @pytest.mark.parametrize(
        ("camino", "dia", "status"),
        [
            ("7?zona=a", None, 200),
            ("7?zona=a&limite=3&contar=true&orden=x&estado=b&estado=c", "4", 200),
            ("7?zona=a&limite=10", None, 422),
            ("7?zona=a&contar=quizas&orden=largisimo", "lunes", 422),
            ("7?limite=3", None, 422),
            ("siete?zona=a", None, 422),
        ],
    )
    async def test_como_el_marco(self, abrir_app: Abrir, camino: str, dia: str | None, status: int) -> None:
        cliente = await abrir_app([self.router])
        cabeceras = {} if dia is None else {"X-Dia": dia}
        una, otra = [
            await cliente.get(f"/api/v1/pasadas/{c}/{camino}", headers=cabeceras) for c in ("directa", "completa")
        ]
        assert una.status_code == otra.status_code == status
        assert una.headers.get("x-estados") == otra.headers.get("x-estados")
        sin_traza = [{c: v for c, v in r.json().items() if c not in ("traza", "instance")} for r in (una, otra)]
        assert sin_traza[0] == sin_traza[1]

    async def test_asi_toda_operacion_que_no_responde_por_partes(self) -> None:
        app = build_application(lifespan=_nunca, routers=wiring.ROUTERS)
        for contexto in iter_route_contexts(app.routes):
            ruta = contexto.original_route
            if isinstance(ruta, APIRoute) and iscoroutinefunction(ruta.endpoint):
                completa = APIRoute.get_route_handler(ruta)
                assert en_una_pasada(ruta, completa, APIRoute.get_route_handler) is not completa, ruta.path
