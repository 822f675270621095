"""The result with names: who gets it, and what its lines say."""

import csv
import io
import zipfile
from typing import Any

import pytest

from app.modules.sorteo.models import Sorteo
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.factories import OPERADOR


async def filas(api: Api, sorteo: Sorteo) -> list[dict[str, Any]]:
    respuesta = await api.pedir("GET", f"/{sorteo.id}/resultados/exportar", OPERADOR)
    assert respuesta.status_code == 200, respuesta.text
    assert respuesta.headers["content-disposition"] == f'attachment; filename="resultados-{sorteo.id}.csv"'
    return list(csv.DictReader(io.StringIO(respuesta.content.decode("utf-8-sig"), newline="")))


@pytest.fixture
async def sorteo(api: Api) -> Sorteo:
    await api.casa.espacios("A-1", "A-2")
    return await api.casa.ejecutado(4)


class TestExportar:
    async def test_not_before_it_has_run(self, api: Api) -> None:
        cerrado = await api.casa.cerrado(1)
        assert problema(await api.pedir("GET", f"/{cerrado.id}/resultados/exportar")) == (404, "no_disponible")

    async def test_the_lines_by_position(self, api: Api, sorteo: Sorteo) -> None:
        await api.casa.solicitudes.filas.update_many({}, {"$set": {"placa": "ABC123"}})
        por_folio = {s.folio: s for s in await api.casa.solicitudes.todas(sorteo.oid)}
        assert await filas(api, sorteo) == [
            {
                "folio": str(r.folio),
                "posicion": str(r.posicion),
                "espera": str(r.espera or ""),
                "torre": "1",
                "apartamento": str(r.unidad_id),
                "nombres": f"'=Persona {por_folio[r.folio].residente_id}",
                "tipo": "carro",
                "placa": "ABC123",
                "espacio": r.espacio or "",
                "prestado": "",
                "estado": "aprobada",
            }
            for r in await api.casa.resultados(sorteo)
        ]

    async def test_once_published_what_each_has_now(self, api: Api, sorteo: Sorteo) -> None:
        await api.casa.publicacion.publicar(sorteo.oid)
        ganador, otro, espera, _ = await filas(api, sorteo)
        assert [(f["espacio"] != "", f["estado"]) for f in (ganador, espera)] == [
            (True, "asignada"),
            (False, "en_espera"),
        ]
        pasado = {"espacio": otro["espacio"], "estado": "ofrecida"}
        folios = api.casa.solicitudes.filas
        await folios.update_one({"folio": int(otro["folio"])}, {"$set": {"espacio": None, "estado": "declinada"}})
        await folios.update_one({"folio": int(espera["folio"])}, {"$set": pasado})
        _, dejado, ofrecido, _ = await filas(api, sorteo)
        assert (dejado["espacio"], dejado["estado"]) == ("", "declinada")
        assert ofrecido.items() >= pasado.items()

    async def test_in_three_queries_a_batch(self, api: Api, sorteo: Sorteo) -> None:
        api.casa.padron.consultas.clear()
        await filas(api, sorteo)
        assert api.casa.padron.consultas == [("nombres", 4), ("personas", 4)]
        assert api.casa.solicitudes.llamadas.count("listado") == 1

    async def test_separated_as_spreadsheets_in_spanish_expect(self, api: Api, sorteo: Sorteo) -> None:
        ruta = f"/{sorteo.id}/resultados/exportar"
        for idioma, separador in (("es", ";"), ("en", ",")):
            respuesta = await api.pedir("GET", ruta, headers={"Accept-Language": idioma})
            assert respuesta.content.decode("utf-8-sig").startswith(f"folio{separador}posicion{separador}")

    async def test_as_a_sheet(self, api: Api, sorteo: Sorteo) -> None:
        respuesta = await api.pedir("GET", f"/{sorteo.id}/resultados/exportar", params={"formato": "xlsx"})
        with zipfile.ZipFile(io.BytesIO(respuesta.content)) as libro:
            xml = libro.read("xl/worksheets/sheet1.xml").decode()
        assert xml.count("<row ") == 5
        assert "=Persona" in xml
        assert "<f>" not in xml
