"""Query strings: whatever comes after the `?` is refused as a problem or answered, and never breaks anything."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.conftest import Aplicacion
from tests.api.mundo import Mundo
from tests.api.operaciones import OPERACIONES, Operacion
from tests.api.problemas import defectos

MARCA = "zq9marca"
LECTURAS = {nombre: o for nombre, o in OPERACIONES.items() if o.metodo == "GET"}
# Lists that go in an order of their own, whatever is asked for.
DE_UN_ORDEN = {"sorteo_listar_espera", "sorteo_ver_evaluacion", "solicitudes_ver_historial"}
# What every list takes, read by the same code: each value once.
DE_TODA_LISTA, UNA_LISTA = {"limite", "orden", "contar", "cursor"}, "sorteo_listar_espacios"
VALORES = (
    "",
    "%00",
    f"{MARCA}%00",
    "%ff%fe",
    "%ED%A0%80",
    "%",
    "%zz",
    "%0d%0aX-Otra:%20si",
    "[]",
    "{}",
    "null",
    "true",
    "-1",
    "0",
    "9" * 30,
    "1e999",
    "NaN",
    ".*(",
    "(a%2B)%2B$",
    "$where",
    f"{MARCA}" * 400,
    "%F0%9F%9A%97" * 50,
    "0001-01-01T00:00:00%2B14:00",
    "9999-12-31T23:59:59-14:00",
    "0000-00-00",
    "9999-12-31",
    "0" * 24,
    "İ" * 30,
)
# What some rule takes, and the code behind it may stumble over.
SIEMPRE = {"0", ".*(", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "9999-12-31", "0" * 24, "İ" * 30}


def _declarados(aplicacion: Aplicacion, operacion: Operacion) -> dict[str, str]:
    """What each may be, by its name."""
    declarada = aplicacion.app.openapi()["paths"][operacion.plantilla]["get"]
    return {p["name"]: str(p["schema"]) for p in declarada.get("parameters", []) if p.get("in") == "query"}


def _parametros(aplicacion: Aplicacion, operacion: Operacion) -> list[str]:
    return list(_declarados(aplicacion, operacion))


def _consultas(nombre: str, aplicacion: Aplicacion) -> Iterator[str]:
    """With every value for a parameter that no operation before this one has; for one that was judged before by the
    same rule, what it may take and a quarter of the others, each time a different one."""
    anteriores = list(LECTURAS)[: list(LECTURAS).index(nombre)]
    vistos = {rasgo for n in anteriores for rasgo in _declarados(aplicacion, LECTURAS[n]).items()}
    propios = _declarados(aplicacion, LECTURAS[nombre]) | {"otro": ""}
    for parametro, regla in propios.items():
        if parametro in DE_TODA_LISTA and nombre != UNA_LISTA:
            continue
        nuevo = (parametro, regla) not in vistos and (parametro != "otro" or not anteriores)
        turno = len(anteriores) % 4
        valores = [v for n, v in enumerate(VALORES) if nuevo or v in SIEMPRE or n % 4 == turno]
        yield from (f"{parametro}={valor}" for valor in valores)
        yield from (f"{parametro}[$ne]={MARCA}", f"{parametro}[]={MARCA}", f"{parametro}=a&{parametro}=b", parametro)
    yield from ("", "&&&", "=", "%ff=%00", "?", "#")
    if not anteriores:
        yield from ("a" * 20_000, "&".join(f"a{i}=1" for i in range(3000)))


async def _pedir(mundo: Mundo, operacion: Operacion, consulta: str) -> httpx.Response:
    quien = mundo.quien[operacion.quien] if operacion.roles else {}
    return await mundo.cliente.get(f"{operacion.camino(mundo)}?{consulta}", headers=quien)


def _faltas(respuesta: httpx.Response, consulta: str) -> list[str]:
    """A problem, or an answer."""
    if respuesta.status_code == 200:
        return []
    return [f"{consulta[:60]}: {falta}" for falta in defectos(respuesta, {422, 404}, marca=MARCA)]


@pytest.mark.parametrize("nombre", LECTURAS)
async def test_ningun_valor_rompe_una_consulta(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    operacion = LECTURAS[nombre]
    # Minutes are written down as issued by whoever reads them first.
    await _pedir(mundo, operacion, "")
    antes = await aplicacion.digesto()
    faltas: list[str] = []
    for consulta in _consultas(nombre, aplicacion):
        faltas += _faltas(await _pedir(mundo, operacion, consulta), consulta)
    assert faltas == []
    assert await aplicacion.digesto() == antes


LISTAS = {nombre: o for nombre, o in LECTURAS.items() if "listar" in nombre or nombre in DE_UN_ORDEN}


def test_las_listas_son_las_que_dice_el_documento(aplicacion: Aplicacion) -> None:
    paginadas = {n for n, o in LECTURAS.items() if "cursor" in _parametros(aplicacion, o)}
    assert paginadas == set(LISTAS)
    for nombre in paginadas:
        assert set(_parametros(aplicacion, LECTURAS[nombre])) >= DE_TODA_LISTA


@pytest.mark.parametrize("nombre", LISTAS)
async def test_los_cuatro_de_una_lista_se_juzgan(nombre: str, mundo: Mundo) -> None:
    operacion = LISTAS[nombre]
    for parametro, valores in {
        "limite": ["0", "201", "-1", "abc", "1.5", "", "1e2", "9" * 40, "null"],
        "cursor": [MARCA, "", "a" * 999, "a" * 2001, "%00", "ñ", "====", "W10", "bnVsbA", "e30", "IiI"],
        "orden": [] if nombre in DE_UN_ORDEN else [MARCA, "clave", "-", "--_id", "$natural", "_id;", "a" * 41],
        "contar": ["tal vez", "2", "", "null"],
    }.items():
        for valor in valores:
            respuesta = await _pedir(mundo, operacion, f"{parametro}={valor}")
            assert defectos(respuesta, {422}, marca=MARCA) == [], (parametro, valor)
            assert [e["campo"] for e in respuesta.json()["errores"]] == [parametro], respuesta.text


def _cursor(contenido: str, aplicacion: Aplicacion) -> str:
    """As somebody would write it who had the key: what is under the seal is judged as well."""
    return _en_base64(aplicacion.app.state.sello.cerrar(_en_base64(contenido.encode()).encode(), de=b"cursor"))


def _en_base64(datos: bytes) -> str:
    return base64.urlsafe_b64encode(datos).decode().rstrip("=")


FORJADOS = (
    '"abc"',
    "true",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "9" * 30,
    "1.5",
    "1e999",
    "NaN",
    "null",
    "[]",
    "{}",
    '"\\ud800"',
    '"\\u0000"',
    '{"id":"zz"}',
    '{"id":"%s"}' % ("0" * 24),
    '{"id":5}',
    '{"t":"2026-01-01"}',
    '{"t":"0001-01-01T00:00:00+14:00"}',
    '{"t":"9999-12-31T23:59:59-14:00"}',
    '{"t":"2026-01-01T00:00:00"}',
    '{"t":"ayer"}',
    '{"$gt":""}',
    '{"t":"2026-01-01T00:00:00+00:00","$where":"1"}',
)


ORDENES = (
    *("_id", "creado_en", "codigo", "posicion", "nombre", "folio", "expira_en", "espacio", "lugar", "cuando"),
    *("ultimo_uso", "hora", "desde"),
)


@pytest.mark.parametrize("nombre", LISTAS)
async def test_un_cursor_forjado_no_rompe_nada(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    """Whoever knows how they are written writes one, for every sort that there is, with every value."""
    operacion = LISTAS[nombre]
    antes = await aplicacion.digesto()
    faltas: list[str] = []
    tomados = 0
    for orden in ORDENES:
        pedido = "" if nombre in DE_UN_ORDEN else f"&orden={orden}"
        if pedido and (await _pedir(mundo, operacion, pedido)).status_code == 422:
            continue
        for valores in (f'["{orden}",%s]', f'["{orden}",%s,{{"id":"{"0" * 24}"}}]', f'["{orden}",1,%s]'):
            for forjado in FORJADOS:
                contenido = valores % forjado
                respuesta = await _pedir(mundo, operacion, f"cursor={_cursor(contenido, aplicacion)}{pedido}")
                tomados += respuesta.status_code == 200
                faltas += _faltas(respuesta, contenido)
    assert faltas == []
    assert tomados, "ninguno llegó hasta la base"
    assert await aplicacion.digesto() == antes


async def test_un_cursor_es_de_su_orden_y_no_dice_nada(mundo: Mundo) -> None:
    primera = await mundo.pedir("GET", "/sorteo/espacios?limite=1")
    crudo = base64.urlsafe_b64decode(primera["siguiente"] + "==")
    assert primera["items"][0]["codigo"].encode() not in crudo
    assert b"codigo" not in crudo
    respuesta = await mundo.cliente.get(
        "/api/v1/sorteo/espacios",
        params={"orden": "-codigo", "cursor": primera["siguiente"]},
        headers=mundo.quien["admin"],
    )
    assert defectos(respuesta, {422}) == []


RAROS = ("[", "]", "a b", "a:99999", "a:b", "", "[::1", "\xff", "//", "parknet/../x", "a@b", "x" * 5000)


@pytest.mark.parametrize("anfitrion", RAROS)
async def test_ningun_host_rompe_nada(anfitrion: str, mundo: Mundo) -> None:
    autorizacion = mundo.quien["admin"]["Authorization"].encode()
    cabeceras = [(b"Host", anfitrion.encode("latin-1")), (b"Authorization", autorizacion)]
    for ruta in (
        "/api/v1/sorteo/espacios?limite=1",
        "/api/v1/residentes?limite=1",
        "/docs",
        "/estaticos/favicon.png",
    ):
        respuesta = await mundo.cliente.get(ruta, headers=cabeceras)
        assert respuesta.status_code in (200, 422), respuesta.text
        assert anfitrion == "" or anfitrion not in respuesta.headers.get("link", "")


async def test_una_consulta_en_bytes_crudos_tampoco(mundo: Mundo, aplicacion: Aplicacion) -> None:
    """Not every server refuses what is beyond ASCII in a target before the application sees it."""
    estados = []
    for cruda in (b"limite=1&q=\xff", b"limite=1&zona=\xed\xa0\x80", b"limite=1&\x00=\x01", b"limite=\xb2"):
        estados.append(await _cruda(aplicacion, cruda, mundo.quien["admin"]["Authorization"]))
    assert set(estados) <= {200, 422}


async def _cruda(aplicacion: Aplicacion, consulta: bytes, autorizacion: str) -> int:
    estados: list[int] = []

    async def recibir() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def enviar(mensaje: Any) -> None:
        if mensaje["type"] == "http.response.start":
            estados.append(mensaje["status"])

    ambito = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/api/v1/sorteo/espacios",
        "raw_path": b"/api/v1/sorteo/espacios",
        "query_string": consulta,
        "headers": [(b"authorization", autorizacion.encode())],
        "server": ("parknet", 80),
        "client": ("192.0.2.1", 1),
    }
    await aplicacion.directa(ambito, recibir, enviar)
    return estados[0]


DE_UNO = {"estado", "rol", "cuenta", "condicion", "torre", "tipo", "reserva", "zona", "uso", "impedimento"}
"""Filters of one value from a list."""


@pytest.mark.parametrize("nombre", LECTURAS)
async def test_un_filtro_de_una_lista_se_puede_dar_varias_veces(
    nombre: str, mundo: Mundo, aplicacion: Aplicacion
) -> None:
    operacion = LECTURAS[nombre]
    declarados = aplicacion.app.openapi()["paths"][operacion.plantilla]["get"].get("parameters", [])
    for parametro in declarados:
        if parametro.get("in") != "query" or parametro["name"] not in DE_UNO:
            continue
        assert parametro["schema"]["type"] == "array", parametro["name"]
        clave, cosas = parametro["name"], parametro["schema"]["items"]
        esquema = aplicacion.app.openapi()["components"]["schemas"].get(cosas.get("$ref", "").rpartition("/")[2], cosas)
        una, *_, otra = esquema.get("enum", ["carro", "moto"])
        respuesta = await _pedir(mundo, operacion, f"{clave}={una}&{clave}={otra}")
        assert respuesta.status_code in (200, 404), respuesta.text
