"""Bodies that are exactly what they say they are."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Form
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.dependencies import PUBLICA
from app.core.http.bodies import MAXIMA_HONDURA, MAXIMO_JSON, leer_json
from app.core.http.route import StrictRoute
from app.shared.exceptions import JsonInvalido
from app.shared.schemas import Entre, InputSchema
from tests.conftest import Abrir

JSON = {"Content-Type": "application/json"}
_hojas = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_json = st.recursive(
    _hojas | st.text(), lambda hijos: st.lists(hijos) | st.dictionaries(st.text(), hijos), max_leaves=20
)


@settings(derandomize=True, deadline=None)
@given(valor=_json, escapado=st.booleans())
def test_todo_json_se_lee_como_es(valor: Any, escapado: bool) -> None:
    assert leer_json(json.dumps(valor, ensure_ascii=escapado).encode()) == valor


@settings(derandomize=True, deadline=None)
@given(crudo=st.binary(max_size=200))
def test_lo_que_no_lo_es_se_refuta_y_nada_mas(crudo: bytes) -> None:
    try:
        leer_json(crudo)
    except JsonInvalido:
        return
    json.loads(crudo.decode())


@pytest.mark.parametrize(
    "crudo",
    [
        b"",
        b" ",
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"\xef\xbb\xbf{}",
        b"\xff",
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b'{"a": ["\\ud800\\ud800"]}',
        b'{"a": 1, "a": 1}',
        b'{"b": {"a": 1, "\\u0061": 2}}',
        b"{} {}",
        b"01",
        b"'a'",
        b"{a: 1}",
        b"[1,]",
        b'"a\nb"',
        b"nul",
        "{}".encode("utf-16"),
        "{}".encode("utf-32"),
        b"[" * 33 + b"]" * 33,
        b'{"a":' * 33 + b"1" + b"}" * 33,
        b"[" * 100_000,
    ],
)
def test_lo_que_otros_lectores_dejan_pasar(crudo: bytes) -> None:
    with pytest.raises(JsonInvalido):
        leer_json(crudo)


def test_hasta_treinta_y_dos_niveles() -> None:
    crudo = b"[" * MAXIMA_HONDURA + b"7" + b"]" * MAXIMA_HONDURA
    valor = leer_json(crudo)
    for _ in range(MAXIMA_HONDURA):
        (valor,) = valor
    assert valor == 7


@pytest.mark.parametrize("cifras", ["9" * 21, "-" + "9" * 4299, "9" * 5000, "1" + "0" * 900_000])
def test_un_entero_descomunal_queda_fuera_de_todo_rango_sin_convertirlo(cifras: str) -> None:
    assert abs(leer_json(cifras.encode())) >= 2**63


@pytest.mark.parametrize("entero", [0, -1, 2**63 - 1, -(2**63), 2**63, 10**19])
def test_los_de_sesenta_y_cuatro_bits_se_leen_exactos(entero: int) -> None:
    assert leer_json(str(entero).encode()) == entero


def test_un_par_de_surrogates_es_una_letra() -> None:
    assert leer_json(b'"\\ud83d\\ude97"') == "🚗"


class Numero(InputSchema):
    numero: Annotated[int, Entre(1, 9)]


class Formulario(InputSchema):
    texto: str


router = APIRouter(route_class=StrictRoute)


@router.post("/numero", openapi_extra=PUBLICA)
async def _numero(datos: Numero) -> int:
    return datos.numero


@router.post("/tal-vez", openapi_extra=PUBLICA)
async def _tal_vez(datos: Numero | None = None) -> int:
    return 0 if datos is None else datos.numero


@router.post("/formulario", openapi_extra=PUBLICA)
async def _formulario(datos: Annotated[Formulario, Form()]) -> str:
    return datos.texto


@pytest.fixture
async def cliente(abrir_app: Abrir) -> httpx.AsyncClient:
    cliente = await abrir_app([router])
    cliente.base_url = httpx.URL("http://parknet/api/v1/")
    return cliente


@pytest.mark.parametrize("tipo", ["application/json", "Application/JSON", "application/json; charset=utf-8"])
async def test_el_tipo_se_lee_sin_sus_parametros(tipo: str, cliente: httpx.AsyncClient) -> None:
    respuesta = await cliente.post("numero", content=b'{"numero": 7.0}', headers={"Content-Type": tipo})
    assert (respuesta.status_code, respuesta.json()) == (200, 7)


async def test_el_maximo_entra_y_un_byte_mas_no(cliente: httpx.AsyncClient) -> None:
    cuerpo = b'{"numero": 7}'
    justo = await cliente.post("numero", content=cuerpo.ljust(MAXIMO_JSON), headers=JSON)
    assert justo.status_code == 200
    pasado = await cliente.post("numero", content=cuerpo.ljust(MAXIMO_JSON + 1), headers=JSON)
    assert (pasado.status_code, pasado.json()["datos"]) == (413, {"maximo": MAXIMO_JSON})


async def test_lo_que_sobra_no_se_lee(cliente: httpx.AsyncClient) -> None:
    leidos = 0

    async def trozos() -> AsyncIterator[bytes]:
        nonlocal leidos
        for _ in range(1000):
            leidos += 1
            yield b" " * 65_536

    respuesta = await cliente.post("numero", content=trozos(), headers=JSON)
    assert respuesta.status_code == 413
    assert leidos == 17


class TestCuerpoOpcional:
    async def test_se_puede_no_mandar(self, cliente: httpx.AsyncClient) -> None:
        assert (await cliente.post("tal-vez")).json() == 0

    async def test_mandado_se_juzga_igual(self, cliente: httpx.AsyncClient) -> None:
        assert (await cliente.post("tal-vez", json={"numero": 3})).json() == 3
        assert (await cliente.post("tal-vez", content=b"null", headers=JSON)).json() == 0
        assert (await cliente.post("tal-vez", json={"numero": 10})).status_code == 422
        assert (await cliente.post("tal-vez", content=b"", headers=JSON)).status_code == 400
        assert (await cliente.post("tal-vez", content=b"{}", headers={"Content-Type": "text/plain"})).status_code == 415

    async def test_sin_decir_que_es_no_se_adivina(self, cliente: httpx.AsyncClient) -> None:
        respuesta = await cliente.post("tal-vez", content=b'{"numero": 3}')
        assert "content-type" not in respuesta.request.headers
        assert respuesta.status_code == 415

    async def test_tampoco_asi_se_lee_sin_medida(self, cliente: httpx.AsyncClient) -> None:
        assert (await cliente.post("tal-vez", content=b" " * (MAXIMO_JSON + 1))).status_code == 413

    async def test_el_que_hace_falta_no_se_puede_callar(self, cliente: httpx.AsyncClient) -> None:
        assert (await cliente.post("numero")).status_code == 415


class TestFormulario:
    @pytest.mark.parametrize(
        ("crudo", "texto"),
        [
            ("texto=ñandú".encode(), "ñandú"),
            (b"texto=%C3%B1and%C3%BA", "ñandú"),
            (b"texto=a+b%2Bc", "a b+c"),
            (b"texto=%zz%", "%zz%"),
            (b"texto=a&texto=b", "b"),
            ("texto=🚗".encode(), "🚗"),
        ],
    )
    async def test_se_lee_en_utf8_escapado_o_no(self, crudo: bytes, texto: str, cliente: httpx.AsyncClient) -> None:
        tipo = {"Content-Type": "application/x-www-form-urlencoded"}
        respuesta = await cliente.post("formulario", content=crudo, headers=tipo)
        assert (respuesta.status_code, respuesta.json()) == (200, texto)

    @pytest.mark.parametrize("crudo", [b"texto=\xf1", b"texto=%f1", b"texto=%ED%A0%80", b"t%ff=a&texto=b"])
    async def test_otra_codificacion_no_se_adivina(self, crudo: bytes, cliente: httpx.AsyncClient) -> None:
        tipo = {"Content-Type": "application/x-www-form-urlencoded"}
        respuesta = await cliente.post("formulario", content=crudo, headers=tipo)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (400, "formulario_invalido")
