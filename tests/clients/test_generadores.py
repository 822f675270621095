"""What the generators of openapi-generator, and hey-api, make of the document, with the options that
`clients/README.md` names. Each is run once; what they make is kept nowhere."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scripts import clientes
from tests.clients.conftest import CLAVE, CORREO, con_marca, correr, jugar

CARPETA = clientes.CLIENTES / "generadores"
DE_FORMULARIO = {"UserAuth"}
"""What becomes parameters of a call, and no model."""
# A program that runs for half a minute is not worth compiling well: it takes half of the processor's time.
DE_PASO = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
# What TypeScript itself ships is not looked at again.
ESTRICTO = (
    *("--strict", "--noEmit", "--skipDefaultLibCheck"),
    *("--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"),
)
Esquemas = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def generado(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document, and beside it a folder each."""
    carpeta = tmp_path_factory.mktemp("generado")
    clientes.escribir_documento(carpeta / "openapi.json")
    generador = Path(sys.executable).with_name("openapi-generator-cli")
    orden = [str(generador), "batch", *map(str, sorted(CARPETA.glob("*.yaml")))]
    entorno = {**clientes.entorno(), "JAVA_OPTS": "-Xmx900m", "JAVA_TOOL_OPTIONS": DE_PASO}
    hecho = subprocess.run(orden, cwd=carpeta, env=entorno, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert "ERROR" not in hecho.stdout + hecho.stderr
    return carpeta


@pytest.fixture(scope="module")
def esquemas(generado: Path) -> Esquemas:
    documento = json.loads((generado / "openapi.json").read_text(encoding="utf-8"))
    hay: Esquemas = documento["components"]["schemas"]
    return hay


def _opcionales(esquema: Mapping[str, Any]) -> set[str]:
    """The fields that may be absent or null, for who may not see them or because there is nothing."""
    campos: Mapping[str, Any] = esquema.get("properties", {})
    con_null = {c for c, suyo in campos.items() if {"type": "null"} in suyo.get("anyOf", [])}
    return con_null | (campos.keys() - set(esquema.get("required", ())))


def _uniones(esquemas: Esquemas) -> Iterator[tuple[str, Mapping[str, str]]]:
    for nombre, esquema in esquemas.items():
        if "discriminator" in esquema:
            yield nombre, esquema["discriminator"]["mapping"]


def _campos(fuente: str, forma: str) -> dict[str, str]:
    """The type of each field, by its name in JSON."""
    return {m["campo"]: m["tipo"] for m in re.finditer(forma, fuente)}


def test_kotlin_no_exige_lo_que_puede_faltar(generado: Path, esquemas: Esquemas) -> None:
    modelos = generado / "kotlin/src/main/kotlin/co/parknet/models"
    forma = r'@SerialName\(value = "(?P<campo>\w+)"\)\s+val [\w`]+: (?P<tipo>[^=\n]+?)(?: = [^\n]+?)?,?\n'
    vistos = 0
    for nombre, esquema in esquemas.items():
        if nombre in DE_FORMULARIO or "properties" not in esquema:
            continue
        tipos = _campos((modelos / f"{nombre}.kt").read_text(encoding="utf-8"), forma)
        assert tipos.keys() == esquema["properties"].keys(), nombre
        assert {c for c, tipo in tipos.items() if tipo.rstrip().endswith("?")} == _opcionales(esquema), nombre
        vistos += len(tipos)
    assert vistos > 500


def test_swift_no_exige_lo_que_puede_faltar(generado: Path, esquemas: Esquemas) -> None:
    modelos = {ruta.stem: ruta for ruta in (generado / "swift").rglob("Models/*.swift")}
    forma = r"    public var (?P<campo>\w+): (?P<tipo>[^={\n]+)(?: = [^\n]+)?\n"
    for nombre, esquema in esquemas.items():
        if nombre in DE_FORMULARIO or "properties" not in esquema:
            continue
        fuente = modelos[nombre].read_text(encoding="utf-8")
        propios = dict(re.findall(r'case (\w+) = "(\w+)"', fuente))
        tipos = {propios.get(c, c): tipo for c, tipo in _campos(fuente, forma).items()}
        exigidos = {c for c, tipo in tipos.items() if not tipo.rstrip().endswith("?")}
        assert tipos.keys() == esquema["properties"].keys(), nombre
        assert exigidos == esquema["properties"].keys() - _opcionales(esquema), nombre


def test_kotlin_y_swift_saben_cual_de_una_union_es(generado: Path, esquemas: Esquemas) -> None:
    kotlin = generado / "kotlin/src/main/kotlin/co/parknet/models"
    swift = {ruta.stem: ruta for ruta in (generado / "swift").rglob("Models/*.swift")}
    uniones = dict(_uniones(esquemas))
    assert len(uniones) >= 5
    for nombre, adonde in uniones.items():
        de_kotlin = (kotlin / f"{nombre}.kt").read_text(encoding="utf-8")
        de_swift = swift[nombre].read_text(encoding="utf-8")
        for valor, ref in adonde.items():
            suyo = ref.rpartition("/")[2]
            en_kotlin = rf'"{valor}" -> \{{\s+val decoded = [^\n]*{suyo}\.serializer\(\)'
            en_swift = rf'case "{valor}":\s+self = [^\n]*{suyo}\(from: decoder\)'
            assert re.search(en_kotlin, de_kotlin), (nombre, valor)
            assert re.search(en_swift, de_swift), (nombre, valor)


@pytest.mark.npm
async def test_typescript_fetch_compila_con_todo_lo_estricto(generado: Path) -> None:
    orden = clientes.node("typescript/bin/tsc", *ESTRICTO, "--lib", "es2022,dom", "typescript-fetch/index.ts")
    await correr(orden, generado)


@pytest.mark.npm
async def test_hey_api_compila_con_todo_lo_estricto(generado: Path) -> None:
    generar = clientes.node("@hey-api/openapi-ts/bin/run.js", "--input", "openapi.json", "--output", "hey-api")
    await correr(generar, generado)
    orden = clientes.node("typescript/bin/tsc", *ESTRICTO, "--lib", "es2022,dom,dom.iterable")
    await correr([*orden, "hey-api/index.ts", "hey-api/sdk.gen.ts", "hey-api/client.gen.ts"], generado)
    llamadas = (generado / "hey-api/sdk.gen.ts").read_text(encoding="utf-8")
    (subida,) = re.findall(r"export const residentesImportarResidentes = .*?\n\}\);", llamadas, re.DOTALL)
    assert "...formDataBodySerializer" in subida
    tipos = (generado / "hey-api/types.gen.ts").read_text(encoding="utf-8")
    (acta,) = re.findall(r"export type SorteoDescargarActaResponses = \{.*?\n\};", tipos, re.DOTALL)
    assert "200: Blob | File;" in acta


async def test_mypy_no_halla_nada_en_el_python_ni_en_quien_lo_usa(generado: Path) -> None:
    shutil.copy(CARPETA / "recorrido.py", generado)
    mypy = [sys.executable, "-m", "mypy", "--config-file="]
    # Its typed libraries come with the program that uses it.
    await correr([*mypy, "--disable-error-code", "import-untyped", "parknet_generado"], generado / "python")
    estricto = [*mypy, "--strict", "--follow-imports", "silent", "recorrido.py"]
    await correr(estricto, generado, MYPYPATH=os.fspath(generado / "python"))


async def test_python_recorre_un_sorteo_entero(generado: Path, origen: str, desfase: list[timedelta]) -> None:
    shutil.copy(CARPETA / "recorrido.py", generado)
    ajustes = {"PARKNET_URL": origen, "PARKNET_USUARIO": CORREO, "PARKNET_CLAVE": CLAVE}
    ruta = os.fspath(generado / "python")
    # The number of a foreigner, if it stood alone.
    programa = con_marca("ce1234", "recorrido.py")
    dicho = await jugar(programa, generado, desfase, PYTHONPATH=ruta, **ajustes)
    resumen, suya, acta = dicho.splitlines()
    assert resumen == "1 con espacio, 1 en espera"
    assert suya.startswith(("folio 1: aceptada P-", "folio 1: en_espera"))
    assert acta.endswith("el acta empieza con %PDF-")
