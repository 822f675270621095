"""Sanctions of flats, over HTTP on the real server."""

import asyncio
from datetime import date
from typing import Any

import pytest

from app.core.builder import Armador
from app.core.security import Rol
from app.modules.residentes.fichas.public import FichaService
from app.modules.residentes.hechos import MarcasDelPadron
from tests.autenticador import principal
from tests.conftest import INICIO
from tests.marcas import MARCAS
from tests.modules.residentes.conftest import Api
from tests.modules.residentes.factories import ADMIN, AUDITOR, OPERADOR, ocupacion

EXCLUYE = {"motivo": "Acta 9", "desde": "2026-02-01", "hasta": "2026-02-28", "excluye": True}
AUSENTE = "0" * 24


async def imponer(api: Api, unidad: object, **campos: Any) -> dict[str, Any]:
    respuesta = await api.pedir("POST", f"/unidades/{unidad}/sanciones", json=EXCLUYE | campos)
    assert respuesta.status_code == 201, respuesta.text
    hecha: dict[str, Any] = respuesta.json()
    return hecha


class TestQuien:
    async def test_staff_and_the_flat_itself(self, api: Api) -> None:
        una, otra = await api.casa.unidad(), await api.casa.unidad(torre="B")
        ana = principal(Rol.residente, (await api.casa.residente(unidades=[ocupacion()])).id)
        hecha = await imponer(api, una.id)
        await imponer(api, otra.id)
        for quien, ruta, esperado in (
            (ADMIN, una.id, 200),
            (AUDITOR, una.id, 200),
            (ana, una.id, 200),
            (ana, otra.id, 404),
            (ana, AUSENTE, 404),
            (ADMIN, AUSENTE, 404),
            (OPERADOR, una.id, 403),
        ):
            respuesta = await api.pedir("GET", f"/unidades/{ruta}/sanciones", quien)
            assert respuesta.status_code == esperado, (quien, ruta)
            if esperado == 200:
                assert respuesta.json() == {"items": [hecha], "siguiente": None}
        for metodo, ruta in (("POST", ""), ("DELETE", f"/{hecha['id']}")):
            for quien in (OPERADOR, AUDITOR, ana):
                cuerpo = EXCLUYE if metodo == "POST" else None
                respuesta = await api.pedir(metodo, f"/unidades/{una.id}/sanciones{ruta}", quien, json=cuerpo)
                assert respuesta.status_code == 403

    async def test_who_left_the_flat_sees_none(self, api: Api) -> None:
        una = await api.casa.unidad()
        ana = await api.casa.residente(unidades=[ocupacion()])
        await api.casa.residentes.dar_de_baja(ana.id, ADMIN)
        ruta = f"/unidades/{una.id}/sanciones"
        assert (await api.pedir("GET", ruta, principal(Rol.residente, ana.id))).status_code == 404


class TestImponer:
    async def test_the_latest_first(self, api: Api) -> None:
        unidad = (await api.casa.unidad()).id
        dias = ("2026-03-01", "2025-01-01", "2026-03-01", "2027-01-01")
        hechas = [await imponer(api, unidad, desde=dia, hasta=dia) for dia in dias]
        ruta, vistas, cursor = f"/unidades/{unidad}/sanciones", [], None
        while True:
            pagina = (
                await api.pedir("GET", ruta, params={"limite": 3} | ({"cursor": cursor} if cursor else {}))
            ).json()
            vistas += pagina["items"]
            cursor = pagina["siguiente"]
            if cursor is None:
                break
        assert vistas == [hechas[n] for n in (3, 2, 0, 1)]

    @pytest.mark.parametrize(
        ("cambio", "error"),
        [
            ({"hasta": "2026-01-31"}, ("", "fechas_al_reves")),
            ({"desde": "2026-02-30"}, ("desde", "fecha_invalida")),
            ({"motivo": "  "}, ("motivo", "muy_corto")),
            ({"excluye": None}, ("excluye", "tipo_invalido")),
        ],
    )
    async def test_what_makes_no_sense(self, api: Api, cambio: dict[str, Any], error: tuple[str, str]) -> None:
        unidad = await api.casa.unidad()
        respuesta = await api.pedir("POST", f"/unidades/{unidad.id}/sanciones", json=EXCLUYE | cambio)
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [error]

    async def test_one_that_is_lifted_may_have_been_all_that_stood_in_the_way(self, api: Api) -> None:
        """The rules approve what the flat asked for at once."""
        unidad = await api.casa.unidad()
        puesta = await api.pedir("POST", f"/unidades/{unidad.id}/sanciones", json=EXCLUYE)
        assert api.casa.solicitudes.cambiadas == []
        await api.pedir("DELETE", f"/unidades/{unidad.id}/sanciones/{puesta.json()['id']}")
        assert api.casa.solicitudes.cambiadas == [unidad.id]

    async def test_of_a_flat_that_is_deleted_meanwhile(self, api: Api) -> None:
        for _ in range(3):
            unidad = (await api.casa.unidad()).id
            puesta, borrada = await asyncio.gather(
                api.pedir("POST", f"/unidades/{unidad}/sanciones", json=EXCLUYE),
                api.pedir("DELETE", f"/unidades/{unidad}"),
            )
            assert (puesta.status_code, borrada.status_code) in {(201, 409), (404, 204)}
            if puesta.status_code == 201:
                await api.pedir("DELETE", f"/unidades/{unidad}/sanciones/{puesta.json()['id']}")
                assert (await api.pedir("DELETE", f"/unidades/{unidad}")).status_code == 204


class TestLevantar:
    async def test_of_that_flat_alone(self, api: Api) -> None:
        una, otra = (await api.casa.unidad()).id, (await api.casa.unidad(torre="B")).id
        sid = (await imponer(api, una))["id"]
        assert (await api.pedir("DELETE", f"/unidades/{otra}/sanciones/{sid}")).status_code == 404
        assert (await api.pedir("DELETE", f"/unidades/{una}/sanciones/{sid}")).status_code == 204
        assert (await api.pedir("DELETE", f"/unidades/{una}/sanciones/{sid}")).status_code == 404


class TestLoQueLeenLosSorteos:
    @pytest.mark.parametrize(
        ("el", "excluye", "vigentes"),
        [("2026-01-31", False, 0), ("2026-02-01", True, 2), ("2026-02-28", True, 2), ("2026-03-01", False, 1)],
    )
    async def test_in_force_on_the_day(self, api: Api, el: str, excluye: bool, vigentes: int) -> None:
        una, otra = await api.casa.unidad(), await api.casa.unidad(torre="B")
        await imponer(api, una.id)
        await imponer(api, una.id, desde="2026-02-01", hasta="2026-03-31", excluye=False)
        ana = await api.casa.residente(unidades=[ocupacion()])
        dia = date.fromisoformat(el)
        pares = [(otra.id, ana.id), (una.id, ana.id)]
        assert [h.sanciones_vigentes for h in await api.casa.padron.hechos(pares=pares, el=dia)] == [0, vigentes]
        fichas = Armador({MarcasDelPadron: MARCAS})[FichaService]
        pisos, _ = await fichas.fichas(unidades=[una.id, otra.id], residentes=[], el=dia)
        assert {u: f.sancionada for u, f in pisos.items()} == {una.id: excluye, otra.id: False}
        peticion = await fichas.peticion(unidad_id=una.id, vehiculo_id=None, placa="NADA00", el=dia)
        assert peticion is not None
        assert peticion.ficha.sancionada is excluye

    async def test_open_draws_tell_of_it(self, api: Api) -> None:
        unidad = (await api.casa.unidad()).id
        assert await api.casa.padron.cambios(unidades=[unidad], desde=INICIO) == []
        await imponer(api, unidad)
        (cambio,) = await api.casa.padron.cambios(unidades=[unidad], desde=INICIO)
        assert (cambio.unidad_id, cambio.campo) == (unidad, "sanciones")
