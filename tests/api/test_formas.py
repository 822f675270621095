"""The shapes that the document gives to who makes clients from it: one a call, and a closed list for each state, kind
and code."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from app.core.config import Settings
from app.core.dependencies import ESQUEMA, LLAVE, PORTADOR
from app.main import create_app
from app.modules.solicitudes.decisiones.schemas import OMITEN
from app.modules.solicitudes.estados import Impedimento
from app.modules.sorteo.resultados.models import RECHAZADA
from app.modules.sorteo.resultados.schemas import RECHAZOS
from app.shared.utils import ClaseDeVehiculo
from tests.api.conftest import Aplicacion

REF = "#/components/schemas/"
Objeto = Mapping[str, Any]
DE_LISTA = re.compile(
    r"(estado|tipo|codigo|motivo|clase|fase|nivel|papel|rol|accion|acciones|impedimento|impedimentos|origen|canal|modo"
    r"|actor|desenlace|plataforma|tenencia|persona|uso|formato|operador|cuenta|aprobacion|aceptacion|al_dia_en|paso)"
)
DICHO_POR_PERSONAS = "what somebody wrote, in a line or several"
DEL_CONJUNTO = "a code of the complex's own: of a space, a kind of space, a condition, a rule"
DE_RECHAZO = "a code of docs/errors.md, whose list grows; which an operation answers is in its own problem"
SIN_LISTA: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("AnulacionOut.motivo", "AsignacionOut.motivo", "DatosDeAviso.motivo", "HechoOut.motivo"),
            *("HomeAnulacion.motivo", "HuellaAnteriorOut.motivo", "PermutaOut.motivo", "SancionOut.motivo"),
            *("TitularOut.motivo", "MovimientoOut.motivo", "RequestOut.motivo", "HomeSolicitud.motivo"),
        ),
        DICHO_POR_PERSONAS,
    ),
    **dict.fromkeys(
        (
            *("AccesoOut.tipo", "EspacioOut.tipo", "EspaciosDeTipoOut.tipo", "TipoDeEspacioCounts.tipo"),
            *("DemandaOut.tipo", "RachaOut.tipo", "RotacionOut.tipo", "EspacioOut.codigo", "EspacioExcluido.codigo"),
            *("CondicionCounts.codigo", "CondicionDelCatalogoOut.codigo", "CondicionOut.codigo"),
            *("HomeCondicion.codigo", "PrioridadOut.codigo", "DatosDeAviso.codigo"),
        ),
        DEL_CONJUNTO,
    ),
    **dict.fromkeys(("ErrorDeCampoOut.codigo", "FalloOut.codigo", "Problema.codigo"), DE_RECHAZO),
    "ApunteOut.accion": "an operation, or what the system did, of this version or of one before it",
    "ArchivoOut.tipo": "a media type",
}


@pytest.fixture(scope="module")
def documento(aplicacion: Aplicacion) -> dict[str, Any]:
    return aplicacion.app.openapi()


def _operaciones(documento: Objeto) -> Iterator[tuple[str, Objeto]]:
    for metodos in documento["paths"].values():
        for operacion in metodos.values():
            yield operacion["operationId"], operacion


def test_lo_aceptado_se_lee_como_lo_hecho_o_no_trae_nada(documento: Objeto) -> None:
    """A client has one class for each call: what is done apart is answered with `Location` and, if with anything, with
    the shape that the same call has once it is done."""
    vistas = 0
    for nombre, operacion in _operaciones(documento):
        hecho, aceptado = operacion["responses"].get("200"), operacion["responses"].get("202")
        if hecho is None or aceptado is None:
            continue
        vistas += 1
        assert "Location" in aceptado["headers"], nombre
        esquemas = [r["content"]["application/json"]["schema"] for r in (hecho, aceptado) if "content" in r]
        assert esquemas in ([esquemas[0]], [{"$ref": f"{REF}TrabajoOut"}] * 2), nombre
    assert vistas > 8


def test_quien_entra_lo_hace_de_cualquiera_de_los_modos_que_hay(documento: Objeto) -> None:
    modos = documento["components"]["securitySchemes"]
    assert modos[ESQUEMA]["flows"]["password"]["tokenUrl"] == "/api/v1/auth/login"
    assert {(modos[m]["type"], modos[m]["scheme"]) for m in (PORTADOR, LLAVE)} == {("http", "bearer")}
    con_llave = 0
    for nombre, operacion in _operaciones(documento):
        if not operacion["security"]:
            continue
        sin_llaves = "`llave_no_admitida`" in operacion["responses"].get("403", {}).get("description", "")
        modos_suyos = [ESQUEMA, PORTADOR] if sin_llaves else [ESQUEMA, PORTADOR, LLAVE]
        assert operacion["security"] == [{modo: []} for modo in modos_suyos], nombre
        con_llave += not sin_llaves
    assert con_llave > 100


def test_ningun_secreto_de_un_aparato_esta_en_una_direccion(documento: Objeto) -> None:
    """What opens by its link alone is what a witness of a draw says once; all else that is secret is in a body."""
    con_secreto = {ruta for ruta in documento["paths"] if "token" in ruta or "clave}" in ruta}
    assert con_secreto == {
        f"/api/v1/sorteo/{{id}}/garantes/{{token}}{fin}" for fin in ("", "/compromiso", "/revelacion")
    }
    for nombre in ("avisos_registrar_dispositivo", "avisos_olvidar_dispositivo"):
        (operacion,) = (o for n, o in _operaciones(documento) if n == nombre)
        assert "token" not in {p.get("name") for p in operacion.get("parameters", ())}
        cuerpo = operacion["requestBody"]["content"]["application/json"]["schema"]["$ref"].removeprefix(REF)
        assert "token" in documento["components"]["schemas"][cuerpo]["required"]


@pytest.mark.parametrize(
    ("esquema", "ejemplo"),
    [
        ("UserAuth", {"username", "password"}),
        ("KeyCreate", {"nombre", "rol"}),
        ("SimulacionIn", {"repeticiones"}),
        ("EspacioCreate", {"codigo", "tipo", "zona"}),
    ],
)
def test_lo_que_se_llena_solo_se_puede_enviar_sin_mirarlo(documento: Objeto, esquema: str, ejemplo: set[str]) -> None:
    """Not every field at once: a code of a second factor that nobody has, a right of a flat that is not there."""
    assert documento["components"]["schemas"][esquema]["examples"][0].keys() == ejemplo


def test_el_ejemplo_de_un_entero_es_entero_y_el_de_un_codigo_de_un_uso_tambien(documento: Objeto) -> None:
    esquemas = documento["components"]["schemas"]
    for nombre, esquema in esquemas.items():
        for campo, suyo in esquema.get("properties", {}).items():
            if suyo.get("type") == "integer":
                assert all(type(ejemplo) is int for ejemplo in suyo.get("examples", ())), (nombre, campo)
    for nombre in ("MfaConfirm", "MfaOff"):
        assert re.fullmatch(r"[0-9]{6}", esquemas[nombre]["properties"]["codigo"]["examples"][0])


def test_el_servidor_es_el_que_se_ve_desde_fuera(tmp_path: Path) -> None:
    ajustes = Settings(_env_file=None, data_dir=tmp_path, url_publica="https://parqueo.example.com")
    assert [s["url"] for s in create_app(ajustes).openapi()["servers"]] == ["https://parqueo.example.com"]


def _de_respuestas(documento: Objeto) -> Mapping[str, Objeto]:
    """The schemas that answers are made of."""
    todos: Objeto = documento["components"]["schemas"]
    pendientes = [str(operacion["responses"]) for _, operacion in _operaciones(documento)]
    vistos = set[str]()
    while pendientes:
        nuevos = set(re.findall(rf"'{REF}(\w+)'", pendientes.pop())) - vistos
        vistos |= nuevos
        pendientes += [str(todos[nombre]) for nombre in nuevos]
    return {nombre: todos[nombre] for nombre in vistos}


def _es_texto_llano(esquema: Objeto, todos: Mapping[str, Objeto]) -> bool:
    """Whether a program is told only that it is some text."""
    if "$ref" in esquema:
        return _es_texto_llano(todos[esquema["$ref"].removeprefix(REF)], todos)
    partes = [*esquema.get("anyOf", ()), *esquema.get("oneOf", ()), *([esquema["items"]] if "items" in esquema else [])]
    return any(_es_texto_llano(p, todos) for p in partes) or (
        esquema.get("type") == "string" and not esquema.keys() & {"enum", "format", "pattern"}
    )


def test_cada_estado_tipo_o_codigo_es_uno_de_los_que_se_dicen(documento: Objeto) -> None:
    todos = documento["components"]["schemas"]
    mirados = [
        (f"{nombre}.{campo}", suyo)
        for nombre, esquema in _de_respuestas(documento).items()
        for campo, suyo in esquema.get("properties", {}).items()
        if DE_LISTA.fullmatch(campo)
    ]
    assert len(mirados) > 100
    assert {donde for donde, suyo in mirados if _es_texto_llano(suyo, todos)} == set(SIN_LISTA)


def test_lo_que_dicen_las_listas_es_lo_que_hay(documento: Objeto) -> None:
    esquemas = documento["components"]["schemas"]
    assert set(RECHAZOS) == {*Impedimento, RECHAZADA}
    assert set(esquemas["ClaseCounts"]["properties"]["clase"]["enum"]) == set(get_args(ClaseDeVehiculo))
    assert set(esquemas["Omitida"]["properties"]["codigo"]["enum"]) == {error.codigo for error in OMITEN}
