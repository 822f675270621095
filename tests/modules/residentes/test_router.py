"""Residents over HTTP."""

from typing import Any

import pytest

from app.core.security import Rol
from tests.autenticador import principal
from tests.modules.residentes.conftest import Api
from tests.modules.residentes.factories import OPERADOR, cuerpo_residente, cuerpo_vehiculo, ocupacion

NINGUNO = "0" * 24


class TestCrear:
    async def test_created(self, api: Api) -> None:
        unidad = await api.casa.unidad(torre="A")
        cuerpo = cuerpo_residente(
            numero_documento="1.020.304",
            email="Ana@Example.com",
            fecha_ingreso="2020-05-01",
            unidades=[ocupacion(torre="a")],
            condiciones=[{"codigo": "discapacidad", "persona": "convive"}],
        )
        respuesta = await api.pedir("POST", "", OPERADOR, cuerpo)
        creado = respuesta.json()
        assert respuesta.status_code == 201
        assert respuesta.headers["location"] == f"/api/v1/residentes/{creado['id']}"
        assert creado == {
            "id": creado["id"],
            "nombres": "Ana María",
            "apellidos": "Núñez Peña",
            "tipo_documento": "CC",
            "numero_documento": "1020304",
            "email": "ana@example.com",
            "telefono": None,
            "fecha_ingreso": "2020-05-01",
            "unidades": [{"unidad_id": str(unidad.id), "torre": "A", "apartamento": "101", "tenencia": "propietario"}],
            "condiciones": [
                {
                    "codigo": "discapacidad",
                    "nombre": {"es": "Discapacidad", "en": "DISCAPACIDAD"},
                    "persona": "convive",
                    "estado": "verificada",
                    "vigente_hasta": None,
                    "nota": None,
                    "declarada_en": "2026-03-02T15:00:00.000Z",
                    "decidida_en": "2026-03-02T15:00:00.000Z",
                    "decidida_por": str(OPERADOR.usuario_id),
                }
            ],
            "estado": "activo",
            "cuenta": "sin_invitar",
            "creado_en": "2026-03-02T15:00:00.000Z",
            "actualizado_en": "2026-03-02T15:00:00.000Z",
        }
        assert (await api.pedir("GET", f"/{creado['id']}")).json() == creado

    async def test_taken(self, api: Api) -> None:
        await api.casa.unidad()
        await api.casa.residente(numero_documento="52000111", email="ana@example.com")
        for cambio, codigo in [
            ({"numero_documento": "52.000.111"}, "documento_duplicado"),
            ({"email": "ANA@EXAMPLE.COM"}, "email_duplicado"),
        ]:
            respuesta = await api.pedir("POST", "", json=cuerpo_residente(**cambio))
            assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, codigo)

    @pytest.mark.parametrize(
        ("cambio", "campo", "codigo"),
        [
            ({"unidades": [ocupacion(torre="9")]}, "unidades.0", "unidad_desconocida"),
            ({"unidades": [ocupacion(), ocupacion()]}, "unidades", "repetido"),
            ({"numero_documento": 52}, "numero_documento", "tipo_invalido"),
            ({"<script>": 1}, "", "campo_desconocido"),
        ],
    )
    async def test_invalid_and_not_echoed(self, api: Api, cambio: dict[str, Any], campo: str, codigo: str) -> None:
        await api.casa.unidad()
        respuesta = await api.pedir("POST", "", json=cuerpo_residente(**cambio))
        assert respuesta.status_code == 422
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [(campo, codigo)]
        assert "script" not in respuesta.text

    async def test_conflict_of_interest(self, api: Api) -> None:
        await api.casa.unidad()
        yo = principal(Rol.operador, (await api.casa.residente()).id)
        cuerpo = cuerpo_residente(condiciones=[{"codigo": "discapacidad", "persona": "titular"}])
        respuesta = await api.pedir("POST", "", yo, cuerpo)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (403, "conflicto_de_interes")


class TestListar:
    async def test_rows(self, api: Api) -> None:
        suya = await api.casa.unidad(torre="A", al_dia=False, vehiculos=[cuerpo_vehiculo(placa="AAA111")])
        otra = await api.casa.unidad(torre="B")
        condiciones = [{"codigo": "discapacidad", "persona": "titular"}]
        ana = cuerpo_residente(nombres="Ana", unidades=[ocupacion(torre="A")], condiciones=condiciones)
        beto = cuerpo_residente(nombres="Beto", unidades=[ocupacion(torre="B")])
        for cuerpo in (ana, beto):
            await api.pedir("POST", "", json=cuerpo)
        for consulta, quienes in [
            ("", ["Ana", "Beto"]),
            ("q=bet", ["Beto"]),
            ("torre=a", ["Ana"]),
            ("apartamento=101", ["Ana", "Beto"]),
            ("al_dia=true", ["Beto"]),
            ("placa=aaa-111", ["Ana"]),
            ("placa=aaa-111&torre=B", []),
            (f"unidad_id={suya.id}", ["Ana"]),
            (f"unidad_id={otra.id}&al_dia=false", []),
            (f"unidad_id={otra.id}&placa=aaa-111", []),
            (f"unidad_id={suya.id}&placa=aaa-111&contar=true", ["Ana"]),
            ("condicion=discapacidad", ["Ana"]),
            ("estado=inactivo", []),
            ("cuenta=sin_invitar&estado=activo&q=nu", ["Ana", "Beto"]),
            ("orden=-nombre", ["Beto", "Ana"]),
            ("orden=-creado_en", ["Beto", "Ana"]),
        ]:
            items = (await api.pedir("GET", f"?{consulta}")).json()["items"]
            assert [r["nombres"] for r in items] == quienes, consulta
            assert all("condiciones" not in r and r["numero_documento"].startswith("****") for r in items)

    async def test_pages(self, api: Api) -> None:
        await api.casa.unidad()
        for nombre in ("Ana", "Beto", "Caro"):
            await api.casa.residente(nombres=nombre)
        vistos: list[str] = []
        url = "/api/v1/residentes?limite=1&q=nu"
        while url:
            respuesta = await api.cliente.get(url, headers=api.como(OPERADOR))
            vistos += [r["nombres"] for r in respuesta.json()["items"]]
            url = respuesta.links.get("next", {}).get("url", "")
        assert vistos == ["Ana", "Beto", "Caro"]

    @pytest.mark.parametrize("consulta", ["estado=otro", "cuenta=otra", "orden=email", "al_dia=2"])
    async def test_invalid(self, api: Api, consulta: str) -> None:
        respuesta = await api.pedir("GET", f"?{consulta}")
        assert respuesta.status_code == 422
        assert respuesta.json()["errores"][0]["campo"] == consulta.partition("=")[0]


class TestVer:
    @pytest.mark.parametrize(("id", "status"), [(NINGUNO, 404), ("zz", 422)])
    async def test_unknown(self, api: Api, id: str, status: int) -> None:
        assert (await api.pedir("GET", f"/{id}")).status_code == status


class TestCambiar:
    async def test_changed(self, api: Api) -> None:
        await api.casa.unidad()
        creado = await api.casa.residente(email="ana@example.com")
        respuesta = await api.pedir("PATCH", f"/{creado.id}", OPERADOR, {"telefono": "+57 300 1234567"})
        assert respuesta.status_code == 200
        assert (respuesta.json()["telefono"], respuesta.json()["email"]) == ("+573001234567", "ana@example.com")

    async def test_nothing(self, api: Api) -> None:
        await api.casa.unidad()
        creado = await api.casa.residente()
        respuesta = await api.pedir("PATCH", f"/{creado.id}", json={})
        assert (respuesta.status_code, respuesta.json()["id"]) == (200, str(creado.id))

    async def test_back_again_taken(self, api: Api) -> None:
        await api.casa.unidad()
        ido = await api.casa.residente(email="ana@example.com")
        await api.pedir("DELETE", f"/{ido.id}")
        await api.casa.residente(email="ana@example.com")
        respuesta = await api.pedir("PATCH", f"/{ido.id}", json={"estado": "activo"})
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, "email_duplicado")


class TestDarDeBaja:
    async def test_twice(self, api: Api) -> None:
        await api.casa.unidad()
        creado = await api.casa.residente()
        for _ in range(2):
            respuesta = await api.pedir("DELETE", f"/{creado.id}", OPERADOR)
            assert (respuesta.status_code, respuesta.content) == (204, b"")
        assert (await api.pedir("GET", f"/{creado.id}")).json()["estado"] == "inactivo"
        assert len(api.casa.solicitudes.salidas) == 1

    async def test_unknown(self, api: Api) -> None:
        assert (await api.pedir("DELETE", f"/{NINGUNO}")).status_code == 404


class TestDecidirCondicion:
    async def test_decided(self, api: Api) -> None:
        await api.casa.unidad()
        creado = await api.casa.residente()
        cuerpo = {"estado": "rechazada", "persona": "titular", "nota": "Falta el certificado"}
        respuesta = await api.pedir("PUT", f"/{creado.id}/condiciones/discapacidad", OPERADOR, cuerpo)
        assert respuesta.status_code == 200
        assert (respuesta.json()["estado"], respuesta.json()["nota"]) == ("rechazada", "Falta el certificado")
        assert (await api.pedir("GET", f"/{creado.id}")).json()["condiciones"] == [respuesta.json()]

    @pytest.mark.parametrize(
        ("codigo", "cambio", "campo"),
        [
            ("DISCAPACIDAD", {}, "codigo"),
            ("discapacidad", {"estado": "declarada"}, "estado"),
            ("discapacidad", {"persona": None}, "persona"),
            ("discapacidad", {"vigente_hasta": "ayer"}, "vigente_hasta"),
        ],
    )
    async def test_invalid(self, api: Api, codigo: str, cambio: dict[str, Any], campo: str) -> None:
        cuerpo = {"estado": "verificada", "persona": "titular"} | cambio
        respuesta = await api.pedir("PUT", f"/{NINGUNO}/condiciones/{codigo}", json=cuerpo)
        assert respuesta.status_code == 422
        assert [e["campo"] for e in respuesta.json()["errores"]] == [campo]

    async def test_conflict_of_interest(self, api: Api) -> None:
        await api.casa.unidad()
        creado = await api.casa.residente()
        yo = principal(Rol.operador, creado.id)
        cuerpo = {"estado": "verificada", "persona": "titular"}
        respuesta = await api.pedir("PUT", f"/{creado.id}/condiciones/discapacidad", yo, cuerpo)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (403, "conflicto_de_interes")
