"""`/sorteo/prioridades` over HTTP, on the real server."""

import asyncio
from typing import Any

import httpx
import pytest

from app.modules.sorteo.prioridades.repository import PrioridadRepository
from tests.modules.sorteo.dobles import FakeCondiciones
from tests.modules.sorteo.prioridades.conftest import como, nueva, prioridad

RUTA = "/api/v1/sorteo/prioridades"


def errores(respuesta: httpx.Response) -> list[tuple[str, str]]:
    assert respuesta.status_code == 422, respuesta.text
    return [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]]


class TestCrear:
    async def test_con_lo_minimo(self, cliente: httpx.AsyncClient) -> None:
        respuesta = await cliente.post(RUTA, json=nueva())
        assert respuesta.status_code == 201
        assert respuesta.headers["Location"] == f"{RUTA}/movilidad"
        efecto = {"nivel": 0, "no_mejor_que": None, "boletas": None, "por_unidad": None}
        assert respuesta.json() == nueva(id=respuesta.json()["id"], efecto=efecto, activa=True)
        assert (await cliente.get(respuesta.headers["Location"], headers=como("residente"))).json() == respuesta.json()

    async def test_cada_campo_con_lo_suyo(self, cliente: httpx.AsyncClient) -> None:
        condiciones: list[dict[str, Any]] = [
            {"campo": "condicion", "operador": "distinto", "valor": "adulto_mayor"},
            {"campo": "tenencia", "operador": "igual", "valor": "arrendatario"},
            {"campo": "torre", "operador": "distinto", "valor": "Torre A"},
            {"campo": "antiguedad_meses", "operador": "menor_igual", "valor": 1200},
            {"campo": "sorteos_perdidos", "operador": "distinto", "valor": 0},
        ]
        otras: list[dict[str, Any]] = [
            {"campo": "sanciones_vigentes", "operador": "mayor_igual", "valor": 1},
            {"campo": "tuvo_espacio_anterior", "operador": "igual", "valor": False},
            {"campo": "al_dia", "operador": "distinto", "valor": True},
            {"campo": "tipo_vehiculo", "operador": "igual", "valor": "carro_electrico"},
            {"campo": "electrico", "operador": "igual", "valor": True},
        ]
        for codigo, pedidas in (("una", condiciones), ("otra", otras)):
            respuesta = await cliente.post(RUTA, json=nueva(codigo=codigo, condiciones=pedidas))
            assert respuesta.status_code == 201, respuesta.text
            guardadas = (await cliente.get(f"{RUTA}/{codigo}")).json()["condiciones"]
            assert [(c, type(c["valor"])) for c in guardadas] == [(c, type(c["valor"])) for c in pedidas]

    @pytest.mark.parametrize(
        ("condicion", "donde", "codigo"),
        [
            ({"campo": "edad"}, "campo", "valor_no_admitido"),
            ({"campo": 7}, "campo", "valor_no_admitido"),
            ({"campo": ["torre"]}, "campo", "valor_no_admitido"),
            ({"operador": "mayor"}, "operador", "valor_no_admitido"),
            ({"operador": "mayor_igual"}, "operador", "operador_no_admitido"),
            ({"campo": "torre", "operador": "menor_igual"}, "operador", "operador_no_admitido"),
            ({"campo": "al_dia", "operador": "menor_igual", "valor": True}, "operador", "operador_no_admitido"),
            ({"valor": 3}, "valor", "tipo_invalido"),
            ({"valor": "Con espacio"}, "valor", "forma_invalida"),
            ({"campo": "tipo_vehiculo", "valor": "camion"}, "valor", "valor_no_admitido"),
            ({"campo": "tenencia", "valor": "dueno"}, "valor", "valor_no_admitido"),
            ({"campo": "torre", "valor": ""}, "valor", "muy_corto"),
            ({"campo": "torre", "valor": None}, "valor", "tipo_invalido"),
            ({"campo": "antiguedad_meses", "valor": "12"}, "valor", "tipo_invalido"),
            ({"campo": "antiguedad_meses", "valor": True}, "valor", "tipo_invalido"),
            ({"campo": "antiguedad_meses", "valor": 1.5}, "valor", "tipo_invalido"),
            ({"campo": "antiguedad_meses", "valor": 1201}, "valor", "fuera_de_rango"),
            ({"campo": "sorteos_perdidos", "valor": -1}, "valor", "fuera_de_rango"),
            ({"campo": "electrico", "valor": 1}, "valor", "tipo_invalido"),
            ({"campo": "al_dia", "valor": "true"}, "valor", "tipo_invalido"),
            ({"extra": 1}, "", "campo_desconocido"),
        ],
    )
    async def test_condicion_imposible(
        self, cliente: httpx.AsyncClient, condicion: dict[str, Any], donde: str, codigo: str
    ) -> None:
        """One error each, at the field that is wrong, with no trace of how conditions are told apart."""
        entera = {"campo": "condicion", "operador": "igual", "valor": "movilidad_reducida"} | condicion
        respuesta = await cliente.post(RUTA, json=nueva(condiciones=[nueva()["condiciones"][0], entera]))
        assert errores(respuesta) == [(f"condiciones.1.{donde}".rstrip("."), codigo)]

    async def test_condicion_que_no_es_objeto(self, cliente: httpx.AsyncClient) -> None:
        assert errores(await cliente.post(RUTA, json=nueva(condiciones=["torre"]))) == [
            ("condiciones.0", "tipo_invalido")
        ]
        assert errores(await cliente.post(RUTA, json=nueva(condiciones=[{}]))) == [
            (f"condiciones.0.{campo}", "requerido") for campo in ("campo", "operador", "valor")
        ]

    @pytest.mark.parametrize(
        ("cambio", "error"),
        [
            ({"codigo": "Movilidad"}, ("codigo", "forma_invalida")),
            ({"descripcion": " "}, ("descripcion", "muy_corto")),
            ({"descripcion": "x" * 301}, ("descripcion", "muy_largo")),
            ({"condiciones": []}, ("condiciones", "muy_corto")),
            ({"condiciones": nueva()["condiciones"] * 6}, ("condiciones", "muy_largo")),
            ({"efecto": {}}, ("efecto", "efecto_vacio")),
            ({"efecto": {"nivel": 10}}, ("efecto.nivel", "fuera_de_rango")),
            ({"efecto": {"no_mejor_que": -1}}, ("efecto.no_mejor_que", "fuera_de_rango")),
            ({"efecto": {"boletas": 0}}, ("efecto.boletas", "fuera_de_rango")),
            ({"efecto": {"boletas": 100}}, ("efecto.boletas", "fuera_de_rango")),
            ({"efecto": {"boletas": True}}, ("efecto.boletas", "tipo_invalido")),
            ({"efecto": {"boletas": 2, "por_unidad": "torre"}}, ("efecto.por_unidad", "valor_no_admitido")),
            ({"efecto": {"boletas": 2, "por_unidad": True}}, ("efecto.por_unidad", "valor_no_admitido")),
            ({"efecto": {"nivel": 1, "por_unidad": "sanciones_vigentes"}}, ("efecto.boletas", "requerido")),
            ({"activa": None}, ("activa", "tipo_invalido")),
        ],
    )
    async def test_lo_que_no_se_admite(
        self, cliente: httpx.AsyncClient, cambio: dict[str, Any], error: tuple[str, str]
    ) -> None:
        assert errores(await cliente.post(RUTA, json=nueva(**cambio))) == [error]

    async def test_sobre_una_condicion_que_no_existe(
        self, cliente: httpx.AsyncClient, condiciones: FakeCondiciones
    ) -> None:
        condiciones.sin = {"presente"}
        presente = {"campo": "condicion", "operador": "distinto", "valor": "presente"}
        dos = nueva(condiciones=[*nueva()["condiciones"], presente])
        assert errores(await cliente.post(RUTA, json=dos)) == [("condiciones.1.valor", "no_existe")]
        assert (await cliente.post(RUTA, json=nueva())).status_code == 201
        respuesta = await cliente.patch(f"{RUTA}/movilidad", json={"condiciones": [presente]})
        assert errores(respuesta) == [("condiciones.0.valor", "no_existe")]
        # A tower of that name is no condition of anybody.
        torre = presente | {"campo": "torre"}
        assert (await cliente.patch(f"{RUTA}/movilidad", json={"condiciones": [torre]})).status_code == 200

    async def test_a_la_vez_solo_una(self, cliente: httpx.AsyncClient) -> None:
        respuestas = await asyncio.gather(*(cliente.post(RUTA, json=nueva()) for _ in range(4)))
        assert sorted(r.status_code for r in respuestas) == [201, 409, 409, 409]
        assert {r.json()["codigo"] for r in respuestas if r.status_code == 409} == {"prioridad_duplicada"}


class TestListar:
    async def test_paginas_y_activas(self, cliente: httpx.AsyncClient, repositorio: PrioridadRepository) -> None:
        await repositorio.insert_many([prioridad(codigo=c, activa=c != "bb") for c in ("cc", "bb", "aa")])
        todas = (await cliente.get(RUTA, params={"contar": "true"}, headers=como("residente"))).json()
        assert ([p["codigo"] for p in todas["items"]], todas["total"]) == (["aa", "bb", "cc"], 3)
        assert todas["items"][0] == (await cliente.get(f"{RUTA}/aa")).json()
        activas = (await cliente.get(RUTA, params={"activa": "true", "orden": "-codigo", "limite": "1"})).json()
        assert [p["codigo"] for p in activas["items"]] == ["cc"]
        assert activas["siguiente"]


class TestCambiar:
    async def test_cambia(self, cliente: httpx.AsyncClient) -> None:
        antes = (await cliente.post(RUTA, json=nueva())).json()
        respuesta = await cliente.patch(f"{RUTA}/movilidad", json={"activa": False, "efecto": {"boletas": 2}})
        assert respuesta.status_code == 200
        assert respuesta.json() == antes | {"activa": False, "efecto": antes["efecto"] | {"boletas": 2}}
        assert (await cliente.get(f"{RUTA}/movilidad")).json() == respuesta.json()

    @pytest.mark.parametrize(
        ("cambio", "error"),
        [
            ({"codigo": "otra"}, ("", "campo_desconocido")),
            ({"descripcion": None}, ("descripcion", "tipo_invalido")),
            ({"condiciones": None}, ("condiciones", "tipo_invalido")),
            ({"efecto": None}, ("efecto", "tipo_invalido")),
            ({"efecto": {"nivel": None}}, ("efecto", "efecto_vacio")),
        ],
    )
    async def test_lo_que_no_se_admite(
        self, cliente: httpx.AsyncClient, repositorio: PrioridadRepository, cambio: Any, error: tuple[str, str]
    ) -> None:
        await repositorio.insert(prioridad())
        assert errores(await cliente.patch(f"{RUTA}/movilidad", json=cambio)) == [error]

    async def test_a_la_vez_siguen_de_acuerdo(
        self, cliente: httpx.AsyncClient, repositorio: PrioridadRepository
    ) -> None:
        """Each is fine by itself; both together would leave a rule without effect."""
        await repositorio.insert(prioridad(efecto={"nivel": 1, "boletas": 1}))
        respuestas = await asyncio.gather(
            *(cliente.patch(f"{RUTA}/movilidad", json={"efecto": {campo: None}}) for campo in ("nivel", "boletas"))
        )
        assert sorted(r.status_code for r in respuestas) == [200, 422]

    async def test_no_existe(self, cliente: httpx.AsyncClient) -> None:
        assert (await cliente.patch(f"{RUTA}/movilidad", json={"activa": False})).status_code == 404


class TestBorrar:
    async def test_borra(self, cliente: httpx.AsyncClient, repositorio: PrioridadRepository) -> None:
        await repositorio.insert(prioridad())
        respuesta = await cliente.delete(f"{RUTA}/movilidad")
        assert (respuesta.status_code, respuesta.content) == (204, b"")
        assert (await cliente.delete(f"{RUTA}/movilidad")).status_code == 404
        assert (await cliente.get(f"{RUTA}/movilidad")).status_code == 404
