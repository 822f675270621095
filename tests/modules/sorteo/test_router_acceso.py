"""Who may make each call: a table of all of them, so that none is forgotten."""

import pytest

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
    @pytest.mark.parametrize(("metodo", "ruta"), CON_CUENTA)
    async def test_401(self, api: Api, metodo: str, ruta: str) -> None:
        respuesta = await api.pedir(metodo, ruta, None)
        assert respuesta.status_code == 401
        assert respuesta.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize(("metodo", "ruta"), PUBLICAS)
    async def test_public(self, api: Api, metodo: str, ruta: str) -> None:
        assert problema(await api.pedir(metodo, ruta, None)) == (404, "no_encontrado")


class TestRol:
    """Judged before the body, which is missing here."""

    @pytest.mark.parametrize(("metodo", "ruta"), DE_ADMIN + DE_ADMIN_O_AUDITOR)
    async def test_draws_are_no_business_of_others(self, api: Api, metodo: str, ruta: str) -> None:
        for quien in (OPERADOR, RESIDENTE):
            assert problema(await api.pedir(metodo, ruta, quien)) == (403, "rol_insuficiente")

    @pytest.mark.parametrize(("metodo", "ruta"), DE_ADMIN)
    async def test_auditors_take_no_step(self, api: Api, metodo: str, ruta: str) -> None:
        assert problema(await api.pedir(metodo, ruta, AUDITOR)) == (403, "rol_insuficiente")

    @pytest.mark.parametrize(("metodo", "ruta"), DE_PERSONAL)
    async def test_residents_are_no_staff(self, api: Api, metodo: str, ruta: str) -> None:
        assert problema(await api.pedir(metodo, ruta, RESIDENTE)) == (403, "rol_insuficiente")
        for quien in (OPERADOR, AUDITOR):
            assert (await api.pedir(metodo, ruta, quien)).status_code in (200, 404)

    @pytest.mark.parametrize(("metodo", "ruta"), PROPIAS)
    async def test_own_calls_need_a_resident(self, api: Api, metodo: str, ruta: str) -> None:
        if ID in ruta and "asignaciones" not in ruta:
            ruta = ruta.replace(ID, str((await api.casa.abierto()).id))
            if "resultados" in ruta:
                return  # judged after whether there are any: see test_resultados
        for quien in (ADMIN, OPERADOR, SIN_RESIDENTE):
            assert problema(await api.pedir(metodo, ruta, quien)) == (404, "sin_residente")


class TestAusente:
    @pytest.mark.parametrize(("metodo", "ruta"), [fila for fila in CON_CUENTA if ID in fila[1]])
    async def test_404(self, api: Api, metodo: str, ruta: str) -> None:
        quien = RESIDENTE if (metodo, ruta) in PROPIAS else ADMIN
        cuerpo = {} if metodo == "PATCH" else CUERPOS.get(ruta.rsplit("/", 1)[-1])
        assert problema(await api.pedir(metodo, ruta, quien, cuerpo)) == (404, "no_encontrado")

    @pytest.mark.parametrize(("metodo", "ruta"), [fila for fila in CON_CUENTA + PUBLICAS if ID in fila[1]])
    async def test_a_malformed_id(self, api: Api, metodo: str, ruta: str) -> None:
        quien = RESIDENTE if (metodo, ruta) in PROPIAS else ADMIN
        cuerpo = {} if metodo == "PATCH" else CUERPOS.get(ruta.rsplit("/", 1)[-1])
        respuesta = await api.pedir(metodo, ruta.replace(ID, "nada"), quien, cuerpo)
        assert problema(respuesta) == (422, "entrada_invalida")
        assert respuesta.json()["errores"][0]["campo"] == "id"


async def test_the_schema_of_moments_is_kept(api: Api) -> None:
    """A body that is right but for one field names that field."""
    cuerpo = cuerpo_sorteo(cierre=instante(api.casa.reloj.instante)[:-1])
    respuesta = await api.pedir("POST", "", json=cuerpo)
    assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("cierre", "instante_invalido")]
