"""Who may make each call: a table of all of them, so that none is forgotten."""

import httpx
import pytest

from app.core.security import Principal
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.factories import (
    ADMIN,
    AUDITOR,
    AUSENTE,
    OPERADOR,
    RESIDENTE,
    SIN_RESIDENTE,
    cuerpo_sorteo,
    instante,
)

ID = str(AUSENTE)
DE_ADMIN = [
    ("POST", ""),
    ("PATCH", f"/{ID}"),
    ("POST", f"/{ID}/abrir"),
    ("POST", f"/{ID}/prorrogar"),
    ("POST", f"/{ID}/cerrar"),
    ("POST", f"/{ID}/reabrir"),
    ("POST", f"/{ID}/ejecutar"),
    ("POST", f"/{ID}/publicar"),
    ("POST", f"/{ID}/finalizar"),
    ("POST", f"/{ID}/anular"),
    ("PUT", f"/{ID}/acta"),
    ("POST", f"/asignaciones/{ID}/revocar"),
]
DE_ADMIN_O_AUDITOR = [("POST", f"/{ID}/anular/confirmar")]
DE_PERSONAL = [("GET", f"/{ID}/evaluacion"), ("GET", "/asignaciones")]
DE_TODOS = [
    ("GET", ""),
    ("GET", f"/{ID}"),
    ("GET", f"/{ID}/reglas"),
    ("GET", f"/{ID}/bases"),
    ("GET", f"/{ID}/resultado"),
    ("GET", f"/{ID}/resultados"),
    ("GET", f"/{ID}/exclusiones"),
    ("GET", f"/{ID}/acta"),
]
PROPIAS = [
    ("GET", f"/{ID}/evaluacion/yo"),
    ("GET", f"/{ID}/resultados/yo"),
    ("GET", "/asignaciones/yo"),
    ("POST", f"/asignaciones/{ID}/devolver"),
]
PUBLICAS = [("GET", f"/{ID}/verificacion")]
CON_CUENTA = DE_ADMIN + DE_ADMIN_O_AUDITOR + DE_PERSONAL + DE_TODOS + PROPIAS
CUERPOS = {
    "": cuerpo_sorteo(),
    "prorrogar": {"cierre": "2026-03-05T00:00:00Z", "motivo": "x"},
    "reabrir": {"motivo": "x"},
    "anular": {"motivo": "x"},
    "revocar": {"motivo": "x"},
    "ejecutar": {},
    "acta": {"asistentes": [], "incidencias": None, "firmantes": []},
}


async def test_every_operation_is_in_the_table(api: Api) -> None:
    caminos = (await api.cliente.get("/api/v1/openapi.json")).json()["paths"]
    declaradas = {
        (metodo.upper(), camino.removeprefix("/api/v1/sorteo").format(id=ID))
        for camino, operaciones in caminos.items()
        for metodo in operaciones
    }
    assert declaradas == {*CON_CUENTA, *PUBLICAS}


class TestAnonimo:
    async def test_401(self, api: Api) -> None:
        for metodo, ruta in CON_CUENTA:
            respuesta = await api.pedir(metodo, ruta, None)
            assert respuesta.status_code == 401, (metodo, ruta)
            assert respuesta.headers["www-authenticate"] == "Bearer"

    async def test_public(self, api: Api) -> None:
        for metodo, ruta in PUBLICAS:
            assert problema(await api.pedir(metodo, ruta, None)) == (404, "no_encontrado"), (metodo, ruta)


class TestRol:
    """Judged before the body, which is missing here."""

    @pytest.mark.parametrize("quien", [OPERADOR, RESIDENTE])
    async def test_draws_are_no_business_of_others(self, api: Api, quien: Principal) -> None:
        for metodo, ruta in DE_ADMIN + DE_ADMIN_O_AUDITOR:
            assert problema(await api.pedir(metodo, ruta, quien)) == (403, "rol_insuficiente"), (metodo, ruta)

    async def test_auditors_take_no_step(self, api: Api) -> None:
        for metodo, ruta in DE_ADMIN:
            assert problema(await api.pedir(metodo, ruta, AUDITOR)) == (403, "rol_insuficiente"), (metodo, ruta)

    async def test_residents_are_no_staff(self, api: Api) -> None:
        for metodo, ruta in DE_PERSONAL:
            assert problema(await api.pedir(metodo, ruta, RESIDENTE)) == (403, "rol_insuficiente"), (metodo, ruta)
            for quien in (OPERADOR, AUDITOR):
                assert (await api.pedir(metodo, ruta, quien)).status_code in (200, 404), (metodo, ruta)

    async def test_own_calls_need_a_resident(self, api: Api) -> None:
        """Those of a draw say first whether there is anything: it has run."""
        sorteo = await api.casa.ejecutado(1)
        for metodo, ruta in PROPIAS:
            propia = ruta if "asignaciones" in ruta else ruta.replace(ID, str(sorteo.id))
            for quien in (ADMIN, OPERADOR, SIN_RESIDENTE):
                assert problema(await api.pedir(metodo, propia, quien)) == (404, "sin_residente"), (metodo, ruta)


class TestAusente:
    async def test_404(self, api: Api) -> None:
        for metodo, ruta in CON_CUENTA:
            if ID in ruta:
                respuesta = await self.pedir(api, metodo, ruta)
                assert problema(respuesta) == (404, "no_encontrado"), (metodo, ruta)

    async def test_a_malformed_id(self, api: Api) -> None:
        for metodo, ruta in CON_CUENTA + PUBLICAS:
            if ID in ruta:
                respuesta = await self.pedir(api, metodo, ruta.replace(ID, "nada"))
                assert problema(respuesta) == (422, "entrada_invalida"), (metodo, ruta)
                assert respuesta.json()["errores"][0]["campo"] == "id"

    async def pedir(self, api: Api, metodo: str, ruta: str) -> httpx.Response:
        """As somebody who may, with a body that is right."""
        quien = RESIDENTE if "/yo" in ruta or "devolver" in ruta else ADMIN
        cuerpo = {} if metodo == "PATCH" else CUERPOS.get(ruta.rsplit("/", 1)[-1])
        return await api.pedir(metodo, ruta, quien, cuerpo)


async def test_the_schema_of_moments_is_kept(api: Api) -> None:
    """A body that is right but for one field names that field."""
    cuerpo = cuerpo_sorteo(cierre=instante(api.casa.reloj.instante)[:-1])
    respuesta = await api.pedir("POST", "", json=cuerpo)
    assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("cierre", "instante_invalido")]
