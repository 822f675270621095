"""Flats and vehicles over HTTP."""

from typing import Any

import pytest

from tests.modules.residentes.conftest import Api
from tests.modules.residentes.factories import OPERADOR, cuerpo_residente, cuerpo_unidad, cuerpo_vehiculo

NINGUNA = "0" * 24


class TestCrear:
    async def test_created(self, api: Api) -> None:
        cuerpo = cuerpo_unidad(torre=None, apartamento=" 1  b ", vehiculos=[cuerpo_vehiculo(placa="abc-123")])
        respuesta = await api.pedir("POST", "/unidades", OPERADOR, cuerpo)
        creada = respuesta.json()
        assert respuesta.status_code == 201
        assert respuesta.headers["location"] == f"/api/v1/residentes/unidades/{creada['id']}"
        vehiculo = creada["vehiculos"][0]
        assert creada == {
            "id": creada["id"],
            "torre": None,
            "apartamento": "1 b",
            "al_dia": True,
            "al_dia_corte": None,
            "cupo": None,
            "vehiculos": [
                {
                    "id": vehiculo["id"],
                    "tipo": "carro",
                    "electrico": False,
                    "electrico_verificado": False,
                    "placa": "ABC123",
                }
            ],
            "perdidos_previos": {},
        }
        assert (await api.cliente.get(respuesta.headers["location"], headers=api.como(OPERADOR))).json() == creada

    async def test_taken(self, api: Api) -> None:
        await api.casa.unidad(vehiculos=[cuerpo_vehiculo(placa="ABC123")])
        for cuerpo, codigo in [
            (cuerpo_unidad(), "unidad_duplicada"),
            (cuerpo_unidad(apartamento="102", vehiculos=[cuerpo_vehiculo(placa="ABC123")]), "placa_duplicada"),
        ]:
            respuesta = await api.pedir("POST", "/unidades", json=cuerpo)
            assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, codigo)

    async def test_a_taken_plate_leaves_no_flat(self, api: Api) -> None:
        await api.casa.unidad(vehiculos=[cuerpo_vehiculo(placa="ABC123")])
        vehiculos = [cuerpo_vehiculo(), cuerpo_vehiculo(placa="ABC123")]
        await api.pedir("POST", "/unidades", json=cuerpo_unidad(apartamento="102", vehiculos=vehiculos))
        assert len((await api.pedir("GET", "/unidades")).json()["items"]) == 1

    async def test_operador_with_losses(self, api: Api) -> None:
        respuesta = await api.pedir("POST", "/unidades", OPERADOR, cuerpo_unidad(perdidos_previos={"carro": 1}))
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (403, "rol_insuficiente")

    @pytest.mark.parametrize(
        ("cambio", "campo", "codigo"),
        [
            ({"vehiculos": [{"tipo": "carro"}]}, "vehiculos.0.placa", "placa_requerida"),
            ({"vehiculos": [{"tipo": "moto", "placa": "A!"}]}, "vehiculos.0.placa", "placa_invalida"),
            (
                {"vehiculos": [{"tipo": "bicicleta", "electrico": True}]},
                "vehiculos.0.electrico",
                "electrico_no_admitido",
            ),
            ({"perdidos_previos": {"<script>": 1}}, "perdidos_previos", "valor_no_admitido"),
            ({"<script>": 1}, "", "campo_desconocido"),
            ({"torre": "<script>\x00"}, "torre", "caracter_no_permitido"),
        ],
    )
    async def test_invalid_and_not_echoed(self, api: Api, cambio: dict[str, Any], campo: str, codigo: str) -> None:
        respuesta = await api.pedir("POST", "/unidades", json=cuerpo_unidad(**cambio))
        assert respuesta.status_code == 422
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [(campo, codigo)]
        assert "script" not in respuesta.text


class TestListar:
    async def test_page(self, api: Api) -> None:
        for apartamento in ("101", "102", "103"):
            await api.casa.unidad(apartamento=apartamento)
        respuesta = await api.pedir("GET", "/unidades?limite=2&contar=true&torre=1")
        cuerpo = respuesta.json()
        assert [u["apartamento"] for u in cuerpo["items"]] == ["101", "102"]
        assert cuerpo["total"] == 3
        siguiente = respuesta.links["next"]["url"]
        resto = await api.cliente.get(siguiente, headers=api.como(OPERADOR))
        assert [u["apartamento"] for u in resto.json()["items"]] == ["103"]
        assert resto.json()["siguiente"] is None

    async def test_filters(self, api: Api) -> None:
        await api.casa.unidad(torre="A", al_dia=False)
        await api.casa.unidad(torre=None)
        for consulta, torres in [
            ("", [None, "A"]),
            ("?torre=a", ["A"]),
            ("?al_dia=false", ["A"]),
            ("?q=a%2010", ["A"]),
            ("?q=.*", []),
        ]:
            respuesta = await api.pedir("GET", f"/unidades{consulta}")
            assert [u["torre"] for u in respuesta.json()["items"]] == torres, consulta
            assert set(respuesta.json()) == {"items", "siguiente"}

    @pytest.mark.parametrize("consulta", ["orden=cupo", "cursor=x", "limite=0", "al_dia=quizas", "q="])
    async def test_invalid(self, api: Api, consulta: str) -> None:
        respuesta = await api.pedir("GET", f"/unidades?{consulta}")
        assert respuesta.status_code == 422
        assert respuesta.json()["errores"][0]["campo"] == consulta.partition("=")[0]


class TestVer:
    @pytest.mark.parametrize(("id", "status"), [(NINGUNA, 404), ("zz", 422), ("0" * 23, 422)])
    async def test_unknown(self, api: Api, id: str, status: int) -> None:
        assert (await api.pedir("GET", f"/unidades/{id}")).status_code == status


class TestCambiar:
    async def test_changed(self, api: Api) -> None:
        creada = await api.casa.unidad(cupo=1)
        respuesta = await api.pedir("PATCH", f"/unidades/{creada.id}", json={"al_dia_corte": "2026-02-28"})
        assert respuesta.status_code == 200
        assert (respuesta.json()["al_dia_corte"], respuesta.json()["cupo"]) == ("2026-02-28", 1)
        assert (await api.pedir("GET", f"/unidades/{creada.id}")).json() == respuesta.json()

    async def test_nothing(self, api: Api) -> None:
        creada = await api.casa.unidad()
        respuesta = await api.pedir("PATCH", f"/unidades/{creada.id}", OPERADOR, {})
        assert (respuesta.status_code, respuesta.json()["id"]) == (200, str(creada.id))

    @pytest.mark.parametrize("campo", ["apartamento", "al_dia", "vehiculos", "perdidos_previos"])
    async def test_null(self, api: Api, campo: str) -> None:
        creada = await api.casa.unidad()
        respuesta = await api.pedir("PATCH", f"/unidades/{creada.id}", json={campo: None})
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [(campo, "tipo_invalido")]

    async def test_vehicles_all_or_none(self, api: Api) -> None:
        await api.casa.unidad(vehiculos=[cuerpo_vehiculo(placa="AAA111")])
        creada = await api.casa.unidad(apartamento="102", vehiculos=[cuerpo_vehiculo(placa="BBB222")])
        cuerpo = {"cupo": 3, "vehiculos": [cuerpo_vehiculo(placa="CCC333"), cuerpo_vehiculo(placa="AAA111")]}
        respuesta = await api.pedir("PATCH", f"/unidades/{creada.id}", json=cuerpo)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, "placa_duplicada")
        assert await api.casa.unidades.ver(creada.id) == creada


class TestBorrar:
    async def test_gone(self, api: Api) -> None:
        creada = await api.casa.unidad()
        respuesta = await api.pedir("DELETE", f"/unidades/{creada.id}")
        assert (respuesta.status_code, respuesta.content) == (204, b"")
        assert (await api.pedir("DELETE", f"/unidades/{creada.id}")).status_code == 404

    async def test_in_use(self, api: Api) -> None:
        creada = await api.casa.unidad()
        await api.pedir("POST", "", json=cuerpo_residente())
        respuesta = await api.pedir("DELETE", f"/unidades/{creada.id}")
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, "unidad_en_uso")


class TestVehiculos:
    async def test_added_and_removed(self, api: Api) -> None:
        creada = await api.casa.unidad()
        respuesta = await api.pedir("POST", f"/unidades/{creada.id}/vehiculos", OPERADOR, cuerpo_vehiculo(placa="A1B2"))
        vehiculo = respuesta.json()
        assert respuesta.status_code == 201
        assert vehiculo == {
            "id": vehiculo["id"],
            "tipo": "carro",
            "electrico": False,
            "electrico_verificado": False,
            "placa": "A1B2",
        }
        ubicacion = respuesta.headers["location"]
        assert ubicacion == f"/api/v1/residentes/unidades/{creada.id}/vehiculos/{vehiculo['id']}"
        assert (await api.cliente.delete(ubicacion, headers=api.como(OPERADOR))).status_code == 204
        assert (await api.cliente.delete(ubicacion, headers=api.como(OPERADOR))).status_code == 404

    async def test_refused(self, api: Api) -> None:
        creada = await api.casa.unidad(vehiculos=[{"tipo": "bicicleta"}] * 50)
        ruta = f"/unidades/{creada.id}/vehiculos"
        lleno = await api.pedir("POST", ruta, json=cuerpo_vehiculo())
        assert (lleno.status_code, lleno.json()["codigo"]) == (409, "demasiados_vehiculos")
        assert lleno.json()["datos"] == {"maximo": 50}
        api.casa.solicitudes.en_solicitud.add(creada.vehiculos[0].id)
        vivo = await api.pedir("DELETE", f"{ruta}/{creada.vehiculos[0].id}")
        assert (vivo.status_code, vivo.json()["codigo"]) == (409, "vehiculo_en_solicitud")
        assert (await api.pedir("POST", f"/unidades/{NINGUNA}/vehiculos", json=cuerpo_vehiculo())).status_code == 404


class TestCambiarVehiculo:
    async def test_a_wrong_plate_is_mended_in_its_requests_too(self, api: Api) -> None:
        unidad = await api.casa.unidad(vehiculos=[cuerpo_vehiculo(placa="ABC123")])
        ruta, id = f"/unidades/{unidad.id}/vehiculos/{unidad.vehiculos[0].id}", unidad.vehiculos[0].id
        respuesta = await api.pedir("PATCH", ruta, OPERADOR, {"placa": "abc-124"})
        assert (respuesta.status_code, respuesta.json()["placa"]) == (200, "ABC124")
        assert api.casa.solicitudes.placas == {id: "ABC124"}
        api.casa.solicitudes.en_sorteo_cerrado.add(id)
        respuesta = await api.pedir("PATCH", ruta, OPERADOR, {"placa": "ABC125"})
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, "vehiculo_en_solicitud")
        assert (await api.pedir("GET", f"/unidades/{unidad.id}")).json()["vehiculos"][0]["placa"] == "ABC124"

    @pytest.mark.parametrize(
        ("cambio", "status", "codigo"),
        [
            ({"placa": None}, 422, "entrada_invalida"),
            ({"tipo": "bicicleta", "electrico": True}, 422, "entrada_invalida"),
            ({"electrico": False, "electrico_verificado": True}, 422, "entrada_invalida"),
            ({"placa": "ABC999"}, 409, "placa_duplicada"),
        ],
    )
    async def test_refused(self, api: Api, cambio: dict[str, Any], status: int, codigo: str) -> None:
        await api.casa.unidad(apartamento="999", vehiculos=[cuerpo_vehiculo(placa="ABC999")])
        unidad = await api.casa.unidad(vehiculos=[cuerpo_vehiculo()])
        ruta = f"/unidades/{unidad.id}/vehiculos/{unidad.vehiculos[0].id}"
        respuesta = await api.pedir("PATCH", ruta, OPERADOR, cambio)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (status, codigo)

    async def test_another_kind_not_while_it_is_asked_for(self, api: Api) -> None:
        unidad = await api.casa.unidad(vehiculos=[cuerpo_vehiculo()])
        vehiculo = unidad.vehiculos[0]
        api.casa.solicitudes.en_solicitud.add(vehiculo.id)
        ruta = f"/unidades/{unidad.id}/vehiculos/{vehiculo.id}"
        respuesta = await api.pedir("PATCH", ruta, OPERADOR, {"tipo": "moto"})
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, "vehiculo_en_solicitud")
        assert (await api.pedir("PATCH", ruta, OPERADOR, {"tipo": "carro"})).status_code == 200

    async def test_electric_counts_once_staff_say_so(self, api: Api) -> None:
        unidad = await api.casa.unidad()
        residente = await api.casa.residente()
        como = api.residente(residente.id)
        ruta = f"/unidades/{unidad.id}/vehiculos"
        alta = {"tipo": "carro", "electrico": True, "placa": "ELE123"}
        dicho = await api.cliente.post(f"/api/v1/residentes/yo{ruta}", headers=como, json=alta)
        id = dicho.json()["id"]
        assert (dicho.json()["electrico"], dicho.json()["electrico_verificado"]) == (True, False)
        hallado = await api.casa.padron.vehiculo(placa="ELE123")
        assert hallado is not None
        assert not hallado.electrico
        verificado = await api.pedir("PATCH", f"{ruta}/{id}", OPERADOR, {"electrico_verificado": True})
        assert verificado.json()["electrico_verificado"]
        hallado = await api.casa.padron.vehiculo(placa="ELE123")
        assert hallado is not None
        assert hallado.electrico
        # To say it again takes nothing back; to say otherwise does.
        for electrico, queda in ((True, True), (False, False), (True, False)):
            propio = await api.cliente.patch(
                f"/api/v1/residentes/yo{ruta}/{id}", headers=como, json={"electrico": electrico}
            )
            assert (propio.status_code, propio.json()["electrico_verificado"]) == (200, queda)

    @pytest.mark.parametrize(
        ("cambio", "queda"),
        [({"tipo": "carro"}, False), ({"placa": "OTR123"}, False), ({"tipo": "moto", "placa": "ele-123"}, True)],
    )
    async def test_what_staff_saw_was_that_vehicle(self, api: Api, cambio: dict[str, Any], queda: bool) -> None:
        """Whoever makes another one of it by their own word has it seen again."""
        unidad = await api.casa.unidad()
        residente = await api.casa.residente()
        ruta = f"/unidades/{unidad.id}/vehiculos"
        alta = {"tipo": "moto", "electrico": True, "placa": "ELE123"}
        id = (await api.pedir("POST", ruta, OPERADOR, alta)).json()["id"]
        propio = await api.cliente.patch(
            f"/api/v1/residentes/yo{ruta}/{id}", headers=api.residente(residente.id), json=cambio
        )
        assert (propio.json()["electrico"], propio.json()["electrico_verificado"]) == (True, queda)


class TestFiltros:
    @pytest.mark.parametrize(
        ("consulta", "halladas"),
        [
            ("?sin_torre=true", ["Casa 1"]),
            ("?sin_torre=false", ["101", "102"]),
            ("?torre=1&sin_torre=true", []),
            ("?apartamento=CASA%201", ["Casa 1"]),
            ("?torre=1&apartamento=101", ["101"]),
            ("?placa=abc-123", ["102"]),
            ("?placa=abc-123&torre=2", []),
            ("?placa=ZZZ999", []),
        ],
    )
    async def test_together(self, api: Api, consulta: str, halladas: list[str]) -> None:
        await api.casa.unidad()
        await api.casa.unidad(apartamento="102", vehiculos=[cuerpo_vehiculo(placa="ABC123")])
        await api.casa.unidad(torre=None, apartamento="Casa 1")
        respuesta = await api.pedir("GET", f"/unidades{consulta}")
        assert [unidad["apartamento"] for unidad in respuesta.json()["items"]] == halladas
