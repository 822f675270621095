"""Minutes over HTTP: who reads and writes them, when, and what they say."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from app.core.processes import en_otro_proceso
from app.core.security import Principal
from app.modules.sorteo.acta import service
from app.modules.sorteo.acta.impreso import Pliego
from app.modules.sorteo.models import Sorteo
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.factories import ADMIN, AUDITOR, ENTROPIA, OPERADOR, RESIDENTE, TRAS_LA_VIGENCIA

FORMATOS = ("pdf", "csv", "xlsx")
PERSONAL = (ADMIN, OPERADOR, AUDITOR)
ACTA: dict[str, Any] = {
    "asistentes": ["Personera Suárez", "=2+5"],
    "incidencias": "Se fue la luz.\n@SUM(A1)",
    "firmantes": [{"nombre": "Elisa Robles", "cargo": "+Administradora"}],
}
VACIA: dict[str, Any] = {"asistentes": [], "incidencias": None, "firmantes": []}


@pytest.fixture
def pliegos(monkeypatch: pytest.MonkeyPatch) -> list[Pliego]:
    """What went to the press."""
    vistos: list[Pliego] = []

    async def mirando(hacer: Callable[[Pliego], bytes], pliego: Pliego) -> bytes:
        vistos.append(pliego)
        return await en_otro_proceso(hacer, pliego)

    monkeypatch.setattr(service, "en_otro_proceso", mirando)
    return vistos


@pytest.fixture
async def sorteo(api: Api) -> Sorteo:
    """Run, not published: five asked for two spaces, one of which looks like a formula."""
    await api.casa.espacios("A-1", "=A2")
    return await api.casa.ejecutado(5)


async def bajar(api: Api, sorteo: Sorteo, formato: str, quien: Principal | None = ADMIN) -> httpx.Response:
    return await api.pedir("GET", f"/{sorteo.id}/acta", quien, params={"formato": formato})


async def en_csv(api: Api, sorteo: Sorteo) -> list[list[str]]:
    respuesta = await bajar(api, sorteo, "csv")
    assert respuesta.status_code == 200, respuesta.text
    return list(csv.reader(io.StringIO(respuesta.content.decode("utf-8-sig"), newline="")))


async def hoja(api: Api, sorteo: Sorteo) -> str:
    respuesta = await bajar(api, sorteo, "xlsx")
    with zipfile.ZipFile(io.BytesIO(respuesta.content)) as libro:
        return libro.read("xl/worksheets/sheet1.xml").decode()


async def escribir(api: Api, sorteo: Sorteo, acta: Any, quien: Principal | None = ADMIN) -> httpx.Response:
    return await api.pedir("PUT", f"/{sorteo.id}/acta", quien, acta)


class TestQuien:
    async def test_writing_is_for_admins(self, api: Api, sorteo: Sorteo) -> None:
        assert (await escribir(api, sorteo, ACTA, None)).status_code == 401
        for quien in (OPERADOR, AUDITOR, RESIDENTE):
            assert problema(await escribir(api, sorteo, ACTA, quien)) == (403, "rol_insuficiente")

    @pytest.mark.parametrize("formato", FORMATOS)
    async def test_a_draft_is_for_staff(self, api: Api, sorteo: Sorteo, formato: str) -> None:
        assert (await bajar(api, sorteo, formato, None)).status_code == 401
        assert problema(await bajar(api, sorteo, formato, RESIDENTE)) == (404, "no_disponible")
        for quien in PERSONAL:
            assert (await bajar(api, sorteo, formato, quien)).status_code == 200

    @pytest.mark.parametrize("formato", FORMATOS)
    async def test_published_it_is_for_everybody(self, api: Api, sorteo: Sorteo, formato: str) -> None:
        await api.casa.publicacion.publicar(sorteo.oid)
        for quien in (*PERSONAL, RESIDENTE):
            assert (await bajar(api, sorteo, formato, quien)).status_code == 200


class TestCuando:
    @pytest.mark.parametrize("paso", ["borrador", "abierto", "cerrado", "por_ejecutar"])
    async def test_not_before_it_has_run(self, api: Api, paso: str) -> None:
        sorteo = await getattr(api.casa, paso)()
        assert problema(await escribir(api, sorteo, ACTA)) == (409, "transicion_invalida")
        for quien in PERSONAL:
            assert problema(await bajar(api, sorteo, "csv", quien)) == (404, "no_disponible")

    async def test_an_annulled_one_that_never_ran(self, api: Api) -> None:
        sorteo = await api.casa.abierto()
        await api.pedir("POST", f"/{sorteo.id}/anular", json={"motivo": "x"})
        assert problema(await bajar(api, sorteo, "csv")) == (404, "no_disponible")

    async def test_written_again_until_the_draw_ends(self, api: Api, sorteo: Sorteo) -> None:
        assert (await escribir(api, sorteo, ACTA)).status_code == 200
        await api.casa.publicacion.publicar(sorteo.oid)
        otra = VACIA | {"asistentes": ["Otro"]}
        assert (await escribir(api, sorteo, otra)).status_code == 200
        filas = await en_csv(api, sorteo)
        assert [fila[1:] for fila in filas if fila[:1] == ["asistente"]] == [["Otro"]]
        assert not any(fila[:1] in (["incidencias"], ["firmante"]) for fila in filas)
        api.casa.reloj.poner(TRAS_LA_VIGENCIA)
        assert (await api.pedir("POST", f"/{sorteo.id}/finalizar")).status_code == 200
        assert problema(await escribir(api, sorteo, ACTA)) == (409, "transicion_invalida")
        assert await en_csv(api, sorteo) == filas

    async def test_the_mark(self, api: Api, sorteo: Sorteo, pliegos: list[Pliego]) -> None:
        borrador = ["estado del acta", "BORRADOR: el sorteo no se ha publicado"]
        await bajar(api, sorteo, "pdf")
        assert (pliegos[-1].datos["sello"], pliegos[-1].datos["marca"]) == ("BORRADOR", borrador[1])
        assert borrador in await en_csv(api, sorteo)
        assert borrador[1] in await hoja(api, sorteo)
        await api.casa.publicacion.publicar(sorteo.oid)
        await bajar(api, sorteo, "pdf")
        assert (pliegos[-1].datos["sello"], pliegos[-1].datos["marca"]) == (None, None)
        assert not any(fila[:1] == borrador[:1] for fila in await en_csv(api, sorteo))
        assert "BORRADOR" not in await hoja(api, sorteo)

    async def test_an_annulled_one_says_so_and_is_for_staff(self, api: Api, sorteo: Sorteo) -> None:
        api.casa.cuentas.confirmadores = {AUDITOR.usuario_id}
        await api.pedir("POST", f"/{sorteo.id}/anular", json={"motivo": "x"})
        respuesta = await api.pedir("POST", f"/{sorteo.id}/anular/confirmar", AUDITOR)
        assert respuesta.json()["estado"] == "anulado"
        assert ["estado del acta", "SORTEO ANULADO: este resultado no vale"] in await en_csv(api, sorteo)
        assert problema(await bajar(api, sorteo, "csv", RESIDENTE)) == (404, "no_disponible")
        assert problema(await escribir(api, sorteo, ACTA)) == (409, "transicion_invalida")


class TestEscribir:
    async def test_what_was_written_is_answered(self, api: Api, sorteo: Sorteo) -> None:
        respuesta = await escribir(api, sorteo, ACTA)
        escrita = respuesta.json().pop("escrita_en")
        assert respuesta.json() == ACTA | {"sorteo_id": str(sorteo.id), "escrita_en": escrita}

    @pytest.mark.parametrize(
        ("cambio", "campo"),
        [
            ({"asistentes": ["x"] * 51}, "asistentes"),
            ({"asistentes": [""]}, "asistentes.0"),
            ({"asistentes": ["x" * 121]}, "asistentes.0"),
            ({"asistentes": ["dos\nlíneas"]}, "asistentes.0"),
            ({"firmantes": [{"nombre": "x", "cargo": "y"}] * 51}, "firmantes"),
            ({"firmantes": [{"nombre": "x"}]}, "firmantes.0.cargo"),
            ({"incidencias": "x" * 4001}, "incidencias"),
            ({"incidencias": ""}, "incidencias"),
        ],
    )
    async def test_refused(self, api: Api, sorteo: Sorteo, cambio: dict[str, Any], campo: str) -> None:
        respuesta = await escribir(api, sorteo, VACIA | cambio)
        assert problema(respuesta) == (422, "entrada_invalida")
        assert [e["campo"] for e in respuesta.json()["errores"]] == [campo]


class TestContenido:
    async def test_all_that_is_checked_is_in_all_formats(self, api: Api, sorteo: Sorteo, pliegos: list[Pliego]) -> None:
        """The audit's head is the one that `verificacion` shows."""
        api.casa.auditoria.n = 7
        visto = await api.ver(f"/{sorteo.id}/verificacion", None)
        esperado = {
            campo: visto[campo]
            for campo in ("huella_reglas", "compromiso", "huella", "huella_padron", "secreto", "semilla")
        }
        esperado |= {"fuente": visto["fuente"], "entropia": ENTROPIA, "huella_resultado": visto["huella_resultado"]}
        esperado |= {"auditoría": f"{visto['auditoria']['n']}:{visto['auditoria']['mac']}"}
        filas = await en_csv(api, sorteo)
        assert esperado.items() <= {fila[0]: fila[1] for fila in filas if len(fila) == 2}.items()
        assert [fila[1] for fila in filas if fila[:1] == ["comprobación"]] == visto["comandos"]
        await bajar(api, sorteo, "pdf")
        (pliego,) = pliegos
        assert dict(pliego.datos["pruebas"]) == esperado
        assert list(pliego.datos["comandos"]) == visto["comandos"]
        texto = await hoja(api, sorteo)
        assert all(valor in texto for valor in esperado.values())

    async def test_heads_of_steps(self, api: Api) -> None:
        api.casa.auditoria.n = 3
        sorteo = await api.casa.ejecutado(1)
        filas = await en_csv(api, sorteo)
        assert {fila[0]: fila[1] for fila in filas if fila and fila[0].startswith("auditoría")} == {
            "auditoría al cerrar": f"3:{3:064x}",
            "auditoría al ejecutar": f"3:{3:064x}",
            "auditoría": f"3:{3:064x}",
        }

    async def test_the_result_by_position(self, api: Api, sorteo: Sorteo, pliegos: list[Pliego]) -> None:
        publicas = (await api.ver(f"/{sorteo.id}/resultados", RESIDENTE))["items"]
        columnas = ["posicion", "folio", "espacio", "espera", "numero"]
        filas = await en_csv(api, sorteo)
        tabla = filas[filas.index(columnas) :]
        protegidas = [[("'=A2" if p[c] == "=A2" else str(p[c] or "")) for c in columnas] for p in publicas]
        assert tabla == [columnas, *protegidas]
        assert {"A-1", "'=A2"} < {fila[2] for fila in tabla}
        await bajar(api, sorteo, "pdf")
        assert pliegos[0].datos["filas"] == [tuple(p[c] for c in columnas) for p in publicas]

    async def test_no_formula_in_any_cell(self, api: Api, sorteo: Sorteo) -> None:
        await escribir(api, sorteo, ACTA)
        filas = await en_csv(api, sorteo)
        assert ["asistente", "'=2+5"] in filas
        assert ["firmante", "Elisa Robles", "'+Administradora"] in filas
        assert not [celda for fila in filas for celda in fila if celda.startswith(("=", "+", "-", "@", "\t", "\r"))]
        xml = await hoja(api, sorteo)
        assert "<f>" not in xml
        assert "=2+5" in xml
        assert "=A2" in xml

    async def test_no_flat_and_no_resident(self, api: Api, sorteo: Sorteo, pliegos: list[Pliego]) -> None:
        """Not for staff either: what they keep on paper is seen by others."""
        todas = await api.casa.solicitudes.todas(sorteo.oid)
        ajenos = [str(id) for s in todas for id in (s.unidad_id, s.residente_id, s.id)]
        await bajar(api, sorteo, "pdf")
        textos = [repr(pliegos[0].datos), await hoja(api, sorteo), repr(await en_csv(api, sorteo))]
        assert not [ajeno for ajeno in ajenos for texto in textos if ajeno in texto]
        assert set(api.casa.padron.consultas) & {("nombres", 5)} == set()

    async def test_it_is_a_pdf_by_default(self, api: Api, sorteo: Sorteo) -> None:
        await escribir(api, sorteo, ACTA | {"incidencias": "#panic() $x$ " + "sinfin" * 300})
        respuesta = await api.pedir("GET", f"/{sorteo.id}/acta")
        assert respuesta.content.startswith(b"%PDF-")
        assert respuesta.headers["content-type"] == "application/pdf"
        assert respuesta.headers["content-disposition"] == f'attachment; filename="acta-{sorteo.id}.pdf"'

    async def test_a_result_too_long_for_paper(
        self, api: Api, sorteo: Sorteo, pliegos: list[Pliego], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "MAX_FILAS", 4)
        largo = await bajar(api, sorteo, "pdf")
        assert largo.content.startswith(b"%PDF-")
        assert (pliegos[0].datos["filas"], pliegos[0].datos["total"]) == (None, 5)
        assert len(re.findall(r"<row ", await hoja(api, sorteo))) > 5

    async def test_another_format(self, api: Api, sorteo: Sorteo) -> None:
        respuesta = await bajar(api, sorteo, "docx")
        assert [e["campo"] for e in respuesta.json()["errores"]] == ["formato"]
