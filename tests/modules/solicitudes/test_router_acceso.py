"""Who may make each call: a table of all of them, so that none is forgotten."""

import pytest

from app.core.security import Principal
from tests.modules.solicitudes.conftest import Api
from tests.modules.solicitudes.mesa import ADMIN, AUDITOR, OPERADOR

ID = "0" * 24
DE_TODOS = [("GET", "/solicitudes"), ("GET", f"/solicitudes/{ID}"), ("GET", f"/solicitudes/{ID}/historial")]
DE_RESIDENTES_Y_PERSONAL = [
    ("POST", "/solicitudes"),
    ("PATCH", f"/solicitudes/{ID}"),
    ("PATCH", f"/solicitudes/{ID}/estado"),
]
DE_PERSONAL = [
    ("GET", "/solicitudes/resumen"),
    ("POST", "/solicitudes/estado"),
    ("POST", f"/solicitudes/{ID}/prorroga"),
    ("GET", f"/sorteo/{ID}/espera"),
    ("POST", f"/sorteo/{ID}/liberar"),
]
TODAS = DE_TODOS + DE_RESIDENTES_Y_PERSONAL + DE_PERSONAL


async def test_every_operation_is_in_the_table(api: Api) -> None:
    """What is declared, with ids filled in, is what is listed above."""
    caminos = (await api.cliente.get("/api/v1/openapi.json")).json()["paths"]
    declaradas = {
        (metodo.upper(), camino.removeprefix("/api/v1").format(id=ID))
        for camino, operaciones in caminos.items()
        for metodo in operaciones
    }
    assert declaradas == set(TODAS)


class TestAnonimo:
    @pytest.mark.parametrize(("metodo", "ruta"), TODAS)
    async def test_401(self, api: Api, metodo: str, ruta: str) -> None:
        respuesta = await api.pedir(metodo, ruta, None)
        assert (respuesta.status_code, respuesta.headers["www-authenticate"]) == (401, "Bearer")


class TestRol:
    @pytest.mark.parametrize(("metodo", "ruta"), DE_PERSONAL)
    async def test_residents_are_no_staff(self, api: Api, residente: Principal, metodo: str, ruta: str) -> None:
        """Judged before the body, which is missing here."""
        respuesta = await api.pedir(metodo, ruta, residente)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (403, "rol_insuficiente")

    @pytest.mark.parametrize(("metodo", "ruta"), TODAS)
    async def test_auditors_only_read(self, api: Api, metodo: str, ruta: str) -> None:
        respuesta = await api.pedir(metodo, ruta, AUDITOR)
        assert (respuesta.status_code == 403) == (metodo != "GET")

    @pytest.mark.parametrize(("metodo", "ruta"), TODAS)
    @pytest.mark.parametrize("quien", [ADMIN, OPERADOR])
    async def test_staff_all(self, api: Api, quien: Principal, metodo: str, ruta: str) -> None:
        assert (await api.pedir(metodo, ruta, quien)).status_code in {200, 404, 415}

    @pytest.mark.parametrize(("metodo", "ruta"), DE_TODOS + DE_RESIDENTES_Y_PERSONAL)
    async def test_residents(self, api: Api, residente: Principal, metodo: str, ruta: str) -> None:
        assert (await api.pedir(metodo, ruta, residente)).status_code in {200, 404, 415}
