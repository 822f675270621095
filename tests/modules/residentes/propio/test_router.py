"""What is one's own, over HTTP."""

import pytest

from app.core.security import Rol
from tests.autenticador import principal
from tests.modules.residentes.conftest import Api
from tests.modules.residentes.factories import cuerpo_vehiculo, ocupacion


class TestYo:
    @pytest.mark.parametrize("rol", [Rol.residente, Rol.operador, Rol.admin])
    async def test_seen_and_changed(self, api: Api, rol: Rol) -> None:
        await api.casa.unidad()
        creado = await api.casa.residente()
        yo = principal(rol, creado.id)
        assert (await api.pedir("GET", "/yo", yo)).json()["id"] == str(creado.id)
        respuesta = await api.pedir("PATCH", "/yo", yo, {"telefono": "300 1234567"})
        assert (respuesta.status_code, respuesta.json()["telefono"]) == (200, "3001234567")
        assert (await api.pedir("PATCH", "/yo", yo, {})).json() == respuesta.json()

    async def test_nothing_else_changes(self, api: Api) -> None:
        await api.casa.unidad()
        yo = principal(Rol.residente, (await api.casa.residente()).id)
        respuesta = await api.pedir("PATCH", "/yo", yo, {"email": "ana@example.com"})
        assert [e["codigo"] for e in respuesta.json()["errores"]] == ["campo_desconocido"]


class TestUnidades:
    async def test_listed(self, api: Api) -> None:
        """With the losses from before there were draws here, which count in the next."""
        propia = await api.casa.unidad(vehiculos=[cuerpo_vehiculo()], perdidos_previos={"carro": 2})
        await api.casa.unidad(apartamento="102")
        yo = principal(Rol.residente, (await api.casa.residente()).id)
        respuesta = await api.pedir("GET", "/yo/unidades", yo)
        assert respuesta.json() == {"items": [propia.model_dump(mode="json")], "siguiente": None}
        assert respuesta.json()["items"][0]["perdidos_previos"] == {"carro": 2}


class TestVehiculos:
    async def test_added_and_removed(self, api: Api) -> None:
        propia = await api.casa.unidad()
        yo = principal(Rol.residente, (await api.casa.residente()).id)
        respuesta = await api.pedir("POST", f"/yo/unidades/{propia.id}/vehiculos", yo, cuerpo_vehiculo())
        assert respuesta.status_code == 201
        ubicacion = respuesta.headers["location"]
        assert ubicacion == f"/api/v1/residentes/yo/unidades/{propia.id}/vehiculos/{respuesta.json()['id']}"
        assert (await api.cliente.delete(ubicacion, headers=api.como(yo))).status_code == 204

    async def test_anothers_flat_is_as_if_it_were_not(self, api: Api) -> None:
        await api.casa.unidad()
        ajena = await api.casa.unidad(apartamento="102", vehiculos=[cuerpo_vehiculo()])
        yo = principal(Rol.residente, (await api.casa.residente()).id)
        vehiculo = ajena.vehiculos[0].id
        for metodo, ruta, cuerpo in [
            ("POST", f"/yo/unidades/{ajena.id}/vehiculos", cuerpo_vehiculo()),
            ("POST", f"/yo/unidades/{'0' * 24}/vehiculos", cuerpo_vehiculo()),
            ("DELETE", f"/yo/unidades/{ajena.id}/vehiculos/{vehiculo}", None),
        ]:
            respuesta = await api.pedir(metodo, ruta, yo, cuerpo)
            assert (respuesta.status_code, respuesta.json()["codigo"]) == (404, "no_encontrado")

    async def test_a_vehicle_of_another_flat_under_the_own(self, api: Api) -> None:
        propia = await api.casa.unidad()
        ajena = await api.casa.unidad(apartamento="102", vehiculos=[cuerpo_vehiculo()])
        yo = principal(Rol.residente, (await api.casa.residente(unidades=[ocupacion()])).id)
        respuesta = await api.pedir("DELETE", f"/yo/unidades/{propia.id}/vehiculos/{ajena.vehiculos[0].id}", yo)
        assert respuesta.status_code == 404


class TestCondiciones:
    async def test_declared(self, api: Api) -> None:
        await api.casa.unidad()
        yo = principal(Rol.residente, (await api.casa.residente()).id)
        cuerpo = {"codigo": "discapacidad", "persona": "convive"}
        respuesta = await api.pedir("POST", "/yo/condiciones", yo, cuerpo)
        assert (respuesta.status_code, respuesta.json()["estado"]) == (201, "declarada")
        assert respuesta.headers["location"] == "/api/v1/residentes/yo"
        assert (await api.pedir("GET", "/yo", yo)).json()["condiciones"] == [respuesta.json()]

    async def test_not_decided_by_oneself(self, api: Api) -> None:
        await api.casa.unidad()
        yo = principal(Rol.residente, (await api.casa.residente()).id)
        cuerpo = {"codigo": "discapacidad", "persona": "titular", "estado": "verificada"}
        respuesta = await api.pedir("POST", "/yo/condiciones", yo, cuerpo)
        assert [e["codigo"] for e in respuesta.json()["errores"]] == ["campo_desconocido"]
