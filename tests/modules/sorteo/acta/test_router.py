"""Minutes over HTTP: who reads and writes them, when, and what they say."""

import csv
import hashlib
import io
import re
import zipfile
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from beanie import PydanticObjectId

from app.core.security import Principal
from app.modules.sorteo.acta import service
from app.modules.sorteo.acta.impreso import Pliego
from app.modules.sorteo.models import Sorteo
from tests.conftest import INICIO
from tests.loteria import instante
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.dobles import ConjuntoDePrueba
from tests.modules.sorteo.factories import ADMIN, AUDITOR, DISPONIBLE, ENTROPIA, OPERADOR, RESIDENTE, TRAS_LA_VIGENCIA

FORMATOS = ("pdf", "csv", "xlsx")
PERSONAL = (ADMIN, OPERADOR, AUDITOR)
ACTA: dict[str, Any] = {
    "asistentes": ["Personera Suárez", "=2+5"],
    "quorum": "61 % de los coeficientes",
    "incidencias": "Se fue la luz.\n@SUM(A1)",
    "firmantes": [{"nombre": "Elisa Robles", "cargo": "+Administradora"}],
}
VACIA: dict[str, Any] = {"asistentes": [], "incidencias": None, "firmantes": []}
BORRADOR = "Borrador: el sorteo no se ha publicado"


@pytest.fixture
async def sorteo(api: Api) -> Sorteo:
    """Run, not published: five asked for two spaces, one of which looks like a formula."""
    await api.casa.espacios("A-1", "=A2")
    return await api.casa.ejecutado(5)


async def bajar(
    api: Api, sorteo: Sorteo, formato: str, quien: Principal | None = ADMIN, idioma: str = "es"
) -> httpx.Response:
    cabeceras = {"Accept-Language": idioma}
    return await api.pedir("GET", f"/{sorteo.id}/acta", quien, params={"formato": formato}, headers=cabeceras)


async def en_csv(api: Api, sorteo: Sorteo, idioma: str = "es") -> list[list[str]]:
    respuesta = await bajar(api, sorteo, "csv", idioma=idioma)
    assert respuesta.status_code == 200, respuesta.text
    separador = ";" if idioma == "es" else ","
    return list(csv.reader(io.StringIO(respuesta.content.decode("utf-8-sig"), newline=""), delimiter=separador))


async def seccion(api: Api, sorteo: Sorteo, titulo: str) -> list[str]:
    return [fila[1] for fila in await en_csv(api, sorteo) if fila[:1] == [titulo]]


async def hoja(api: Api, sorteo: Sorteo) -> str:
    respuesta = await bajar(api, sorteo, "xlsx")
    with zipfile.ZipFile(io.BytesIO(respuesta.content)) as libro:
        return libro.read("xl/worksheets/sheet1.xml").decode()


async def escribir(api: Api, sorteo: Sorteo, acta: Any, quien: Principal | None = ADMIN) -> httpx.Response:
    return await api.pedir("PUT", f"/{sorteo.id}/acta", quien, acta)


class TestQuien:
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
        assert await seccion(api, sorteo, "Asistencia y quórum") == ["Asistieron:", "Otro"]
        assert await seccion(api, sorteo, "Incidencias") == ["No se anotaron incidencias."]
        assert await seccion(api, sorteo, "Firmas") == []
        api.casa.reloj.poner(TRAS_LA_VIGENCIA)
        assert (await api.pedir("POST", f"/{sorteo.id}/finalizar")).status_code == 200
        assert problema(await escribir(api, sorteo, ACTA)) == (409, "transicion_invalida")
        assert await seccion(api, sorteo, "Asistencia y quórum") == ["Asistieron:", "Otro"]

    async def test_the_mark(self, api: Api, sorteo: Sorteo, pliegos: list[Pliego]) -> None:
        await bajar(api, sorteo, "pdf")
        assert (pliegos[-1].datos["sello"], pliegos[-1].datos["marca"]) == ("BORRADOR", BORRADOR)
        assert [BORRADOR] in await en_csv(api, sorteo)
        assert BORRADOR in await hoja(api, sorteo)
        await api.casa.publicacion.publicar(sorteo.oid)
        await bajar(api, sorteo, "pdf")
        assert (pliegos[-1].datos["sello"], pliegos[-1].datos["marca"]) == (None, None)
        assert [BORRADOR] not in await en_csv(api, sorteo)
        assert "Borrador" not in await hoja(api, sorteo)

    async def test_an_annulled_one_says_so_and_is_for_staff(self, api: Api, sorteo: Sorteo) -> None:
        api.casa.cuentas.confirmadores = {AUDITOR.usuario_id}
        await api.pedir("POST", f"/{sorteo.id}/anular", json={"motivo": "Se cayó la lista."})
        respuesta = await api.pedir("POST", f"/{sorteo.id}/anular/confirmar", AUDITOR)
        assert respuesta.json()["estado"] == "anulado"
        assert ["Sorteo anulado: este resultado no vale"] in await en_csv(api, sorteo)
        *_, pedida, anulado = await seccion(api, sorteo, "Desarrollo")
        assert pedida.endswith("se pidió anular el sorteo. Motivo: Se cayó la lista.")
        assert anulado.endswith("el sorteo quedó anulado.")
        assert problema(await bajar(api, sorteo, "csv", RESIDENTE)) == (404, "no_disponible")
        assert problema(await escribir(api, sorteo, ACTA)) == (409, "transicion_invalida")

    async def test_one_annulled_after_it_was_published_stays_readable(self, api: Api, sorteo: Sorteo) -> None:
        await api.casa.publicacion.publicar(sorteo.oid)
        api.casa.cuentas.confirmadores = {AUDITOR.usuario_id}
        await api.pedir("POST", f"/{sorteo.id}/anular", json={"motivo": "Se cayó la lista."})
        await api.pedir("POST", f"/{sorteo.id}/anular/confirmar", AUDITOR)
        leida = await bajar(api, sorteo, "csv", RESIDENTE)
        assert leida.status_code == 200
        assert "Sorteo anulado: este resultado no vale" in leida.text


class TestEscribir:
    async def test_what_was_written_is_answered(self, api: Api, sorteo: Sorteo) -> None:
        respuesta = await escribir(api, sorteo, ACTA)
        escrita = respuesta.json().pop("escrita_en")
        assert respuesta.json() == ACTA | {"sorteo_id": str(sorteo.id), "escrita_en": escrita}

    async def test_the_quorum_may_be_left_out(self, api: Api, sorteo: Sorteo) -> None:
        assert (await escribir(api, sorteo, VACIA)).json()["quorum"] is None

    @pytest.mark.parametrize(
        ("cambio", "campo"),
        [
            ({"asistentes": ["x"] * 51}, "asistentes"),
            ({"asistentes": [""]}, "asistentes.0"),
            ({"asistentes": ["x" * 121]}, "asistentes.0"),
            ({"asistentes": ["dos\nlíneas"]}, "asistentes.0"),
            ({"quorum": ""}, "quorum"),
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
        visto = await api.ver(f"/{sorteo.id}/verificacion", None)
        nombres = {
            "Huella de las reglas": visto["huella_reglas"],
            "Huella del secreto": visto["compromiso"],
            "Huella de las bases": visto["huella"],
            "Huella del padrón": visto["huella_padron"],
            "Fuente del número": visto["fuente"],
            "Número público": ENTROPIA,
            "Secreto": visto["secreto"],
            "Semilla": visto["semilla"],
            "Huella del resultado": visto["huella_resultado"],
        }
        filas = await en_csv(api, sorteo)
        assert nombres.items() <= {fila[0]: fila[1] for fila in filas if len(fila) == 2}.items()
        comandos = [fila[1] for fila in filas if fila[:1] == ["Huellas y números, para quien compruebe"]]
        assert comandos == visto["comandos"]
        await bajar(api, sorteo, "pdf")
        (pliego,) = pliegos
        assert dict(pliego.datos["pruebas"]) == nombres
        assert list(pliego.datos["comandos"]) == visto["comandos"]
        texto = await hoja(api, sorteo)
        assert all(valor in texto for valor in nombres.values())

    async def test_heads_of_steps(self, api: Api) -> None:
        api.casa.auditoria.n = 3
        sorteo = await api.casa.ejecutado(1)
        filas = await en_csv(api, sorteo)
        assert {fila[0]: fila[1] for fila in filas if fila and fila[0].startswith("Auditoría")} == {
            "Auditoría al cerrar": f"3:{3:064x}",
            "Auditoría al ejecutar": f"3:{3:064x}",
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
        datos = pliegos[0].datos
        assert datos["con_espacio"] == [(p["posicion"], p["folio"], p["espacio"]) for p in publicas if p["espacio"]]
        esperan = [(p["espera"], p["folio"], p["posicion"]) for p in publicas if p["espera"]]
        assert datos["en_espera"] == sorted(esperan)

    async def test_no_formula_in_any_cell(self, api: Api, sorteo: Sorteo) -> None:
        await escribir(api, sorteo, ACTA)
        filas = await en_csv(api, sorteo)
        assert ["Asistencia y quórum", "'=2+5"] in filas
        assert ["Firmas", "Elisa Robles", "'+Administradora"] in filas
        assert not [celda for fila in filas for celda in fila if celda.startswith(("=", "+", "-", "@", "\t", "\r"))]
        xml = await hoja(api, sorteo)
        assert "<f>" not in xml
        assert "=2+5" in xml
        assert "=A2" in xml

    async def test_no_flat_and_no_resident(self, api: Api, sorteo: Sorteo, pliegos: list[Pliego]) -> None:
        """Not for staff either: what they keep on paper is seen by others. Nor with a claim."""
        unidad = PydanticObjectId()
        assert RESIDENTE.residente_id is not None
        api.casa.padron.viven[RESIDENTE.residente_id] = [unidad]
        await api.pedir("POST", f"/{sorteo.id}/reclamos", RESIDENTE, {"texto": "No oí"})
        api.casa.padron.consultas.clear()
        todas = await api.casa.solicitudes.todas(sorteo.oid)
        ajenos = [str(id) for s in todas for id in (s.unidad_id, s.residente_id, s.id)]
        ajenos += [str(unidad), str(RESIDENTE.residente_id)]
        await bajar(api, sorteo, "pdf")
        textos = [repr(pliegos[0].datos), await hoja(api, sorteo), repr(await en_csv(api, sorteo))]
        assert not [ajeno for ajeno in ajenos for texto in textos if ajeno in texto]
        assert api.casa.padron.consultas == []

    @pytest.mark.parametrize("idioma", ["es", "en"])
    async def test_by_flat_as_the_complex_chooses(
        self, api: Api, sorteo: Sorteo, pliegos: list[Pliego], idioma: str
    ) -> None:
        """Flats with their spaces, in the order of flats; and nothing beside them that tells a folio or a place."""
        api.casa.conjunto.datos = ConjuntoDePrueba(acta_por="unidad")
        filas = await api.casa.resultados(sorteo)
        ganan = sorted((f"1 · {f.unidad_id}", f.espacio) for f in filas if f.espacio is not None)
        esperan = sorted(f"1 · {f.unidad_id}" for f in filas if f.espacio is None)
        dichas = await en_csv(api, sorteo, idioma)
        tabla = dichas[dichas.index(["unidad", "espacio"]) + 1 :]
        protegidos = [[unidad, "'=A2" if espacio == "=A2" else espacio] for unidad, espacio in ganan]
        assert sorted(tabla[:2]) == protegidos
        assert sorted(tabla[2:]) == [[unidad, ""] for unidad in esperan]
        await bajar(api, sorteo, "pdf", idioma=idioma)
        datos = pliegos[0].datos
        assert sorted(datos["con_espacio"]) == ganan
        assert sorted(datos["en_espera"]) == [(unidad,) for unidad in esperan]
        textos = [repr(datos), await hoja(api, sorteo), repr(dichas)]
        assert not [f.numero for f in filas for texto in textos if f.numero in texto]

    async def test_by_flat_no_folio_stands_anywhere(self, api: Api) -> None:
        casa = api.casa
        casa.conjunto.datos = ConjuntoDePrueba(acta_por="unidad")
        await casa.espacios("A-1")
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 2)
        await casa.pedir(sorteo, 2, estado="rechazada")
        await casa.cierre.cerrar(sorteo.oid)
        casa.reloj.poner(DISPONIBLE)
        await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        (linea,) = await seccion(api, sorteo, "Exclusiones, rechazos y cambios")
        assert linea.startswith("Se rechazaron 2 solicitudes. Razón: ")
        preambulo = " ".join(fila[0] for fila in await en_csv(api, sorteo) if fila)
        assert "no constan folios" in preambulo

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
        assert (pliegos[0].datos["con_espacio"], pliegos[0].datos["filas"]) == (None, 5)
        assert len(re.findall(r"<row ", await hoja(api, sorteo))) > 5

    async def test_another_format(self, api: Api, sorteo: Sorteo) -> None:
        respuesta = await bajar(api, sorteo, "docx")
        assert [e["campo"] for e in respuesta.json()["errores"]] == ["formato"]


class TestPalabras:
    async def test_a_legal_paper(self, api: Api) -> None:
        """Heading, basis, quorum, rules and steps, as such papers say them."""
        api.casa.conjunto.datos = ConjuntoDePrueba(
            nombre="Altos", nit="900.1", ciudad="Bogotá", fundamento="Reglamento, artículo 12."
        )
        await api.casa.espacios("A-1")
        await api.casa.espacios("B-1", activo=False)
        await api.casa.prioridad(descripcion="Personas con discapacidad.")
        sorteo = await api.casa.ejecutado(3)
        await escribir(api, sorteo, ACTA)
        filas = await en_csv(api, sorteo)
        assert filas[1] == ["Altos", "NIT 900.1 · Bogotá"]
        (preambulo,) = [fila[0] for fila in filas if fila and fila[0].startswith("En Altos")]
        assert "de Bogotá, se deja constancia" in preambulo
        assert "del 1 de julio de 2026 al 31 de diciembre de 2026" in preambulo
        assert "se dicen en hora de Colombia" in preambulo
        assert ["Base legal", "Reglamento, artículo 12."] in filas
        assert ["Asistencia y quórum", "Quórum: 61 % de los coeficientes"] in filas
        regla = "Personas con discapacidad: si la unidad tiene la condición «discapacidad en español», pasa al nivel 1."
        assert ["Reglas del sorteo", regla] in filas
        abierto, cerrado, ejecutado = await seccion(api, sorteo, "Desarrollo")
        assert re.match(r"Siendo las? \d{1,2}:\d\d\s[ap]\.\s?m\. del \w+ \d+ de \w+ de 2026, se abrió", abierto)
        assert "la convocatoria al sorteo, con 1 espacio. En" in abierto
        assert "Entraron al sorteo 3 y ninguna fue rechazada." in cerrado
        assert "recibió espacio 1 solicitud y quedaron 2 en lista de espera." in ejecutado
        fuera = "No entró al sorteo el espacio B-1. Razón: El espacio está inactivo."
        assert await seccion(api, sorteo, "Exclusiones, rechazos y cambios") == [fuera]

    async def test_all_times_are_of_one_zone(self, api: Api) -> None:
        """That which the paper names. The source of the number stands as its hash has it."""
        sorteo = await api.casa.abierto(cierre=instante(INICIO + timedelta(days=1)))
        nuevo = {"cierre": instante(INICIO + timedelta(days=2)), "motivo": "Hubo un corte de luz"}
        assert (await api.pedir("POST", f"/{sorteo.id}/prorrogar", ADMIN, nuevo)).status_code == 200
        await api.casa.pedir(sorteo, estado="aprobada")
        await api.casa.cierre.cerrar(sorteo.oid)
        api.casa.reloj.poner(DISPONIBLE)
        await api.casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        await api.pedir("POST", f"/{sorteo.id}/reclamos", RESIDENTE, {"texto": "No oí el número"})
        for idioma in ("es", "en"):
            celdas = [celda for fila in await en_csv(api, sorteo, idioma) for celda in fila]
            en_utc = [celda for celda in celdas if re.search(r"\d{2}:\d{2}:\d{2}|UTC|GMT|\dZ\b", celda)]
            assert en_utc == [sorteo.fuente]
        local = INICIO.astimezone(ZoneInfo("America/Bogota"))
        dicho = " ".join(await seccion(api, sorteo, "Desarrollo"))
        assert f"{local:%-I:%M}" in dicho
        assert f"{INICIO:%-I:%M}" not in dicho

    async def test_a_request_that_staff_refused_is_listed_with_words(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 2)
        (negada,) = await casa.pedir(sorteo, 1, estado="rechazada")
        await casa.cierre.cerrar(sorteo.oid)
        casa.reloj.poner(DISPONIBLE)
        await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        await casa.publicacion.publicar(sorteo.oid)
        (linea,) = await seccion(api, sorteo, "Exclusiones, rechazos y cambios")
        assert linea == (
            f"Se rechazó la solicitud de folio {negada.folio}. Razón: La administración la rechazó, "
            "por lo que se le dijo a quien pidió."
        )

    @pytest.mark.parametrize(
        ("cuantas", "idioma", "dicho"),
        [
            (1, "es", "Se sorteó 1 solicitud: 1 recibió espacio y ninguna quedó en lista de espera."),
            (2, "es", "Se sortearon 2 solicitudes: 1 recibió espacio y 1 quedó en lista de espera."),
            (0, "es", "Se sortearon 0 solicitudes: ninguna recibió espacio y ninguna quedó en lista de espera."),
            (1, "en", "1 request was drawn: 1 got a space and none was put on the waiting list."),
            (3, "en", "3 requests were drawn: 1 got a space and 2 were put on the waiting list."),
        ],
    )
    async def test_one_is_no_plural(self, api: Api, cuantas: int, idioma: str, dicho: str) -> None:
        await api.casa.espacios("A-1")
        sorteo = await api.casa.ejecutado(cuantas)
        titulo = "Resultado" if idioma == "es" else "Result"
        assert [titulo, dicho] in await en_csv(api, sorteo, idioma)

    async def test_claims_are_counted_and_listed_with_their_answers(self, api: Api, sorteo: Sorteo) -> None:
        for texto in ("No oí el número", "Falta mi folio"):
            await api.pedir("POST", f"/{sorteo.id}/reclamos", RESIDENTE, {"texto": texto})
        primero = (await api.ver(f"/{sorteo.id}/reclamos"))["items"][0]["id"]
        respuesta = {"estado": "negado", "respuesta": "Se leyó dos veces."}
        await api.pedir("PATCH", f"/{sorteo.id}/reclamos/{primero}", ADMIN, respuesta)
        cuantos, uno, dos = await seccion(api, sorteo, "Reclamos y respuestas")
        assert cuantos == "Reclamos presentados: 2; aceptados: 0; negados: 1; por responder: 1."
        assert re.match(r"Reclamo 1, del .*: «No oí el número» Negado el .*: Se leyó dos veces\.$", uno)
        assert dos.endswith("«Falta mi folio» Por responder.")

    async def test_in_english(self, api: Api, sorteo: Sorteo) -> None:
        filas = await en_csv(api, sorteo, "en")
        assert filas[0] == ["Minutes of a draw of parking spaces"]
        assert any(fila[0] == "Course of the draw" and fila[1].startswith("At ") for fila in filas if fila)
        assert (await bajar(api, sorteo, "pdf", idioma="en")).content.startswith(b"%PDF-")


class TestMismosBytes:
    @pytest.mark.parametrize("formato", FORMATOS)
    async def test_each_time(self, api: Api, sorteo: Sorteo, formato: str) -> None:
        await api.casa.publicacion.publicar(sorteo.oid)
        primera = (await bajar(api, sorteo, formato)).content
        api.casa.reloj.avanzar(days=3)
        api.casa.auditoria.n += 5
        assert (await bajar(api, sorteo, formato, RESIDENTE)).content == primera

    async def test_the_hash_of_what_was_handed_out_stands_in_the_audit_once(self, api: Api, sorteo: Sorteo) -> None:
        await bajar(api, sorteo, "pdf")
        assert api.casa.bitacora.sucesos == []
        await api.casa.publicacion.publicar(sorteo.oid)
        huellas = []
        for acta in (VACIA, ACTA):
            await escribir(api, sorteo, acta)
            for quien in (RESIDENTE, ADMIN):
                huellas.append(hashlib.sha256((await bajar(api, sorteo, "pdf", quien)).content).hexdigest())
        assert huellas[0] == huellas[1] != huellas[2] == huellas[3]
        assert api.casa.bitacora.sucesos == [
            ("acta_emitida", {"huella": huella}) for huella in (huellas[0], huellas[2])
        ]
