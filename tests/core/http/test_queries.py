"""A query string says what the operation knows, once and with a value; a body is sent to who takes one."""

from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Query

from app.core.http.bodies import MAXIMO_DE_ELEMENTOS, MAXIMO_DE_NOMBRES
from app.core.http.pages import PageQueryDep
from app.core.http.route import StrictRoute
from app.shared.schemas import InputSchema
from tests.conftest import Abrir

router = APIRouter(prefix="/cosas", tags=["cosas"], route_class=StrictRoute)


class Cosa(InputSchema):
    nombre: str
    numeros: list[int] = []


@router.get("")
async def listar(
    consulta: PageQueryDep,
    color: Annotated[str | None, Query()] = None,
    estado: Annotated[list[str] | None, Query()] = None,
) -> list[str]:
    del consulta
    return [color or "", *(estado or [])]


@router.get("/sola")
async def ver() -> str:
    return "sola"


@router.post("")
async def crear(cosa: Cosa, simular: Annotated[bool, Query()] = False) -> bool:
    del cosa
    return simular


@router.post("/tocar", status_code=204)
async def tocar() -> None:
    """Takes no body."""


@router.patch("")
async def cambiar(cosa: Cosa) -> str:
    return cosa.nombre


@pytest.fixture
async def cliente(abrir_app: Abrir) -> httpx.AsyncClient:
    return await abrir_app([router])


def _errores(respuesta: httpx.Response) -> list[tuple[str, str]]:
    assert respuesta.status_code == 422, respuesta.text
    return [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]]


class TestConsulta:
    async def test_un_parametro_desconocido_dice_los_que_hay_y_no_se_repite(self, cliente: httpx.AsyncClient) -> None:
        respuesta = await cliente.get("/api/v1/cosas?zq9marca=1&otra=2")
        assert _errores(respuesta) == [("", "parametro_desconocido")]
        assert "color, contar, cursor, estado, ids, limite, orden" in respuesta.json()["errores"][0]["mensaje"]
        assert "zq9marca" not in respuesta.text

    async def test_una_errata_no_hace_de_veras_lo_que_se_queria_ensayar(self, cliente: httpx.AsyncClient) -> None:
        respuesta = await cliente.post("/api/v1/cosas?simulr=true", json={"nombre": "a"})
        assert _errores(respuesta) == [("", "parametro_desconocido")]

    @pytest.mark.parametrize("consulta", ["color=", "limite=", "cursor=", "estado=a&estado="])
    async def test_un_valor_vacio(self, cliente: httpx.AsyncClient, consulta: str) -> None:
        ((_, codigo),) = _errores(await cliente.get(f"/api/v1/cosas?{consulta}"))
        assert codigo == "parametro_vacio"

    async def test_lo_que_se_da_una_vez_no_se_da_dos(self, cliente: httpx.AsyncClient) -> None:
        assert _errores(await cliente.get("/api/v1/cosas?color=a&color=b")) == [("color", "parametro_repetido")]

    async def test_una_lista_se_da_varias_veces(self, cliente: httpx.AsyncClient) -> None:
        assert (await cliente.get("/api/v1/cosas?estado=a&estado=b&color=c")).json() == ["c", "a", "b"]

    async def test_quien_no_tiene_parametros_no_admite_ninguno(self, cliente: httpx.AsyncClient) -> None:
        assert _errores(await cliente.get("/api/v1/cosas/sola?x=1")) == [("", "parametro_desconocido")]


class TestSinCuerpo:
    @pytest.mark.parametrize("cuerpo", [b"", b"{}", b" {\n} "])
    async def test_nada_o_un_objeto_vacio(self, cliente: httpx.AsyncClient, cuerpo: bytes) -> None:
        respuesta = await cliente.post("/api/v1/cosas/tocar", content=cuerpo, headers=_JSON)
        assert respuesta.status_code == 204

    @pytest.mark.parametrize("cuerpo", [b'{"a": 1}', b"[]", b"null", b"1"])
    async def test_nada_mas(self, cliente: httpx.AsyncClient, cuerpo: bytes) -> None:
        respuesta = await cliente.post("/api/v1/cosas/tocar", content=cuerpo, headers=_JSON)
        assert _errores(respuesta) == [("", "cuerpo_no_admitido")]

    @pytest.mark.parametrize("tipo", [None, "text/plain", "application/x-www-form-urlencoded"])
    async def test_de_otro_tipo(self, cliente: httpx.AsyncClient, tipo: str | None) -> None:
        cabeceras = {} if tipo is None else {"Content-Type": tipo}
        respuesta = await cliente.post("/api/v1/cosas/tocar", content=b"a=1", headers=cabeceras)
        assert respuesta.status_code == 415


class TestFusion:
    async def test_patch_admite_su_tipo_y_post_no(self, cliente: httpx.AsyncClient) -> None:
        cabeceras = {"Content-Type": "application/merge-patch+json"}
        assert (await cliente.patch("/api/v1/cosas", content=b'{"nombre":"b"}', headers=cabeceras)).json() == "b"
        assert (await cliente.post("/api/v1/cosas", content=b'{"nombre":"b"}', headers=cabeceras)).status_code == 415


class TestCuantoCuesta:
    """What is answered, and judged, does not grow with what is sent."""

    async def test_muchos_campos_desconocidos(self, cliente: httpx.AsyncClient) -> None:
        cuerpo = {f"k{i}": 1 for i in range(MAXIMO_DE_NOMBRES + 1)}
        respuesta = await cliente.post("/api/v1/cosas", json=cuerpo)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (413, "demasiados_elementos")
        del cuerpo["k0"]
        respuesta = await cliente.post("/api/v1/cosas", json=cuerpo)
        assert _errores(respuesta) == [("nombre", "requerido"), ("", "campo_desconocido")]

    async def test_muchos_elementos(self, cliente: httpx.AsyncClient) -> None:
        respuesta = await cliente.post("/api/v1/cosas", json={"nombre": "a", "numeros": [1] * MAXIMO_DE_ELEMENTOS})
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (413, "demasiados_elementos")

    async def test_muchos_faltas(self, cliente: httpx.AsyncClient) -> None:
        respuesta = await cliente.post("/api/v1/cosas", json={"nombre": "a", "numeros": ["x"] * 40_000})
        assert len(_errores(respuesta)) == 100


_JSON = {"Content-Type": "application/json"}
