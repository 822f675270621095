"""The two clients that are made from the document: they compile under strict settings, and play a whole draw against a
server on loopback."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from scripts import clientes
from tests.clients.conftest import CLAVE, CORREO, con_marca, correr, jugar


@dataclass(frozen=True)
class Lenguaje:
    carpeta: Path
    comprobar: Sequence[str]
    recorrido: Sequence[str]
    pantalla: Sequence[str]
    tabla: Sequence[str]


def _python(programa: str) -> Sequence[str]:
    return [sys.executable, programa]


def _typescript(programa: str) -> Sequence[str]:
    return [*clientes.NODE, f"ejemplos/{programa}"]


LENGUAJES = {
    "python": Lenguaje(
        clientes.PYTHON,
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "."],
        # A number that a spreadsheet shortened, if it stood alone.
        con_marca("123e45", "recorrido.py"),
        *(_python(programa) for programa in ("pantalla.py", "tabla.py")),
    ),
    "typescript": Lenguaje(
        clientes.TYPESCRIPT,
        clientes.node("typescript/bin/tsc", "--project", ".."),
        *(_typescript(programa) for programa in ("recorrido.ts", "pantalla.ts", "tabla.ts")),
    ),
}


@pytest.fixture(scope="module", autouse=True)
def _generados() -> None:
    clientes.generar()


@pytest.fixture(params=sorted(LENGUAJES))
def lenguaje(request: pytest.FixtureRequest) -> Lenguaje:
    return LENGUAJES[request.param]


async def test_compila_con_todo_lo_estricto(lenguaje: Lenguaje) -> None:
    await correr(lenguaje.comprobar, lenguaje.carpeta)


async def test_juega_un_sorteo_entero(lenguaje: Lenguaje, origen: str, desfase: list[timedelta]) -> None:
    ajustes = {"PARKNET_URL": origen, "PARKNET_USUARIO": CORREO, "PARKNET_CLAVE": CLAVE}
    dicho = await jugar(lenguaje.recorrido, lenguaje.carpeta, desfase, **ajustes)
    resumen, suya, acta = dicho.splitlines()
    assert resumen.startswith("1 con espacio, 1 en espera; huella ")
    assert suya.startswith(("folio 1: aceptada P-", "folio 1: en_espera"))
    assert acta.startswith(("puesto 1; ", "puesto 2; "))
    assert acta.endswith(" empieza con %PDF-")

    tabla = (await correr(lenguaje.tabla, lenguaje.carpeta, **ajustes)).splitlines()
    assert len(tabla) == 3
    assert [fila.split()[0] for fila in tabla[1:]] == ["1", "2"]
    en_espera = (await correr(lenguaje.tabla, lenguaje.carpeta, "en_espera", **ajustes)).splitlines()
    assert len(en_espera) == 2

    marca = tabla[1].split("Torre ")[1].split()[0]
    de_ana = {**ajustes, "PARKNET_USUARIO": f"{marca}1", "PARKNET_CLAVE": "una clave de residente, larga"}
    pantalla = await correr(lenguaje.pantalla, lenguaje.carpeta, **de_ana)
    assert pantalla.startswith("Hola, Ana. Avisos sin leer: ")
    assert f"Torre {marca} 101 · al día · {marca}1" in pantalla
    assert "Folio 1 · " in pantalla
    assert ("Su espacio: P-" in pantalla) == ("aceptada" in suya)


async def test_lo_que_prueban_la_biblioteca_y_el_tablero_de_si_mismos(origen: str) -> None:
    """A network that fails, and the lists of a dashboard."""
    ajustes = {"PARKNET_URL": origen, "PARKNET_USUARIO": CORREO, "PARKNET_CLAVE": CLAVE}
    pruebas = ("typescript/pruebas/biblioteca.test.ts", "dashboard/pruebas/proveedor.test.ts")
    await correr([*clientes.NODE, "--test", *pruebas], clientes.CLIENTES, **ajustes)


async def test_la_biblioteca_no_toma_nada_que_un_telefono_no_tenga() -> None:
    await correr(clientes.node("typescript/bin/tsc", "--project", "."), clientes.TYPESCRIPT)


COMPILAR = """
import { readFileSync } from "node:fs";
const patrones = new Set();
const buscar = (nodo) => {
  if (typeof nodo?.pattern === "string") patrones.add(nodo.pattern);
  if (nodo && typeof nodo === "object") Object.values(nodo).forEach(buscar);
};
buscar(JSON.parse(readFileSync(process.argv[1], "utf8")));
for (const patron of patrones)
  for (const modo of ["u", ""]) {
    new RegExp(patron, modo);
    new Function(`return /${patron}/${modo}`);
  }
console.log(patrones.size);
"""


async def test_javascript_compila_cada_patron() -> None:
    """As makers of forms do, from text, and as generators of schemas write it down; with `u` and without."""
    orden = [*clientes.NODE, "--input-type=module", "--eval", COMPILAR, str(clientes.DOCUMENTO)]
    assert int(await correr(orden, clientes.RAIZ)) > 20


async def test_el_linter_no_halla_nada() -> None:
    orden = clientes.node("@redocly/cli/bin/cli.js", "lint", "--max-problems", "1000", str(clientes.DOCUMENTO))
    await correr(orden, clientes.RAIZ)


def test_lo_generado_no_se_guarda_y_lo_fijado_no_nombra_registros() -> None:
    ignorado = (clientes.RAIZ / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"node_modules/", "clients/generado/", "clients/python/parknet_cliente/"} <= set(ignorado)
    candado = (clientes.CLIENTES / "package-lock.json").read_text(encoding="utf-8")
    resueltos = {paquete.get("resolved") for paquete in json.loads(candado)["packages"].values()}
    assert resueltos == {None, "typescript", "dashboard"}
    assert os.fspath(clientes.RAIZ) not in candado
