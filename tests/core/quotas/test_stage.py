"""An operation that names a `Cuota`: before its body is read, by address and by account, and every answer says so."""

import re
from typing import Annotated, Any

import httpx
import pytest
from beanie import PydanticObjectId
from fastapi import APIRouter, Depends

from app.core.dependencies import PUBLICA, SignedInDep
from app.core.http.route import StrictRoute
from app.core.quotas.contract import Saldo, Tasa, agrupar
from app.core.quotas.stage import Cuota
from app.core.security import Principal, Rol
from app.shared.exceptions import DemasiadasPeticiones
from app.shared.schemas import InputSchema
from tests.conftest import Abrir

POR_DIRECCION = Tasa("de-aqui", 2, 60)
POR_CUENTA = Tasa("de-uno", 3, 60)
router = APIRouter(prefix="/prueba", tags=["prueba"], route_class=StrictRoute)


class Cuerpo(InputSchema):
    numero: int


@router.post("/publica", dependencies=[Depends(Cuota(direccion=POR_DIRECCION))], openapi_extra=PUBLICA)
async def publica(datos: Cuerpo) -> dict[str, int]:
    return {"numero": datos.numero}


@router.get("/propia", dependencies=[Depends(Cuota(cuenta=POR_CUENTA))])
async def propia(quien: SignedInDep) -> dict[str, str]:
    return {"rol": quien.rol}


@router.get("/libre", openapi_extra=PUBLICA)
async def libre(numero: Annotated[int, Depends(lambda: 1)]) -> dict[str, int]:
    return {"numero": numero}


class CuotasEnMemoria:
    def __init__(self) -> None:
        self.gastos: dict[tuple[str, ...], int] = {}

    async def gastar(self, tasa: Tasa, *quien: str) -> Saldo:
        clave = (tasa.nombre, *quien)
        if self.gastos.get(clave, 0) == tasa.veces:
            raise DemasiadasPeticiones(politica=tasa.nombre, limite=tasa.veces, segundos=17, ventana=tasa.segundos)
        self.gastos[clave] = self.gastos.get(clave, 0) + 1
        return Saldo(tasa=tasa, queda=tasa.veces - self.gastos[clave], repone_en=17)

    async def olvidar(self, tasa: Tasa, *quien: str) -> None:
        self.gastos.pop((tasa.nombre, *quien), None)


class Conocidos:
    """Two accounts by name, and an API key that one of them made."""

    ids = {"ana": PydanticObjectId(), "luis": PydanticObjectId()}
    llave = PydanticObjectId()

    async def autenticar(self, token: str) -> Principal:
        if token == "la-llave-de-ana":
            return Principal(usuario_id=self.ids["ana"], rol=Rol.auditor, sesion_id=None, llave_id=self.llave)
        return Principal(usuario_id=self.ids[token], rol=Rol.residente, sesion_id=PydanticObjectId())


@pytest.fixture
def cuotas() -> CuotasEnMemoria:
    return CuotasEnMemoria()


@pytest.fixture
async def cliente(abrir_app: Abrir, cuotas: CuotasEnMemoria) -> httpx.AsyncClient:
    return await abrir_app([router], autenticador=Conocidos(), cuotas=cuotas)


def como(quien: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {quien}"}}


async def test_mas_de_las_que_caben_es_429_con_cuando_volver(cliente: httpx.AsyncClient) -> None:
    primera = await cliente.post("/api/v1/prueba/publica", json={"numero": 1})
    assert primera.status_code == 200
    assert primera.headers["RateLimit-Policy"] == '"de-aqui";q=2;w=60'
    assert primera.headers["RateLimit"] == '"de-aqui";r=1;t=17'
    await cliente.post("/api/v1/prueba/publica", json={"numero": 1})
    negada = await cliente.post("/api/v1/prueba/publica", json={"numero": 1})
    assert negada.status_code == 429
    assert negada.headers["Content-Type"] == "application/problem+json"
    assert negada.headers["Retry-After"] == "17"
    assert negada.headers["RateLimit-Policy"] == '"de-aqui";q=2;w=60'
    assert negada.headers["RateLimit"] == '"de-aqui";r=0;t=17'
    problema = negada.json()
    assert problema["codigo"] == "demasiadas_peticiones"
    assert problema["datos"] == {"politica": "de-aqui", "limite": 2, "segundos": 17}
    assert re.search(r"\b17\b", problema["detail"])


@pytest.mark.parametrize("cuerpo", [b"{", b'{"numero": "x"}', b"\xff", b""])
async def test_lo_malo_tambien_cuenta_y_se_niega_antes_de_leerlo(cliente: httpx.AsyncClient, cuerpo: bytes) -> None:
    cabeceras = {"Content-Type": "application/json"}
    respuestas = [await cliente.post("/api/v1/prueba/publica", content=cuerpo, headers=cabeceras) for _ in range(3)]
    assert [r.status_code // 100 for r in respuestas[:2]] == [4, 4]
    assert respuestas[0].status_code in {400, 422}
    assert respuestas[2].status_code == 429


async def test_cada_cuenta_tiene_la_suya(cliente: httpx.AsyncClient) -> None:
    for _ in range(3):
        assert (await cliente.get("/api/v1/prueba/propia", **como("ana"))).status_code == 200
    assert (await cliente.get("/api/v1/prueba/propia", **como("ana"))).status_code == 429
    otra = await cliente.get("/api/v1/prueba/propia", **como("luis"))
    assert otra.status_code == 200
    assert otra.headers["RateLimit-Policy"] == '"de-uno";q=3;w=60'
    assert otra.headers["RateLimit"] == '"de-uno";r=2;t=17'


async def test_una_llave_no_gasta_lo_de_quien_la_hizo(cliente: httpx.AsyncClient) -> None:
    for _ in range(3):
        assert (await cliente.get("/api/v1/prueba/propia", **como("la-llave-de-ana"))).status_code == 200
    assert (await cliente.get("/api/v1/prueba/propia", **como("la-llave-de-ana"))).status_code == 429
    assert (await cliente.get("/api/v1/prueba/propia", **como("ana"))).status_code == 200


async def test_quien_no_puede_llamar_no_gasta_nada(cliente: httpx.AsyncClient, cuotas: CuotasEnMemoria) -> None:
    assert (await cliente.get("/api/v1/prueba/propia")).status_code == 401
    assert cuotas.gastos == {}


async def test_se_cuenta_una_sola_vez_por_peticion(cliente: httpx.AsyncClient, cuotas: CuotasEnMemoria) -> None:
    await cliente.get("/api/v1/prueba/propia", **como("ana"))
    assert list(cuotas.gastos.values()) == [1]


async def test_sin_cuota_no_hay_cabeceras(cliente: httpx.AsyncClient) -> None:
    respuesta = await cliente.get("/api/v1/prueba/libre")
    assert not {"ratelimit", "ratelimit-policy"} & set(respuesta.headers)


@pytest.mark.parametrize(
    ("direccion", "de_quien"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_una_red_de_ipv6_es_un_solo_cliente(direccion: str, de_quien: str) -> None:
    assert agrupar(direccion) == de_quien
