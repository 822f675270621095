"""The document and the pages that show it: whole, with stable names, and asking nothing of the internet."""

import base64
import hashlib
import re

import pytest

from tests.api.conftest import Aplicacion
from tests.api.mundo import Mundo
from tests.api.operaciones import OPERACIONES

# What a page or a program of ours may fetch: nothing that names another host. Names of standards and links to follow
# are not fetched; this one was.
LOGO = "cdn.redoc.ly"
PAGINAS = ("/docs", "/redoc")


async def test_el_documento_es_de_todos_y_no_cambia_de_una_vez_a_otra(mundo: Mundo, aplicacion: Aplicacion) -> None:
    primero = await mundo.cliente.get("/api/v1/openapi.json")
    segundo = await mundo.cliente.get("/api/v1/openapi.json")
    assert primero.status_code == 200
    assert primero.json() == segundo.json() == aplicacion.app.openapi()
    nombres = [d["operationId"] for metodos in primero.json()["paths"].values() for d in metodos.values()]
    assert sorted(nombres) == sorted(OPERACIONES)


def test_el_documento_dice_quien_puede(aplicacion: Aplicacion) -> None:
    documento = aplicacion.app.openapi()
    for nombre, operacion in OPERACIONES.items():
        declarada = documento["paths"][operacion.plantilla][operacion.metodo.lower()]
        assert set(declarada["x-roles"]) == operacion.quienes, nombre
        assert bool(declarada["security"]) != operacion.publica, nombre
        assert all(
            esquema in documento["components"]["securitySchemes"] for e in declarada["security"] for esquema in e
        )
        assert declarada["summary"], nombre
        assert not {"200", "201", "202", "204"}.isdisjoint(declarada["responses"]), nombre


@pytest.mark.parametrize("ruta", PAGINAS)
async def test_una_pagina_solo_pide_lo_nuestro(ruta: str, mundo: Mundo) -> None:
    respuesta = await mundo.cliente.get(ruta)
    assert respuesta.status_code == 200
    assert respuesta.headers["content-type"] == "text/html; charset=utf-8"
    assert not re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]+", respuesta.text)
    pedidos = re.findall(r'(?:src|href|spec-url)="([^"]*)"', respuesta.text)
    assert any(p.endswith(".js") for p in pedidos)
    for pedido in pedidos:
        archivo = await mundo.cliente.get(pedido)
        assert archivo.status_code == 200, pedido
        assert len(archivo.content) > 100, pedido
        if pedido.endswith(".js"):
            assert "javascript" in archivo.headers["content-type"]


@pytest.mark.parametrize("ruta", PAGINAS)
async def test_la_politica_deja_correr_lo_propio_y_nada_mas(ruta: str, mundo: Mundo) -> None:
    respuesta = await mundo.cliente.get(ruta)
    directivas = dict(d.strip().split(" ", 1) for d in respuesta.headers["content-security-policy"].split(";"))
    assert directivas["default-src"] == "'none'"
    assert not any("http" in fuentes or "*" in fuentes for fuentes in directivas.values())
    assert "unsafe" not in directivas["script-src"]
    en_linea = re.findall(r"<script>(.*?)</script>", respuesta.text, re.DOTALL)
    huellas = {f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in en_linea}
    assert set(directivas["script-src"].split()) == {"'self'", *huellas}
    assert len(re.findall(r"<script\b", respuesta.text)) == len(en_linea) + len(
        re.findall(r"<script src=", respuesta.text)
    )


async def test_redoc_no_trae_el_logo_de_fuera(mundo: Mundo) -> None:
    respuesta = await mundo.cliente.get("/estaticos/redoc.standalone.js")
    assert respuesta.status_code == 200
    assert len(respuesta.text) > 500_000
    assert LOGO not in respuesta.text


async def test_swagger_no_manda_el_documento_a_que_lo_validen(mundo: Mundo) -> None:
    assert '"validatorUrl": null' in (await mundo.cliente.get("/docs")).text
