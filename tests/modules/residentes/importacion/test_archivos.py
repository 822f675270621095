"""Files in the manner of those that administrators keep: what comes of each stands in `archivos/notas.toml`."""

import csv
import io
import tomllib
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.modules.residentes.factories import ADMIN
from tests.modules.residentes.importacion.conftest import RESIDENTES, Oficina

CARPETA = Path(__file__).with_name("archivos")
NOTAS: dict[str, dict[str, Any]] = tomllib.loads((CARPETA / "notas.toml").read_text("utf-8"))


def test_every_file_has_its_note() -> None:
    assert len(NOTAS) >= 20
    assert {archivo.name for archivo in CARPETA.iterdir()} - {"notas.toml"} == set(NOTAS)


async def _estado(oficina: Oficina) -> dict[str, list[str]]:
    """All that there is, a line each."""
    casa = oficina.casa
    unidades = await casa.repo_unidades.find({}, orden=[("posicion", 1)])
    de = {u.oid: " ".join(filter(None, [u.torre, u.apartamento])) for u in unidades}
    residentes = await casa.repo_residentes.find({}, orden=[("numero_documento", 1), ("tipo_documento", 1)])
    vehiculos = await casa.repo_vehiculos.find({}, orden=[("placa", 1), ("_id", 1)])
    return {
        "unidades": [f"{de[u.oid]}{'' if u.al_dia else ' en mora'}" for u in unidades],
        "residentes": [
            " | ".join(
                [
                    f"{r.tipo_documento} {r.numero_documento}",
                    f"{r.apellidos}, {r.nombres}",
                    " + ".join(f"{o.tenencia} de {de[o.unidad_id]}" for o in r.unidades),
                    *(str(dato) for dato in (r.email, r.telefono, r.fecha_ingreso) if dato is not None),
                ]
            )
            for r in residentes
        ],
        "vehiculos": [f"{v.placa or '-'} {v.tipo} de {de[v.unidad_id]}" for v in vehiculos],
    }


CON_COMAS = {"chile.csv", "ingles.csv", "utf8-con-sep.csv"}


async def _hoja(oficina: Oficina, trabajo: dict[str, Any], separador: str) -> list[dict[str, str]]:
    """In the format of the file that was brought in."""
    contenido = await oficina.archivo(trabajo, ADMIN)
    if contenido.startswith(b"PK"):
        filas = CalamineWorkbook.from_filelike(io.BytesIO(contenido)).get_sheet_by_index(0).to_python()
    else:
        # As the file had it; for tabs what spreadsheets in Spanish expect.
        texto = contenido.decode("utf-8-sig")
        filas = [list(fila) for fila in csv.reader(io.StringIO(texto), delimiter=separador)]
    titulos, *resto = [
        [str(int(celda)) if isinstance(celda, float) else str(celda) for celda in fila] for fila in filas
    ]
    return [dict(zip(titulos, fila, strict=True)) for fila in resto]


@pytest.mark.parametrize("nombre", NOTAS)
async def test_what_its_note_says(nombre: str, oficina: Oficina) -> None:
    """First a dry run, which changes nothing; then for real, as the dry run said; then again, which changes nothing."""
    nota = NOTAS[nombre]
    for torre, apartamento in nota.get("hay", []):
        await oficina.casa.unidad(torre=torre, apartamento=apartamento, al_dia=False)
    for cambios in nota.get("viven", []):
        torre, apartamento = cambios.pop("en")
        ocupacion = {"torre": torre, "apartamento": apartamento, "tenencia": "propietario"}
        await oficina.casa.residente(unidades=[ocupacion], **cambios)
    contenido = (CARPETA / nombre).read_bytes()
    separador = "," if nombre in CON_COMAS else ";"
    consulta = nota.get("consulta", "crear_unidades=true")
    antes = await _estado(oficina)

    simulado = await oficina.importar(contenido, ADMIN, f"?simular=true&{consulta}", RESIDENTES)
    assert await _estado(oficina) == antes
    de_verdad = await oficina.importar(contenido, ADMIN, f"?{consulta}", RESIDENTES)
    despues = await _estado(oficina)

    hecho, ensayado = de_verdad["resultado"], simulado["resultado"]
    for resultado in (hecho, ensayado):
        del resultado["archivo"], resultado["simulado"]
    assert ensayado == hecho
    assert await oficina.errores(simulado, ADMIN) == await oficina.errores(de_verdad, ADMIN)
    hoja = await _hoja(oficina, de_verdad, separador)
    assert await _hoja(oficina, simulado, separador) == hoja
    dicho = {
        **{que: despues[que] for que in ("unidades", "residentes", "vehiculos") if despues[que]},
        **{"rechazadas": [" ".join(error) for error in await oficina.errores(de_verdad, ADMIN)]},
        **{"ignoradas": hecho["ignoradas"]["lineas"], "desconocidas": hecho["encabezado"]["desconocidas"]},
        **{
            "supuestos": [
                f"{f['línea']} {f['se supuso']}" for f in await _hoja(oficina, de_verdad, separador) if f["se supuso"]
            ]
        },
    }
    esperado = {clave: nota[clave] for clave in dicho if clave in nota}
    assert {clave: valor for clave, valor in dicho.items() if valor} == esperado

    otra_vez = (await oficina.importar(contenido, ADMIN, f"?{consulta}", RESIDENTES))["resultado"]
    assert (otra_vez["creadas"], otra_vez["cambiadas"]) == (0, 0)
    assert otra_vez["rechazadas"] == hecho["rechazadas"]
    assert await _estado(oficina) == despues
