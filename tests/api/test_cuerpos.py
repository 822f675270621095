"""Bodies that are not what they should be: refused as a problem, nothing changed. All that a body can be that it should
not is tried on a few operations: reading and judging it is the same code for all. The judges try each of them, and each
module the rules of its fields."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.api.conftest import Aplicacion
from tests.api.cuerpos import MARCA, Danado, danados, rotos
from tests.api.mundo import CLAVE, CORREO_ADMIN, Mundo
from tests.api.operaciones import CON_CUERPO, OPERACIONES, Operacion
from tests.api.problemas import defectos

# Lists and mappings; values of several types; a change, with the most fields; a body that may be left out, of a text
# that is taken as it is.
REPRESENTATIVAS = (
    *("residentes_crear_unidad", "sorteo_crear_prioridad"),
    *("sorteo_editar_sorteo", "sorteo_ejecutar_sorteo"),
)
JSON = {"Content-Type": "application/json"}
MEGA = 1024 * 1024


def _resuelto(esquema: dict[str, Any], documento: dict[str, Any]) -> dict[str, Any]:
    referencia = esquema.get("$ref", "").removeprefix("#/components/schemas/")
    return documento["components"]["schemas"][referencia] if referencia else esquema


def _sin_cubrir(esquema: dict[str, Any], valores: list[Any], documento: dict[str, Any], donde: str) -> list[str]:
    """The fields of `esquema`, at any depth, that none of `valores` gives."""
    esquema = _resuelto(esquema, documento)
    formas = [f for clave in ("anyOf", "oneOf", "allOf") for f in esquema.get(clave, [])]
    if formas:
        return [falta for forma in formas for falta in _sin_cubrir(forma, valores, documento, donde)]
    if "items" in esquema:
        hijos = [hijo for valor in valores if isinstance(valor, list) for hijo in valor]
        return _sin_cubrir(esquema["items"], hijos, documento, donde)
    faltas = []
    for nombre, propio in esquema.get("properties", {}).items():
        hijos = [valor[nombre] for valor in valores if isinstance(valor, dict) and nombre in valor]
        faltas += _sin_cubrir(propio, hijos, documento, f"{donde}.{nombre}") if hijos else [f"{donde}.{nombre}"]
    return faltas


async def test_los_cuerpos_de_la_tabla_nombran_todos_los_campos(aplicacion: Aplicacion, mundo: Mundo) -> None:
    documento = aplicacion.app.openapi()
    faltas = []
    for nombre, operacion in OPERACIONES.items():
        declarada = documento["paths"][operacion.plantilla][operacion.metodo.lower()]
        contenido = declarada.get("requestBody", {}).get("content", {})
        assert ("application/json" in contenido) == bool(operacion.cuerpos), nombre
        if operacion.cuerpos:
            esquema = contenido["application/json"]["schema"]
            faltas += _sin_cubrir(esquema, operacion.con_cuerpos(mundo), documento, nombre)
    assert faltas == []


async def _enviar(mundo: Mundo, operacion: Operacion, danado: Danado) -> list[str]:
    cabeceras = {**JSON, **(mundo.quien[operacion.quien] if operacion.roles else {})}
    respuesta = await mundo.cliente.request(
        operacion.metodo, operacion.camino(mundo), content=danado.crudo, headers=cabeceras
    )
    faltas = defectos(respuesta, danado.estados, marca=MARCA)
    if not faltas and respuesta.status_code == 422 and danado.campo is not None:
        errores = respuesta.json()["errores"]
        if danado.codigo is not None:
            if [(e["campo"], e["codigo"]) for e in errores] != [(danado.campo, danado.codigo)]:
                faltas.append(str(errores))
        elif not any(_rodea(e["campo"], danado.campo) for e in errores):
            faltas.append(str(errores))
    return [f"{danado.que}: {falta}" for falta in faltas]


def _rodea(dicho: str, campo: str) -> bool:
    return dicho in ("", campo) or f"{campo}.".startswith(f"{dicho}.")


@pytest.mark.parametrize("nombre", REPRESENTATIVAS)
async def test_un_campo_que_no_es_lo_que_dice(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    operacion = CON_CUERPO[nombre]
    faltas = []
    antes = await aplicacion.digesto()
    for cuerpo in operacion.con_cuerpos(mundo):
        for danado in danados(cuerpo, nulos=operacion.nulos, mapas=operacion.mapas, secretos=operacion.secretos):
            faltas += await _enviar(mundo, operacion, danado)
    assert faltas == []
    assert await aplicacion.digesto() == antes


@pytest.mark.parametrize("nombre", REPRESENTATIVAS)
async def test_un_cuerpo_que_no_es_uno(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    operacion = CON_CUERPO[nombre]
    antes = await aplicacion.digesto()
    faltas = []
    cuerpo = operacion.con_cuerpos(mundo)[0]
    for danado in rotos(cuerpo):
        if operacion.opcional and danado.crudo == b"null":
            continue
        faltas += await _enviar(mundo, operacion, danado)
    faltas += await _de_otro_tipo(mundo, operacion, json.dumps(cuerpo).encode())
    faltas += await _a_trozos(mundo, operacion)
    assert faltas == []
    assert await aplicacion.digesto() == antes


async def _de_otro_tipo(mundo: Mundo, operacion: Operacion, crudo: bytes) -> list[str]:
    faltas = []
    quien = mundo.quien[operacion.quien] if operacion.roles else {}
    tipos = ["image/png", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", f"{MARCA}; ;"]
    tipos += [] if operacion.metodo == "PATCH" else ["application/merge-patch+json"]
    tipos += ["multipart/form-data; boundary=a", ";application/json"]
    for tipo in [None, "", *tipos]:
        cabeceras = quien if tipo is None else {"Content-Type": tipo, **quien}
        respuesta = await mundo.cliente.request(
            operacion.metodo, operacion.camino(mundo), content=crudo, headers=cabeceras
        )
        faltas += [f"{tipo}: {falta}" for falta in defectos(respuesta, {415}, marca=MARCA)]
    return faltas


async def _a_trozos(mundo: Mundo, operacion: Operacion) -> list[str]:
    """Chunked: no Content-Length says beforehand how much is coming."""
    enviados = 0

    async def trozos() -> AsyncIterator[bytes]:
        nonlocal enviados
        for _ in range(64):
            enviados += 1
            yield b"x" * (MEGA // 4)

    quien = mundo.quien[operacion.quien] if operacion.roles else {}
    respuesta = await mundo.cliente.request(
        operacion.metodo, operacion.camino(mundo), content=trozos(), headers={**JSON, **quien}
    )
    faltas = defectos(respuesta, {413})
    if "content-length" in respuesta.request.headers:
        faltas.append("la prueba no envió trozos")
    return faltas


@pytest.mark.parametrize("nombre", CON_CUERPO)
async def test_sin_cuerpo_solo_se_llama_a_lo_que_va_sin_uno(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    operacion = CON_CUERPO[nombre]
    antes = await aplicacion.digesto()
    quien = mundo.quien[operacion.quien] if operacion.roles else {}
    respuesta = await mundo.cliente.request(operacion.metodo, operacion.camino(mundo), headers=quien)
    assert defectos(respuesta, {409} if operacion.opcional else {415}) == []
    assert await aplicacion.digesto() == antes


@pytest.mark.parametrize("nombre", CON_CUERPO)
async def test_lo_que_falta_se_nombra(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    """Each field that the document says is required, left out."""
    operacion = CON_CUERPO[nombre]
    documento = aplicacion.app.openapi()
    declarada = documento["paths"][operacion.plantilla][operacion.metodo.lower()]
    esquema = _resuelto(declarada["requestBody"]["content"]["application/json"]["schema"], documento)
    antes = await aplicacion.digesto()
    for cuerpo in operacion.con_cuerpos(mundo):
        for requerido in esquema.get("required", []):
            crudo = json.dumps({c: v for c, v in cuerpo.items() if c != requerido}).encode()
            danado = Danado(requerido, crudo, frozenset({422}), requerido, "requerido")
            assert await _enviar(mundo, operacion, danado) == []
    assert await aplicacion.digesto() == antes


async def _entrar(mundo: Mundo, contenido: bytes, tipo: str) -> Any:
    return await mundo.cliente.post("/api/v1/auth/login", content=contenido, headers={"Content-Type": tipo})


FORMULARIO = "application/x-www-form-urlencoded"
BUENO = f"username={CORREO_ADMIN}&password={CLAVE.replace(' ', '+')}".encode()


@pytest.mark.parametrize(
    ("contenido", "estado"),
    [
        (b"", 422),
        (b"username=zq9marca", 422),
        (b"password=zq9marca", 422),
        (b"username=&password=", 422),
        (b"username=zq9marca&password=zq9marca", 401),
        (b"username[$ne]=zq9marca&password[$ne]=zq9marca", 422),
        (b"username=%00zq9marca&password=%00zq9marca", 401),
        (b"username=%ffzq9marca&password=a", 400),
        (b"username=\xffzq9marca&password=a", 400),
        (b"username=%ED%A0%80zq9marca&password=a", 400),
        (b"username=zq9marca%&password=%zz", 401),
        (b"username=zq9marca&password=" + b"x" * 1_000_000, 401),
        (b"username=" + b"zq9marca" * 100_000 + b"&password=x", 401),
        (b"username=a&password=" + b"x" * MEGA, 413),
        (b"&".join(b"a%d=zq9marca" % i for i in range(5000)), 400),
        (b"&" * 100_000, 422),
        (b"\x00\x01\x02", 422),
        (b'{"username":"zq9marca","password":"x"}', 422),
        (CORREO_ADMIN.encode(), 422),
    ],
)
async def test_el_formulario_de_entrada(contenido: bytes, estado: int, mundo: Mundo, aplicacion: Aplicacion) -> None:
    antes = await aplicacion.digesto()
    assert defectos(await _entrar(mundo, contenido, FORMULARIO), {estado}, marca=MARCA) == []
    assert await aplicacion.digesto() == antes


@pytest.mark.parametrize(
    "tipo", ["", "application/json", "multipart/form-data", "multipart/form-data; boundary=a", "image/png"]
)
async def test_el_formulario_de_otro_tipo(tipo: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    antes = await aplicacion.digesto()
    assert defectos(await _entrar(mundo, BUENO, tipo), {415}) == []
    assert await aplicacion.digesto() == antes


async def test_el_formulario_bueno_entra_con_los_demas_campos_de_oauth2(mundo: Mundo) -> None:
    respuesta = await _entrar(mundo, BUENO + b"&grant_type=password&scope=&client_id=a", f"{FORMULARIO}; charset=UTF-8")
    assert respuesta.status_code == 200
