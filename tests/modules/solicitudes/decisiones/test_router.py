"""Decisions, more time and the waiting list over HTTP."""

from typing import Any

import pytest
from beanie import PydanticObjectId

from tests.modules.solicitudes.conftest import Api, campos_de
from tests.modules.solicitudes.mesa import ADMIN, OPERADOR

NADA = "0" * 24


class TestEstado:
    async def test_one(self, api: Api) -> None:
        pedida = await api.mesa.pedir(await api.mesa.sorteo(aprobacion="manual"), api.mesa.vecino())
        ruta = f"/solicitudes/{pedida.id}/estado"
        sin_motivo = await api.pedir("PATCH", ruta, OPERADOR, {"estado": "rechazada"})
        assert (sin_motivo.status_code, campos_de(sin_motivo)) == (422, [("motivo", "motivo_requerido")])
        ajena = await api.pedir("PATCH", ruta, api.mesa.vecino().quien, {"estado": "cancelada"})
        assert (ajena.status_code, ajena.json()["codigo"]) == (404, "no_encontrado")
        desconocido = await api.pedir("PATCH", ruta, OPERADOR, {"estado": "perdida"})
        assert (desconocido.status_code, campos_de(desconocido)) == (422, [("estado", "valor_no_admitido")])
        hecha = await api.pedir("PATCH", ruta, OPERADOR, {"estado": "rechazada", "motivo": "Repetida"})
        assert (hecha.status_code, hecha.json()["motivo"], hecha.json()["acciones"]) == (200, "Repetida", [])
        otra_vez = await api.pedir("PATCH", ruta, OPERADOR, {"estado": "rechazada", "motivo": "Repetida"})
        assert (otra_vez.status_code, otra_vez.json()) == (200, hecha.json())
        de_otro = await api.pedir("PATCH", ruta, ADMIN, {"estado": "rechazada", "motivo": "Repetida"})
        assert (de_otro.status_code, de_otro.json()["codigo"]) == (409, "transicion_invalida")

    async def test_many(self, api: Api) -> None:
        sorteo_id = await api.mesa.sorteo(aprobacion="manual")
        pedida = await api.mesa.pedir(sorteo_id, api.mesa.vecino())
        cuerpo = {"ids": [str(pedida.id), NADA], "estado": "aprobada"}
        respuesta = await api.pedir("POST", "/solicitudes/estado", OPERADOR, cuerpo)
        assert respuesta.json() == {
            "cambiadas": 1,
            "omitidas": [{"id": NADA, "codigo": "no_encontrado"}],
            "con_impedimentos": [],
        }
        filtrada = {"filtro": {"sorteo_id": str(sorteo_id)}, "estado": "cancelada"}
        respuesta = await api.pedir("POST", "/solicitudes/estado", ADMIN, filtrada)
        assert respuesta.json() == {"cambiadas": 1, "omitidas": [], "con_impedimentos": []}

    @pytest.mark.parametrize(
        ("cuerpo", "errores"),
        [
            ({}, [("", "uno_de_dos")]),
            ({"ids": [NADA], "filtro": {"sorteo_id": NADA}}, [("", "uno_de_dos")]),
            ({"ids": []}, [("ids", "muy_corto")]),
            ({"ids": [NADA, NADA]}, [("ids", "repetido")]),
            ({"filtro": {}}, [("filtro", "filtro_vacio")]),
            ({"filtro": {"limite": 1}}, [("filtro", "campo_desconocido")]),
        ],
    )
    async def test_many_invalid(self, api: Api, cuerpo: dict[str, Any], errores: list[tuple[str, str]]) -> None:
        respuesta = await api.pedir("POST", "/solicitudes/estado", ADMIN, cuerpo | {"estado": "aprobada"})
        assert (respuesta.status_code, campos_de(respuesta)) == (422, errores)


class TestProrroga:
    async def test_more_time(self, api: Api) -> None:
        _, (suya,) = await api.mesa.publicado([api.mesa.vecino()])
        ruta = f"/solicitudes/{suya.id}/prorroga"
        cuerpo = {"vence_en": "2026-04-01T00:00:00-05:00", "motivo": "Está de viaje"}
        respuesta = await api.pedir("POST", ruta, OPERADOR, cuerpo)
        assert (respuesta.status_code, respuesta.json()["vence_en"]) == (200, "2026-04-01T05:00:00.000Z")
        otra_vez = await api.pedir("POST", ruta, OPERADOR, cuerpo)
        assert (otra_vez.status_code, campos_de(otra_vez)) == (422, [("vence_en", "vence_en_invalido")])
        for vence_en in ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-13-01T00:00:00Z"):
            respuesta = await api.pedir("POST", ruta, OPERADOR, cuerpo | {"vence_en": vence_en})
            assert campos_de(respuesta) == [("vence_en", "instante_invalido")]
        sin_motivo = await api.pedir("POST", ruta, OPERADOR, {"vence_en": "2026-05-01T00:00:00Z"})
        assert campos_de(sin_motivo) == [("motivo", "requerido")]


class TestEspera:
    async def test_list_and_offer(self, api: Api) -> None:
        vecinos = [api.mesa.vecino() for _ in range(2)]
        sorteo_id = await api.mesa.sorteo()
        for vecino in vecinos:
            await api.mesa.pedir(sorteo_id, vecino)
        await api.mesa.publicar(sorteo_id)
        esperan = (await api.pedir("GET", f"/sorteo/{sorteo_id}/espera", OPERADOR)).json()
        assert [(s["folio"], s["espera"], "residente" in s) for s in esperan["items"]] == [(1, 1, True), (2, 2, True)]
        ruta = f"/sorteo/{sorteo_id}/liberar"
        oferta = (await api.pedir("POST", ruta, OPERADOR, {"espacio": "A-01"})).json()["oferta"]
        assert (oferta["folio"], oferta["estado"], oferta["espacio"]) == (1, "ofrecida", "A-01")
        otra_vez = await api.pedir("POST", ruta, OPERADOR, {"espacio": "A-01"})
        assert (otra_vez.status_code, otra_vez.json()["codigo"]) == (409, "espacio_no_libre")

    async def test_its_three_answers(self, api: Api) -> None:
        sorteo_id = await api.mesa.sorteo()
        ruta = f"/sorteo/{sorteo_id}/liberar"
        antes = await api.pedir("POST", ruta, OPERADOR, {"espacio": "A-01"})
        assert (antes.status_code, antes.json()["codigo"]) == (409, "transicion_invalida")
        await api.mesa.publicar(sorteo_id)
        nadie = await api.pedir("POST", ruta, OPERADOR, {"espacio": "A-01"})
        assert (nadie.status_code, nadie.json()) == (200, {"oferta": None})

    async def test_unknown(self, api: Api) -> None:
        sorteo_id = await api.mesa.sorteo()
        assert (await api.pedir("GET", f"/sorteo/{NADA}/espera", ADMIN)).status_code == 404
        nadie = await api.pedir("POST", f"/sorteo/{PydanticObjectId()}/liberar", ADMIN, {"espacio": "A-01"})
        assert nadie.status_code == 404
        await api.mesa.publicar(sorteo_id)
        ninguno = await api.pedir("POST", f"/sorteo/{sorteo_id}/liberar", ADMIN, {"espacio": "Z-99"})
        assert (ninguno.status_code, campos_de(ninguno)) == (422, [("espacio", "no_existe")])
