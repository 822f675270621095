"""The catalogue of conditions over HTTP, on the real server, and who wins where something names one meanwhile."""

import asyncio
import contextvars
from typing import Any

import pytest

from app.core.security import Rol
from app.modules.residentes.schemas import CondicionDecidida, CondicionDeclarada
from app.shared.exceptions import EntradaInvalida
from tests.autenticador import principal
from tests.modules.residentes.conftest import Api, Casa
from tests.modules.residentes.factories import ADMIN, cuerpo_residente

TURNO = {"codigo": "de_turno", "nombre": {"es": "De turno", "en": "On duty"}, "vence": True}


def errores(respuesta: Any) -> list[tuple[str, str]]:
    assert respuesta.status_code == 422, respuesta.text
    return [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]]


async def codigos(api: Api) -> list[str]:
    return [c["codigo"] for c in (await api.pedir("GET", "/condiciones")).json()["items"]]


class TestCatalogo:
    async def test_crear_cambiar_borrar(self, api: Api) -> None:
        respuesta = await api.pedir("POST", "/condiciones", json=TURNO)
        creada = respuesta.json()
        assert (respuesta.status_code, creada) == (201, TURNO | {"id": creada["id"]})
        assert respuesta.headers["Location"] == "/api/v1/residentes/condiciones/de_turno"
        assert (await api.pedir("GET", "/condiciones/de_turno")).json() == creada
        assert await codigos(api) == ["adulto_mayor", "de_turno", "discapacidad", "embarazo"]
        cambio = {"nombre": {"en": "On call"}, "vence": False}
        respuesta = await api.pedir("PATCH", "/condiciones/de_turno", json=cambio)
        esperada = creada | {"nombre": {"es": "De turno", "en": "On call"}, "vence": False}
        assert (respuesta.status_code, respuesta.json()) == (200, esperada)
        assert (await api.pedir("PATCH", "/condiciones/de_turno", json={})).json() == esperada
        assert (await api.pedir("DELETE", "/condiciones/de_turno")).status_code == 204
        for metodo in ("GET", "DELETE", "PATCH"):
            assert (
                await api.pedir(metodo, "/condiciones/de_turno", json=None if metodo == "GET" else {})
            ).status_code == 404

    async def test_por_paginas(self, api: Api) -> None:
        primera = (await api.pedir("GET", "/condiciones?limite=2&contar=true")).json()
        segunda = (await api.pedir("GET", f"/condiciones?limite=2&cursor={primera['siguiente']}")).json()
        assert [c["codigo"] for c in primera["items"] + segunda["items"]] == [
            "adulto_mayor",
            "discapacidad",
            "embarazo",
        ]
        assert (primera["total"], segunda["siguiente"]) == (3, None)

    async def test_a_la_vez_solo_una(self, api: Api) -> None:
        respuestas = await asyncio.gather(*(api.pedir("POST", "/condiciones", json=TURNO) for _ in range(5)))
        assert sorted(r.status_code for r in respuestas) == [201, 409, 409, 409, 409]
        assert {r.json()["codigo"] for r in respuestas if r.status_code == 409} == {"condicion_duplicada"}

    @pytest.mark.parametrize(
        ("cambio", "error"),
        [
            ({"codigo": "De turno"}, ("codigo", "forma_invalida")),
            ({"nombre": {"es": "De turno"}}, ("nombre.en", "requerido")),
            ({"nombre": {"es": " ", "en": "x"}}, ("nombre.es", "muy_corto")),
            ({"vence": "no"}, ("vence", "tipo_invalido")),
        ],
    )
    async def test_lo_que_no_se_admite(self, api: Api, cambio: dict[str, Any], error: tuple[str, str]) -> None:
        assert errores(await api.pedir("POST", "/condiciones", json=TURNO | cambio)) == [error]


class TestEnUso:
    async def test_la_de_un_residente_se_queda(self, api: Api) -> None:
        await api.casa.unidad()
        await api.casa.residente(condiciones=[{"codigo": "discapacidad", "persona": "titular"}])
        respuesta = await api.pedir("DELETE", "/condiciones/discapacidad")
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, "condicion_en_uso")
        assert "discapacidad" in await codigos(api)

    async def test_la_que_nombra_un_espacio_o_una_regla(self, api: Api) -> None:
        api.casa.reservas.nombradas = {"discapacidad"}
        assert (await api.pedir("DELETE", "/condiciones/discapacidad")).json()["codigo"] == "condicion_en_uso"
        api.casa.reservas.nombradas = set()
        assert (await api.pedir("DELETE", "/condiciones/discapacidad")).status_code == 204


class TestOtroCodigo:
    async def test_no_existe(self, api: Api) -> None:
        await api.casa.unidad()
        yo = await api.casa.residente()
        condiciones = [{"codigo": c, "persona": "titular"} for c in ("embarazo", "otra")]
        nuevo = cuerpo_residente(numero_documento="1", email=None, condiciones=condiciones)
        assert errores(await api.pedir("POST", "", json=nuevo)) == [("condiciones.1.codigo", "no_existe")]
        decision = {"estado": "verificada", "persona": "titular"}
        respuesta = await api.pedir("PUT", f"/{yo.id}/condiciones/otra", json=decision)
        assert errores(respuesta) == [("codigo", "no_existe")]
        quien = principal(Rol.residente, yo.id)
        declarada = {"codigo": "otra", "persona": "titular"}
        assert errores(await api.pedir("POST", "/yo/condiciones", quien, declarada)) == [("codigo", "no_existe")]

    async def test_la_que_vence_se_verifica_hasta_un_dia(self, api: Api) -> None:
        await api.casa.conocer("de_turno", vence=True)
        await api.casa.unidad()
        de_turno = {"codigo": "de_turno", "persona": "titular"}
        nuevo = cuerpo_residente(condiciones=[de_turno])
        assert errores(await api.pedir("POST", "", json=nuevo)) == [("condiciones.0.vigente_hasta", "requerido")]
        yo = await api.casa.residente()
        ruta, decision = f"/{yo.id}/condiciones/de_turno", {"estado": "verificada", "persona": "titular"}
        assert errores(await api.pedir("PUT", ruta, json=decision)) == [("vigente_hasta", "requerido")]
        for buena in ({"vigente_hasta": "2027-01-31"}, {"estado": "rechazada"}):
            assert (await api.pedir("PUT", ruta, json=decision | buena)).status_code == 200
        respuesta = await api.pedir("POST", "/yo/condiciones", principal(Rol.residente, yo.id), de_turno)
        assert (respuesta.status_code, respuesta.json()["estado"]) == (201, "declarada")

    async def test_donde_se_ve_lleva_su_nombre(self, api: Api) -> None:
        await api.casa.unidad()
        yo = await api.casa.residente(condiciones=[{"codigo": "embarazo", "persona": "titular"}])
        await api.pedir("PATCH", "/condiciones/embarazo", json={"nombre": {"es": "Gestante"}})
        for quien, ruta in ((ADMIN, f"/{yo.id}"), (principal(Rol.residente, yo.id), "/yo")):
            (condicion,) = (await api.pedir("GET", ruta, quien)).json()["condiciones"]
            assert condicion["nombre"] == {"es": "Gestante", "en": "EMBARAZO"}


class TestCarreras:
    async def test_dada_mientras_se_borra(self, casa_real: Casa) -> None:
        """Begun while the deletion, which has deleted it, asks who names it."""
        await casa_real.unidad()
        yo = await casa_real.residente()
        decision = CondicionDecidida.model_validate({"estado": "verificada", "persona": "titular"})
        intentos: list[asyncio.Task[object]] = []

        async def al_preguntar() -> None:
            intento = casa_real.condiciones.decidir(yo.id, "embarazo", decision, ADMIN)
            intentos.append(asyncio.create_task(intento, context=contextvars.Context()))
            await asyncio.sleep(0.2)

        casa_real.reservas.al_preguntar = al_preguntar
        await casa_real.catalogo.borrar("embarazo")
        (resultado,) = await asyncio.gather(*intentos, return_exceptions=True)
        assert isinstance(resultado, EntradaInvalida)
        assert (await casa_real.residentes.ver(yo.id, ADMIN))["condiciones"] == []

    async def test_a_la_vez(self, casa_real: Casa) -> None:
        await casa_real.unidad()
        yo = await casa_real.residente()
        quien = principal(Rol.residente, yo.id)
        declarada = CondicionDeclarada.model_validate({"codigo": "adulto_mayor", "persona": "titular"})
        for _ in range(10):
            await asyncio.gather(
                casa_real.condiciones.declarar(declarada, quien),
                casa_real.catalogo.borrar("adulto_mayor"),
                return_exceptions=True,
            )
            tiene = bool((await casa_real.residentes.ver_propio(quien)).condiciones)
            hay = await casa_real.repo_catalogo.get_by_codigo("adulto_mayor") is not None
            assert tiene is hay
            await casa_real.repo_residentes.update_one({"_id": yo.id}, {"$set": {"condiciones": []}})
            if not hay:
                await casa_real.conocer("adulto_mayor")
