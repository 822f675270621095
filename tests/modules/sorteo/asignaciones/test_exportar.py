"""Who holds which space, as a table with names."""

import csv
import io
import zipfile
from typing import Any

from app.core.security import Principal
from tests.modules.sorteo.asignaciones.factories import vehiculo
from tests.modules.sorteo.asignaciones.test_asignaciones import asignar, vive
from tests.modules.sorteo.conftest import Api
from tests.modules.sorteo.factories import ADMIN, OPERADOR, RESIDENTE

COLUMNAS = [
    "espacio",
    "torre",
    "apartamento",
    "residentes",
    "vehiculo",
    "placa",
    "desde",
    "hasta",
    "estado",
    "prestado",
]


async def exportar(api: Api, quien: Principal = ADMIN, **consulta: Any) -> bytes:
    respuesta = await api.pedir("GET", "/asignaciones/exportar", quien, params=consulta)
    assert respuesta.status_code == 200, respuesta.text
    return respuesta.content


async def test_csv(api: Api) -> None:
    uno = await asignar(api.casa, "A-02", prestado=True)
    otro = await asignar(api.casa, "A-01", vehiculo=vehiculo(placa="=1+1"))
    vive(api.casa, uno.unidad_id)
    filas = list(csv.reader(io.StringIO((await exportar(api, OPERADOR)).decode("utf-8-sig"))))
    nombre = f"'=Persona {RESIDENTE.residente_id}"
    assert filas == [
        COLUMNAS,
        ["A-01", "1", str(otro.unidad_id), "", "carro", "'=1+1", "2026-03-02", "2026-12-31", "vigente", "no"],
        ["A-02", "1", str(uno.unidad_id), nombre, "carro", "ABC123", "2026-03-02", "2026-12-31", "vigente", "sí"],
    ]


async def test_separated_as_spreadsheets_in_spanish_expect(api: Api) -> None:
    await asignar(api.casa, "A-01")
    respuesta = await api.pedir("GET", "/asignaciones/exportar", ADMIN, headers={"Accept-Language": "es-CO"})
    assert respuesta.content.decode("utf-8-sig").splitlines()[0] == ";".join(COLUMNAS)
    assert (await exportar(api)).decode("utf-8-sig").splitlines()[0] == ",".join(COLUMNAS)


async def test_xlsx(api: Api) -> None:
    await asignar(api.casa)
    libro = zipfile.ZipFile(io.BytesIO(await exportar(api, formato="xlsx")))
    hoja = libro.read("xl/worksheets/sheet1.xml").decode()
    assert hoja.count("<row ") == 2
    assert all(f">{celda}</t>" in hoja for celda in [*COLUMNAS, "A-01", "ABC123"])


async def test_the_filters_of_the_list(api: Api) -> None:
    uno = await asignar(api.casa, "A-01")
    await asignar(api.casa, "A-02")
    api.casa.padron.torres["1"] = [uno.unidad_id]
    assert (await exportar(api, torre="1")).count(b"\r\n") == 2
    assert (await exportar(api, espacio="A-02")).count(b"\r\n") == 2
    assert (await exportar(api, vigente_en="2020-01-01")).count(b"\r\n") == 1


async def test_names_are_asked_for_a_batch_at_a_time(api: Api) -> None:
    for n in range(6):
        await asignar(api.casa, f"A-{n:02}")
    api.casa.padron.consultas.clear()
    await exportar(api)
    assert api.casa.padron.consultas == [("nombres", 6), ("personas", 0)]
