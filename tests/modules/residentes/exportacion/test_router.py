"""Files of the roll: what was taken out can be brought in again, and changes nothing."""

import csv
import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from app.core.imports import engine as motor
from tests.modules.residentes.factories import ADMIN, AUDITOR, ocupacion
from tests.modules.residentes.importacion.conftest import RESIDENTES, UNIDADES, Oficina, documentos, oficina

__all__ = ["documentos", "oficina"]


async def _poblar(oficina: Oficina) -> None:
    casa = oficina.casa
    await casa.unidad(
        torre="Torre 1",
        apartamento="0102",
        al_dia=False,
        cupo=2,
        perdidos_previos={"carro": 3},
        vehiculos=[
            {"tipo": "bicicleta"},
            {"tipo": "carro", "placa": "ABC123", "electrico": True},
            {"tipo": "moto", "placa": "XYZ98D"},
            {"tipo": "bicicleta", "placa": "BICI1"},
        ],
    )
    await casa.unidad(torre=None, apartamento="Casa 7")
    await casa.residente(
        nombres="=María José",
        apellidos="Núñez, de la Hoz",
        numero_documento="0012345",
        tipo_documento="TI",
        email="maria@example.com",
        telefono="+573001112233",
        fecha_ingreso="2021-05-17",
        unidades=[ocupacion("Torre 1", "0102"), ocupacion(None, "Casa 7", tenencia="arrendatario")],
    )
    se_fue = await casa.residente(numero_documento="999", unidades=[ocupacion(None, "Casa 7")])
    await casa.residentes.dar_de_baja(se_fue.id, ADMIN)


async def _todo(oficina: Oficina) -> list[dict[str, Any]]:
    casa = oficina.casa
    return [
        cosa.model_dump()
        for repositorio in (casa.repo_unidades, casa.repo_residentes, casa.repo_vehiculos)
        for cosa in await repositorio.find({})
    ]


@pytest.mark.parametrize("idioma", ["es-CO", "en", ""])
@pytest.mark.parametrize("formato", ["csv", "xlsx"])
async def test_brought_in_again_it_changes_nothing(formato: str, idioma: str, oficina: Oficina) -> None:
    await _poblar(oficina)
    antes = await _todo(oficina)
    for ruta in (RESIDENTES, UNIDADES):
        archivo = await oficina.descargar(ruta.replace("importar", f"exportar?formato={formato}"), idioma)
        trabajo = await oficina.importar(archivo, ADMIN, ruta=ruta)
        assert trabajo["errores"] == 0, await oficina.errores(trabajo, ADMIN)
        assert (trabajo["resultado"]["creadas"], trabajo["resultado"]["cambiadas"]) == (0, 0)
    assert await _todo(oficina) == antes


async def test_each_resident_with_flat_vehicles_and_arrears(oficina: Oficina) -> None:
    await _poblar(oficina)
    texto = (await oficina.descargar("/api/v1/residentes/exportar", "es")).decode("utf-8-sig")
    primera, *_ = list(csv.DictReader(io.StringIO(texto), delimiter=";"))
    assert primera == {
        "torre": "Torre 1",
        "apartamento": "0102",
        "nombres": "'=María José",
        "apellidos": "Núñez, de la Hoz",
        "tipo_documento": "TI",
        "numero_documento": "0012345",
        "email": "maria@example.com",
        "telefono": "'+573001112233",
        "fecha_ingreso": "2021-05-17",
        "tenencia": "propietario",
        "al_dia": "no",
        "placas": "ABC123, XYZ98D, BICI1",
        "tipos": "carro, moto, bicicleta, bicicleta",
        "electricos": "ABC123",
    }
    assert len(texto.splitlines()) == 3
    assert texto.count("999") == 0


async def test_more_than_one_page_is_one_file(oficina: Oficina, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motor, "LOTE", 500)
    filas = "".join(f"T;{n:04};Nombre{n} Apellido;{1000 + n}\n" for n in range(450))
    await oficina.importar(f"Torre;Apto;Propietario;Cédula\n{filas}", ADMIN, "?crear_unidades=true", RESIDENTES)
    for ruta in ("/api/v1/residentes/exportar", "/api/v1/residentes/unidades/exportar"):
        texto = (await oficina.descargar(ruta, "en")).decode("utf-8-sig")
        assert len(set(texto.splitlines())) == 451


@pytest.mark.parametrize("de", [RESIDENTES, UNIDADES])
async def test_the_form_can_be_brought_in_and_explains_each_column(oficina: Oficina, de: str) -> None:
    archivo = await oficina.descargar(_plantilla(de), "en")
    libro = CalamineWorkbook.from_filelike(io.BytesIO(archivo))
    titulos = libro.get_sheet_by_index(0).to_python()[0]
    explicadas = libro.get_sheet_by_name("columns").to_python()
    assert [fila[0] for fila in explicadas] == titulos
    assert all(fila[1] for fila in explicadas)
    crear = "&crear_unidades=true" if de == RESIDENTES else ""
    for formato in ("csv", "xlsx"):
        archivo = await oficina.descargar(f"{_plantilla(de)}?formato={formato}", "es")
        trabajo = await oficina.importar(archivo, ADMIN, f"?simular=true{crear}", de)
        assert trabajo["resultado"]["creadas"] == 2
        assert trabajo["resultado"]["encabezado"]["desconocidas"] == []
        assert (trabajo["errores"], trabajo["resultado"]["supuestos"]) == (0, 0)


async def test_an_auditor_reads_them(oficina: Oficina) -> None:
    assert (await oficina.descargar("/api/v1/residentes/exportar", "es", AUDITOR)).startswith(b"\xef\xbb\xbftorre;")


def _plantilla(de: str) -> str:
    return de.replace("/importar", "/plantilla")
