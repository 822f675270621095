"""A query string says what the operation knows, once and with a value; a body is sent to who takes one."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Query

from app.core.http.bodies import MAXIMO_DE_ELEMENTOS, MAXIMO_DE_NOMBRES
from app.core.http.pages import PageQueryDep
from app.core.http.queries import varios
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
    estado: Annotated[list[str] | None, varios()] = None,
    numero: Annotated[int | None, Query()] = None,
    numeros: Annotated[list[int] | None, Query()] = None,
    cierto: Annotated[bool | None, Query()] = None,
) -> list[str]:
    del consulta
    otros = [numero, *(numeros or []), cierto]
    return [color or "", *(estado or []), *(str(otro) for otro in otros if otro is not None)]


@router.get("/sola")
async def ver() -> str:
    return "sola"


@router.delete("/sola", status_code=204)
async def borrar() -> None:
    """Takes no body."""


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
    async def test_una_lista_es_de_veinte_a_lo_sumo(self, cliente: httpx.AsyncClient) -> None:
        assert (await cliente.get("/api/v1/cosas?" + "&".join(["estado=a"] * 20))).status_code == 200
        ((campo, _),) = _errores(await cliente.get("/api/v1/cosas?" + "&".join(["estado=a"] * 21)))
        assert campo == "estado"

    async def test_un_parametro_desconocido_dice_los_que_hay_y_no_se_repite(self, cliente: httpx.AsyncClient) -> None:
        respuesta = await cliente.get("/api/v1/cosas?zq9marca=1&otra=2")
        assert _errores(respuesta) == [("", "parametro_desconocido")]
        assert (
            "cierto, color, contar, cursor, estado, ids, limite, numero, numeros, orden"
            in respuesta.json()["errores"][0]["mensaje"]
        )
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

    @pytest.mark.parametrize("nombre", ["limite", "numero", "numeros"])
    @pytest.mark.parametrize(
        "valor",
        ["1.0", "1.", "%201", "1%20", "1%0A", "%2B1", "01", "-01", "1_0", "1e1", "0x1", "٣", "１", "true", "1,2"],
    )
    async def test_un_numero_se_escribe_de_una_manera(
        self, cliente: httpx.AsyncClient, nombre: str, valor: str
    ) -> None:
        assert _errores(await cliente.get(f"/api/v1/cosas?{nombre}={valor}")) == [(nombre, "tipo_invalido")]

    @pytest.mark.parametrize(("valor", "numero"), [("0", 0), ("-1", -1), ("10", 10)])
    async def test_y_asi_se_lee(self, cliente: httpx.AsyncClient, valor: str, numero: int) -> None:
        respuesta = await cliente.get(f"/api/v1/cosas?numero={valor}&numeros={valor}&numeros=7")
        assert respuesta.json() == ["", str(numero), str(numero), "7"]

    @pytest.mark.parametrize("nombre", ["contar", "cierto"])
    @pytest.mark.parametrize("valor", ["TRUE", "True", "1", "0", "on", "off", "yes", "t", "%20true", "si", "false%00"])
    async def test_lo_cierto_tambien(self, cliente: httpx.AsyncClient, nombre: str, valor: str) -> None:
        assert _errores(await cliente.get(f"/api/v1/cosas?{nombre}={valor}")) == [(nombre, "tipo_invalido")]

    async def test_lo_demas_no_es_un_numero_por_parecerlo(self, cliente: httpx.AsyncClient) -> None:
        assert (await cliente.get("/api/v1/cosas?color=01&estado=TRUE&cierto=true")).json() == ["01", "TRUE", "True"]

    async def test_quien_no_tiene_parametros_no_admite_ninguno(self, cliente: httpx.AsyncClient) -> None:
        assert _errores(await cliente.get("/api/v1/cosas/sola?x=1")) == [("", "parametro_desconocido")]


@pytest.mark.parametrize(("metodo", "ruta"), [("POST", "tocar"), ("GET", "sola"), ("HEAD", "sola"), ("DELETE", "sola")])
class TestSinCuerpo:
    """Whatever the method: a GET that carries filters as a body would be answered as if it had none."""

    @pytest.mark.parametrize("cuerpo", [b"", b"{}", b" {\n} "])
    @pytest.mark.parametrize("a_trozos", [False, True])
    async def test_nada_o_un_objeto_vacio(
        self, metodo: str, ruta: str, a_trozos: bool, cliente: httpx.AsyncClient, cuerpo: bytes
    ) -> None:
        contenido = _trozos(cuerpo) if a_trozos else cuerpo
        respuesta = await cliente.request(metodo, f"/api/v1/cosas/{ruta}", content=contenido, headers=_JSON)
        assert ("transfer-encoding" in respuesta.request.headers) == a_trozos
        assert respuesta.status_code in (200, 204)

    async def test_un_largo_de_cero_no_es_ninguno(self, metodo: str, ruta: str, cliente: httpx.AsyncClient) -> None:
        cabeceras = {"Content-Length": "0", "Content-Type": "text/plain"}
        respuesta = await cliente.request(metodo, f"/api/v1/cosas/{ruta}", headers=cabeceras)
        assert respuesta.status_code in (200, 204)

    @pytest.mark.parametrize(
        "cuerpo", [b'{"a": 1}', b"[]", b"null", b"1", b"{", b"{}{}", b"\xff", b"{" + b" " * 99 + b"}"]
    )
    @pytest.mark.parametrize("a_trozos", [False, True])
    async def test_nada_mas(
        self, metodo: str, ruta: str, a_trozos: bool, cliente: httpx.AsyncClient, cuerpo: bytes
    ) -> None:
        contenido = _trozos(cuerpo) if a_trozos else cuerpo
        respuesta = await cliente.request(metodo, f"/api/v1/cosas/{ruta}", content=contenido, headers=_JSON)
        assert respuesta.status_code == 422
        if metodo != "HEAD":
            assert _errores(respuesta) == [("", "cuerpo_no_admitido")]

    async def test_de_lo_que_sobra_se_lee_lo_que_basta_para_decirlo(
        self, metodo: str, ruta: str, cliente: httpx.AsyncClient
    ) -> None:
        leidos = []

        async def sin_fin() -> AsyncIterator[bytes]:
            for n in range(10_000):
                leidos.append(n)
                yield b" "

        respuesta = await cliente.request(metodo, f"/api/v1/cosas/{ruta}", content=sin_fin(), headers=_JSON)
        assert respuesta.status_code == 422
        assert len(leidos) < 100

    @pytest.mark.parametrize("tipo", [None, "text/plain", "application/x-www-form-urlencoded"])
    async def test_de_otro_tipo(self, metodo: str, ruta: str, cliente: httpx.AsyncClient, tipo: str | None) -> None:
        cabeceras = {} if tipo is None else {"Content-Type": tipo}
        respuesta = await cliente.request(metodo, f"/api/v1/cosas/{ruta}", content=b"a=1", headers=cabeceras)
        assert respuesta.status_code == 415


async def _trozos(cuerpo: bytes) -> AsyncIterator[bytes]:
    """Chunked: no length is said beforehand."""
    for n in range(len(cuerpo)):
        yield cuerpo[n : n + 1]


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
