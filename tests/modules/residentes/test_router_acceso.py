"""Who may make each call: a table of all of them, so that none is forgotten."""

import pytest

from app.core.security import Principal, Rol
from tests.modules.residentes.conftest import Api
from tests.modules.residentes.factories import ADMIN, AUDITOR, OPERADOR, principal

ID = "0" * 24
RESIDENTE = principal(Rol.residente)
DE_PERSONAL = [
    ("GET", "/unidades"),
    ("POST", "/unidades"),
    ("POST", "/unidades/importar"),
    ("GET", f"/unidades/{ID}"),
    ("PATCH", f"/unidades/{ID}"),
    ("DELETE", f"/unidades/{ID}"),
    ("POST", f"/unidades/{ID}/vehiculos"),
    ("PATCH", f"/unidades/{ID}/vehiculos/{ID}"),
    ("DELETE", f"/unidades/{ID}/vehiculos/{ID}"),
    ("POST", "/paz-y-salvo"),
    ("GET", "/resumen"),
    ("GET", ""),
    ("POST", ""),
    ("GET", f"/{ID}"),
    ("PATCH", f"/{ID}"),
    ("DELETE", f"/{ID}"),
    ("PUT", f"/{ID}/condiciones/discapacidad"),
]
PROPIAS = [
    ("GET", "/yo"),
    ("PATCH", "/yo"),
    ("GET", "/yo/unidades"),
    ("POST", f"/yo/unidades/{ID}/vehiculos"),
    ("PATCH", f"/yo/unidades/{ID}/vehiculos/{ID}"),
    ("DELETE", f"/yo/unidades/{ID}/vehiculos/{ID}"),
    ("POST", "/yo/condiciones"),
]


async def test_every_operation_is_in_the_table(api: Api) -> None:
    """What is declared, with ids and codes filled in, is what is listed above."""
    caminos = (await api.cliente.get("/api/v1/openapi.json")).json()["paths"]
    declaradas = {
        (metodo.upper(), camino.removeprefix("/api/v1/residentes").format(id=ID, vid=ID, codigo="discapacidad"))
        for camino, operaciones in caminos.items()
        for metodo in operaciones
    }
    assert declaradas == {*DE_PERSONAL, *PROPIAS}


class TestAnonimo:
    @pytest.mark.parametrize(("metodo", "ruta"), DE_PERSONAL + PROPIAS)
    async def test_401(self, api: Api, metodo: str, ruta: str) -> None:
        respuesta = await api.pedir(metodo, ruta, None)
        assert respuesta.status_code == 401
        assert respuesta.headers["www-authenticate"] == "Bearer"


class TestRol:
    @pytest.mark.parametrize(("metodo", "ruta"), DE_PERSONAL)
    async def test_residents_are_no_staff(self, api: Api, metodo: str, ruta: str) -> None:
        """Judged before the body, which is missing here."""
        respuesta = await api.pedir(metodo, ruta, RESIDENTE)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (403, "rol_insuficiente")

    @pytest.mark.parametrize(("metodo", "ruta"), DE_PERSONAL + PROPIAS)
    async def test_auditors_only_read(self, api: Api, metodo: str, ruta: str) -> None:
        respuesta = await api.pedir(metodo, ruta, AUDITOR)
        assert (respuesta.status_code == 403) == (metodo != "GET")

    @pytest.mark.parametrize("quien", [RESIDENTE, ADMIN, OPERADOR])
    async def test_own_calls_need_a_resident(self, api: Api, quien: Principal) -> None:
        for metodo, ruta in PROPIAS:
            cuerpos = {"PATCH": {}, "POST": {"tipo": "bicicleta"}}
            cuerpo = {"codigo": "x1", "persona": "titular"} if "condiciones" in ruta else cuerpos.get(metodo)
            respuesta = await api.pedir(metodo, ruta, quien, cuerpo)
            assert (respuesta.status_code, respuesta.json()["codigo"]) == (404, "sin_residente")
