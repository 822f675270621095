"""Requests over HTTP: shapes, statuses, what a body may be."""

from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.solicitudes.ports import Hallados
from app.shared.exceptions import EntradaInvalida
from tests.modules.solicitudes.conftest import Api, campos_de
from tests.modules.solicitudes.mesa import ADMIN, AUDITOR, OPERADOR, RECIEN_PEDIDA

NADA = "0" * 24


class TestCrear:
    async def test_created(self, api: Api) -> None:
        vecino, sorteo_id = api.mesa.vecino(), await api.mesa.sorteo()
        placa = api.mesa.padron.vehiculos[vecino.vehiculo_id].placa
        cuerpo = {"sorteo_id": str(sorteo_id), "placa": str(placa).lower(), "preferencias": ["A-01"]}
        respuesta = await api.pedir("POST", "/solicitudes", vecino.quien, cuerpo)
        creada = respuesta.json()
        assert respuesta.status_code == 201
        assert respuesta.headers["location"] == f"/api/v1/solicitudes/{creada['id']}"
        assert creada == {
            "id": creada["id"],
            "folio": 1,
            "sorteo_id": str(sorteo_id),
            "unidad_id": str(vecino.unidad_id),
            "vehiculo": {"id": str(vecino.vehiculo_id), "tipo": "carro", "electrico": False, "placa": placa},
            "preferencias": ["A-01"],
            "usa_condiciones": True,
            **RECIEN_PEDIDA,
        }
        ruta = respuesta.headers["location"].removeprefix("/api/v1")
        assert (await api.pedir("GET", ruta, vecino.quien)).json() == creada
        de_personal = (await api.pedir("GET", ruta, OPERADOR)).json()
        assert de_personal.pop("residente")["id"] == str(vecino.residente_id)
        propios = creada.keys() - {"acciones", "residente"}
        assert {c: de_personal[c] for c in propios} == {c: creada[c] for c in propios}

    async def test_by_staff(self, api: Api) -> None:
        vecino, sorteo_id = api.mesa.vecino(), await api.mesa.sorteo()
        cuerpo = {"sorteo_id": str(sorteo_id), "vehiculo_id": str(vecino.vehiculo_id)}
        sin_unidad = await api.pedir("POST", "/solicitudes", ADMIN, cuerpo)
        assert (sin_unidad.status_code, campos_de(sin_unidad)) == (422, [("unidad_id", "requerido")])
        respuesta = await api.pedir("POST", "/solicitudes", ADMIN, cuerpo | {"unidad_id": str(vecino.unidad_id)})
        assert (respuesta.status_code, respuesta.json()["residente"]["nombre"]) == (201, "Ana Peña")

    async def test_refused(self, api: Api) -> None:
        vecino, sorteo_id = api.mesa.vecino(), await api.mesa.sorteo()
        cuerpo = {"sorteo_id": str(sorteo_id), "vehiculo_id": str(vecino.vehiculo_id)}
        await api.pedir("POST", "/solicitudes", vecino.quien, cuerpo)
        respuesta = await api.pedir("POST", "/solicitudes", vecino.quien, cuerpo)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, "solicitud_duplicada")

    @pytest.mark.parametrize(
        ("cambio", "errores"),
        [
            ({"sorteo_id": NADA}, [("sorteo_id", "no_existe")]),
            ({"sorteo_id": "x"}, [("sorteo_id", "id_invalido")]),
            ({"unidad_id": NADA}, [("unidad_id", "no_existe")]),
            ({"placa": "ABC123"}, [("", "uno_de_dos")]),
            ({"vehiculo_id": None}, [("", "uno_de_dos")]),
            ({"vehiculo_id": None, "placa": "A!"}, [("placa", "placa_invalida")]),
            ({"vehiculo_id": None, "placa": " - "}, [("placa", "placa_invalida")]),
            ({"preferencias": ["A-01"] * 11}, [("preferencias", "muy_largo")]),
            ({"preferencias": None}, [("preferencias", "tipo_invalido")]),
            ({"preferencias": [""]}, [("preferencias.0", "muy_corto")]),
            ({"acepta": []}, [("acepta", "muy_corto")]),
            ({"acepta": ["carro", "carro"]}, [("acepta", "repetido")]),
            ({"acepta": ["moto"]}, [("acepta", "valor_no_admitido")]),
            ({"usa_condiciones": "true"}, [("usa_condiciones", "tipo_invalido")]),
            ({"<script>": 1}, [("", "campo_desconocido")]),
        ],
    )
    async def test_invalid(self, api: Api, cambio: dict[str, Any], errores: list[tuple[str, str]]) -> None:
        vecino, sorteo_id = api.mesa.vecino(), await api.mesa.sorteo()
        cuerpo = {"sorteo_id": str(sorteo_id), "vehiculo_id": str(vecino.vehiculo_id)} | cambio
        respuesta = await api.pedir("POST", "/solicitudes", vecino.quien, cuerpo)
        assert (respuesta.status_code, campos_de(respuesta)) == (422, errores)
        assert "script" not in respuesta.text

    async def test_ten_wishes(self, api: Api) -> None:
        codigos = [f"Z-{n}" for n in range(10)]
        vecino, sorteo_id = api.mesa.vecino(), await api.mesa.sorteo(codigos)
        cuerpo = {"sorteo_id": str(sorteo_id), "vehiculo_id": str(vecino.vehiculo_id), "preferencias": codigos}
        assert (await api.pedir("POST", "/solicitudes", vecino.quien, cuerpo)).status_code == 201


class TestAuditorQueViveAqui:
    """For their own flat they are a resident like others; of the rest they read alone."""

    async def test_asks_changes_and_accepts(self, api: Api) -> None:
        vecino, otro = api.mesa.vecino(), api.mesa.vecino()
        sorteo_id = str(await api.mesa.sorteo())
        auditor = vecino.como(Rol.auditor)
        cuerpo = {"sorteo_id": sorteo_id, "vehiculo_id": str(vecino.vehiculo_id)}
        creada = await api.pedir("POST", "/solicitudes", auditor, cuerpo)
        assert creada.status_code == 201
        ruta = f"/solicitudes/{creada.json()['id']}"
        assert (await api.pedir("PATCH", ruta, auditor, {"preferencias": ["A-01"]})).status_code == 200
        cancelada = await api.pedir("PATCH", f"{ruta}/estado", auditor, {"estado": "cancelada"})
        assert (cancelada.status_code, cancelada.json()["estado"]) == (200, "cancelada")
        ajena = await api.mesa.pedir(PydanticObjectId(sorteo_id), otro)
        for camino, datos in (("", {"preferencias": []}), ("/estado", {"estado": "cancelada"})):
            respuesta = await api.pedir("PATCH", f"/solicitudes/{ajena.id}{camino}", auditor, datos)
            assert (respuesta.status_code, respuesta.json()["codigo"]) == (403, "rol_insuficiente")

    async def test_not_one_who_lives_elsewhere(self, api: Api) -> None:
        cuerpo = {"sorteo_id": str(await api.mesa.sorteo()), "placa": "AAA000"}
        respuesta = await api.pedir("POST", "/solicitudes", AUDITOR, cuerpo)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (403, "rol_insuficiente")


class TestListar:
    async def test_page(self, api: Api) -> None:
        sorteo_id = await api.mesa.sorteo()
        for _ in range(3):
            await api.mesa.pedir(sorteo_id, api.mesa.vecino())
        respuesta = await api.pedir(
            "GET", f"/solicitudes?sorteo_id={sorteo_id}&orden=folio&limite=2&contar=true", ADMIN
        )
        cuerpo = respuesta.json()
        assert ([s["folio"] for s in cuerpo["items"]], cuerpo["total"]) == ([1, 2], 3)
        assert "residente" in cuerpo["items"][0]
        siguiente = respuesta.links["next"]["url"].removeprefix("/api/v1")
        resto = (await api.pedir("GET", siguiente, ADMIN)).json()
        assert ([s["folio"] for s in resto["items"]], resto["siguiente"]) == ([3], None)

    async def test_of_a_resident(self, api: Api) -> None:
        vecino, sorteo_id = api.mesa.vecino(), await api.mesa.sorteo()
        for quien in (api.mesa.vecino(), vecino):
            await api.mesa.pedir(sorteo_id, quien)
        (suya,) = (await api.pedir("GET", "/solicitudes", vecino.quien)).json()["items"]
        assert (suya["folio"], suya["residente"]) == (2, None)

    async def test_filters(self, api: Api) -> None:
        vecino = api.mesa.vecino(torre="2", nombre="Eva Ruiz", al_dia=False)
        otro, sorteo_id = api.mesa.vecino(torre=None), await api.mesa.sorteo()
        for quien in (vecino, otro):
            await api.mesa.pedir(sorteo_id, quien)
        placa = str(api.mesa.padron.vehiculos[vecino.vehiculo_id].placa).lower()
        for consulta, esperados in [
            (f"sorteo_id={sorteo_id}", [1, 2]),
            (f"sorteo_id={NADA}", []),
            (f"unidad_id={otro.unidad_id}", [2]),
            ("estado=pendiente", [1]),
            ("torre=2", [1]),
            ("tipo=carro", [1, 2]),
            ("tipo=moto", []),
            (f"placa=%20{placa[:3]}-{placa[3:]}", [1]),
            ("impedimento=no_al_dia", [1]),
            ("vence_antes=2026-12-31T00:00:00Z", []),
            ("q=eva", [1]),
        ]:
            respuesta = await api.pedir("GET", f"/solicitudes?orden=folio&{consulta}", ADMIN)
            assert [s["folio"] for s in respuesta.json()["items"]] == esperados, consulta

    @pytest.mark.parametrize(
        "consulta",
        [
            "sorteo_id=1",
            "estado=perdida",
            "unidad_id=x",
            "tipo=CARRO",
            "placa=",
            "impedimento=%00",
            "vence_antes=ayer",
            "vence_antes=0001-01-01T00:00:00%2B14:00",
            "vence_antes=9999-12-31T23:59:59-14:00",
            "q=",
            "orden=placa",
            "limite=0",
            "limite=201",
            "cursor=x",
        ],
    )
    async def test_invalid(self, api: Api, consulta: str) -> None:
        respuesta = await api.pedir("GET", f"/solicitudes?{consulta}", ADMIN)
        assert respuesta.status_code == 422
        assert respuesta.json()["errores"][0]["campo"] == consulta.partition("=")[0]


class TestVer:
    @pytest.mark.parametrize(("id", "status"), [(NADA, 404), ("zz", 422)])
    async def test_unknown(self, api: Api, id: str, status: int) -> None:
        for ruta in (f"/solicitudes/{id}", f"/solicitudes/{id}/historial"):
            assert (await api.pedir("GET", ruta, ADMIN)).status_code == status

    async def test_history(self, api: Api) -> None:
        vecino = api.mesa.vecino()
        pedida = await api.mesa.pedir(await api.mesa.sorteo(), vecino)
        respuesta = await api.pedir("GET", f"/solicitudes/{pedida.id}/historial", vecino.quien)
        primera: dict[str, Any] = {
            "tipo": "estado",
            "de": None,
            "a": "pendiente",
            "actor": "unidad",
            "usuario_id": str(vecino.quien.usuario_id),
            "cuando": "2026-03-02T15:00:00.000Z",
            "motivo": None,
            "cambios": [],
        }
        segunda = primera | {"de": "pendiente", "a": "aprobada", "actor": "sistema", "usuario_id": None}
        assert respuesta.json() == {"items": [primera, segunda], "siguiente": None}


class TestCambiar:
    async def test_changed(self, api: Api) -> None:
        vecino = api.mesa.vecino()
        pedida = await api.mesa.pedir(await api.mesa.sorteo(), vecino)
        ruta = f"/solicitudes/{pedida.id}"
        respuesta = await api.pedir("PATCH", ruta, vecino.quien, {"preferencias": ["A-01"]})
        assert (respuesta.status_code, respuesta.json()["preferencias"]) == (200, ["A-01"])
        assert (await api.pedir("GET", ruta, vecino.quien)).json() == respuesta.json()
        assert (await api.pedir("PATCH", ruta, vecino.quien, {})).json() == respuesta.json()

    @pytest.mark.parametrize(
        ("cuerpo", "errores"),
        [
            ({"preferencias": None}, [("preferencias", "tipo_invalido")]),
            ({"vehiculo_id": None}, [("vehiculo_id", "tipo_invalido")]),
            ({"preferencias": ["A-01"] * 11}, [("preferencias", "muy_largo")]),
            ({"acepta": ["moto"]}, [("acepta", "valor_no_admitido")]),
            ({"sorteo_id": NADA}, [("", "campo_desconocido")]),
            ({"estado": "aprobada"}, [("", "campo_desconocido")]),
        ],
    )
    async def test_invalid(self, api: Api, cuerpo: dict[str, Any], errores: list[tuple[str, str]]) -> None:
        vecino = api.mesa.vecino()
        pedida = await api.mesa.pedir(await api.mesa.sorteo(), vecino)
        respuesta = await api.pedir("PATCH", f"/solicitudes/{pedida.id}", vecino.quien, cuerpo)
        assert (respuesta.status_code, campos_de(respuesta)) == (422, errores)


class TestBuscar:
    async def test_what_is_in_too_many_is_said_and_not_cut_off(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        async def de_muchos(*, q: str) -> Hallados:
            raise EntradaInvalida.en("q", "busqueda_amplia", maximo=len(q))

        monkeypatch.setattr(api.mesa.padron, "buscar", de_muchos)
        for ruta in ("", "/exportar", "/exportar?formato=xlsx"):
            respuesta = await api.pedir("GET", f"/solicitudes{ruta}{'&' if '?' in ruta else '?'}q=per", ADMIN)
            assert (respuesta.status_code, campos_de(respuesta)) == (422, [("q", "busqueda_amplia")]), ruta
        cuerpo = {"filtro": {"q": "per"}, "estado": "aprobada"}
        respuesta = await api.pedir("POST", "/solicitudes/estado", ADMIN, cuerpo)
        assert (respuesta.status_code, campos_de(respuesta)) == (422, [("filtro.q", "busqueda_amplia")])
