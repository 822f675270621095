"""Claims over HTTP: who hands in, who sees, and the one answer."""

import asyncio
from typing import Any

import httpx
import pytest
from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.modules.sorteo.models import Sorteo
from tests.autenticador import principal
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.factories import ADMIN, AUDITOR, OPERADOR, RESIDENTE, SIN_RESIDENTE, TRAS_LA_VIGENCIA

UNIDAD = PydanticObjectId()
CONVIVE, VECINO = (principal(Rol.residente, PydanticObjectId()) for _ in range(2))
NEGADO = {"estado": "negado", "respuesta": "El número se leyó en la transmisión."}


@pytest.fixture
async def sorteo(api: Api) -> Sorteo:
    for quien, unidad in ((RESIDENTE, UNIDAD), (CONVIVE, UNIDAD), (VECINO, PydanticObjectId())):
        assert quien.residente_id is not None
        api.casa.padron.viven[quien.residente_id] = [unidad]
    await api.casa.espacios("A-1")
    return await api.casa.publicado(3)


async def presentar(api: Api, sorteo: Sorteo, texto: str = "No oí el número", quien: Principal = RESIDENTE) -> Any:
    respuesta = await api.pedir("POST", f"/{sorteo.id}/reclamos", quien, {"texto": texto})
    assert respuesta.status_code == 201, respuesta.text
    return respuesta.json()


async def responder(
    api: Api, sorteo: Sorteo, reclamo: Any, datos: Any, quien: Principal | None = ADMIN
) -> httpx.Response:
    return await api.pedir("PATCH", f"/{sorteo.id}/reclamos/{reclamo['id']}", quien, datos)


class TestPresentar:
    async def test_who(self, api: Api, sorteo: Sorteo) -> None:
        ruta, cuerpo = f"/{sorteo.id}/reclamos", {"texto": "x"}
        assert (await api.pedir("POST", ruta, None, cuerpo)).status_code == 401
        for sin in (SIN_RESIDENTE, ADMIN):
            assert problema(await api.pedir("POST", ruta, sin, cuerpo)) == (404, "sin_residente")

    async def test_folios_ascend_in_the_draw(self, api: Api, sorteo: Sorteo) -> None:
        primero = await presentar(api, sorteo)
        assert (primero["folio"], primero["estado"], primero["respuesta"]) == (1, "presentado", None)
        assert primero["unidades"] is None
        assert (await presentar(api, sorteo, quien=VECINO))["folio"] == 2

    async def test_many_at_once_have_folios_of_their_own(self, api: Api, sorteo: Sorteo) -> None:
        folios = [r["folio"] for r in await asyncio.gather(*(presentar(api, sorteo, f"n.º {n}") for n in range(8)))]
        assert sorted(folios) == list(range(1, 9))

    async def test_until_the_draw_ends(self, api: Api, sorteo: Sorteo) -> None:
        reclamo = await presentar(api, sorteo)
        api.casa.reloj.poner(TRAS_LA_VIGENCIA)
        await api.pedir("POST", f"/{sorteo.id}/finalizar")
        tarde = await api.pedir("POST", f"/{sorteo.id}/reclamos", RESIDENTE, {"texto": "x"})
        assert problema(tarde) == (409, "transicion_invalida")
        assert (await responder(api, sorteo, reclamo, NEGADO)).status_code == 200

    async def test_a_draft_is_not_there(self, api: Api) -> None:
        borrador = await api.casa.borrador()
        respuesta = await api.pedir("POST", f"/{borrador.id}/reclamos", RESIDENTE, {"texto": "x"})
        assert problema(respuesta) == (404, "no_encontrado")

    @pytest.mark.parametrize("texto", ["", "x" * 2001, None])
    async def test_refused(self, api: Api, sorteo: Sorteo, texto: str | None) -> None:
        respuesta = await api.pedir("POST", f"/{sorteo.id}/reclamos", RESIDENTE, {"texto": texto})
        assert problema(respuesta) == (422, "entrada_invalida")


class TestListar:
    async def test_staff_see_all_and_whose(self, api: Api, sorteo: Sorteo) -> None:
        for quien in (RESIDENTE, VECINO):
            await presentar(api, sorteo, quien=quien)
        for quien in (ADMIN, OPERADOR, AUDITOR):
            items = (await api.ver(f"/{sorteo.id}/reclamos", quien))["items"]
            assert [r["folio"] for r in items] == [1, 2]
            assert items[0]["unidades"] == [{"id": str(UNIDAD), "torre": "1", "apartamento": str(UNIDAD)}]

    async def test_others_see_those_of_the_flat_they_lived_in(self, api: Api, sorteo: Sorteo) -> None:
        await presentar(api, sorteo, quien=VECINO)
        await presentar(api, sorteo)
        for quien, folios in ((RESIDENTE, [2]), (CONVIVE, [2]), (VECINO, [1]), (SIN_RESIDENTE, [])):
            items = (await api.ver(f"/{sorteo.id}/reclamos", quien))["items"]
            assert [(r["folio"], r["unidades"]) for r in items] == [(folio, None) for folio in folios]
        nuevo = principal(Rol.residente, PydanticObjectId())
        assert nuevo.residente_id is not None
        api.casa.padron.viven[nuevo.residente_id] = [UNIDAD]
        assert (await api.ver(f"/{sorteo.id}/reclamos", nuevo))["items"] == []

    async def test_by_state_and_in_pages(self, api: Api, sorteo: Sorteo) -> None:
        reclamos = [await presentar(api, sorteo) for _ in range(3)]
        await responder(api, sorteo, reclamos[1], NEGADO)
        ruta = f"/{sorteo.id}/reclamos"
        assert [r["folio"] for r in (await api.ver(ruta, params={"estado": "negado"}))["items"]] == [2]
        pagina = await api.ver(ruta, params={"limite": 2})
        assert [r["folio"] for r in pagina["items"]] == [1, 2]
        resto = await api.ver(ruta, params={"limite": 2, "cursor": pagina["siguiente"]})
        assert [r["folio"] for r in resto["items"]] == [3]


class TestResponder:
    async def test_once(self, api: Api, sorteo: Sorteo) -> None:
        reclamo = await presentar(api, sorteo)
        primera = await responder(api, sorteo, reclamo, NEGADO)
        assert primera.status_code == 200
        assert primera.json().items() >= NEGADO.items()
        assert primera.json()["respondido_en"] is not None
        assert (await responder(api, sorteo, reclamo, NEGADO)).json() == primera.json()
        for otra in (NEGADO | {"estado": "aceptado"}, NEGADO | {"respuesta": "Otra cosa."}):
            assert problema(await responder(api, sorteo, reclamo, otra)) == (409, "reclamo_respondido")
        visto = (await api.ver(f"/{sorteo.id}/reclamos", RESIDENTE))["items"]
        assert visto == [primera.json() | {"unidades": None}]

    async def test_of_two_answers_at_once_one_stands(self, api: Api, sorteo: Sorteo) -> None:
        reclamo = await presentar(api, sorteo)
        datos = [NEGADO, {"estado": "aceptado", "respuesta": "Se repitió la lectura."}]
        codigos = [r.status_code for r in await asyncio.gather(*(responder(api, sorteo, reclamo, d) for d in datos))]
        assert sorted(codigos) == [200, 409]
        assert len(api.casa.avisos.de("reclamo_negado") + api.casa.avisos.de("reclamo_aceptado")) == 2

    async def test_those_of_the_flat_are_told_once(self, api: Api, sorteo: Sorteo) -> None:
        reclamo = await presentar(api, sorteo)
        for _ in range(2):
            await responder(api, sorteo, reclamo, NEGADO)
        dichos = [(a, d["motivo"]) for tipo, a, d in api.casa.avisos.dichos if tipo == "reclamo_negado"]
        assert sorted(dichos) == sorted((q.residente_id, NEGADO["respuesta"]) for q in (RESIDENTE, CONVIVE))

    async def test_of_another_draw(self, api: Api, sorteo: Sorteo) -> None:
        reclamo = await presentar(api, sorteo)
        otro = await api.casa.borrador()
        assert problema(await responder(api, otro, reclamo, NEGADO)) == (404, "no_encontrado")

    @pytest.mark.parametrize(
        ("datos", "campo"),
        [
            ({"estado": "presentado", "respuesta": "x"}, "estado"),
            ({"estado": "negado"}, "respuesta"),
            ({"estado": "negado", "respuesta": ""}, "respuesta"),
            ({"respuesta": "x"}, "estado"),
        ],
    )
    async def test_refused(self, api: Api, sorteo: Sorteo, datos: Any, campo: str) -> None:
        respuesta = await responder(api, sorteo, await presentar(api, sorteo), datos)
        assert [e["campo"] for e in respuesta.json()["errores"]] == [campo]
