"""What of the OpenAPI document breaks programs that worked is told, and why stands beside it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from app.core.config import Settings
from app.main import create_app
from scripts.cambios import PAGINA, Cambio, comparar, hechos, leer, pagina, sin_razon

Objeto = dict[str, Any]
REF = "#/components/schemas/"
COSAS = "/api/v1/cosas"


def _json(nombre: str) -> Objeto:
    return {"content": {"application/json": {"schema": {"$ref": REF + nombre}}}}


def _rechazo(*codigos: str) -> Objeto:
    problema = {"schema": {"$ref": f"{REF}Problema"}, "examples": {c: {} for c in codigos}}
    return {"content": {"application/problem+json": problema}}


def _objeto(requeridos: str, **campos: Objeto) -> Objeto:
    return {"type": "object", "required": requeridos.split(), "properties": campos}


TEXTO: Objeto = {"type": "string"}
DOCUMENTO: Objeto = {
    "paths": {
        COSAS: {
            "get": {
                "operationId": "cosas_listar",
                "x-roles": ["admin", "residente"],
                "parameters": [
                    {"name": "q", "in": "query", "schema": TEXTO},
                    {"$ref": "#/components/parameters/If-None-Match"},
                ],
                "responses": {"200": _json("CosaPage"), "304": {}, "422": _rechazo("entrada_invalida")},
            },
            "post": {
                "operationId": "cosas_crear",
                "x-roles": ["admin"],
                "requestBody": {"required": True} | _json("CosaCreate"),
                "responses": {"201": _json("CosaOut"), "409": _rechazo("cosa_duplicada")},
            },
        }
    },
    "components": {
        "parameters": {"If-None-Match": {"name": "If-None-Match", "in": "header", "schema": TEXTO}},
        "schemas": {
            "CosaPage": _objeto("items", items={"type": "array", "items": {"$ref": f"{REF}CosaOut"}}),
            "CosaCreate": _objeto("nombre", nombre=TEXTO, clase={"$ref": f"{REF}Clase"}, nota=TEXTO),
            "CosaOut": _objeto("nombre estado", nombre=TEXTO, estado={"$ref": f"{REF}Estado"}, nota=TEXTO),
            "Clase": {"type": "string", "enum": ["grande", "chica"]},
            "Estado": {"type": "string", "enum": ["nueva", "usada"]},
            "Problema": _objeto("codigo", codigo=TEXTO),
        },
    },
}
Cambiar = Callable[[Objeto, Objeto], object]
"""Of the operations of `COSAS` and the schemas."""
ROMPEN: dict[str, Cambiar] = {
    "GET /cosas` is gone": lambda o, _: o.pop("get"),
    "GET /cosas` was cosas_listar, is": lambda o, _: o["get"].update(operationId="cosas_ver"),
    "GET /cosas 200` is gone": lambda o, _: o["get"]["responses"].pop("200"),
    "GET /cosas 200` was": lambda o, _: o["get"]["responses"].update({"200": _json("CosaOut")}),
    "GET /cosas query q` is gone": lambda o, _: o["get"]["parameters"].pop(0),
    "GET /cosas query q` was string, is string!": lambda o, _: o["get"]["parameters"][0].update(required=True),
    "GET /cosas roles` has no more {residente}": lambda o, _: o["get"]["x-roles"].remove("residente"),
    "POST /cosas body application/json` was": lambda o, _: o["post"].update(requestBody=_json("CosaOut")),
    "CosaCreate.nota` is gone": lambda _, e: e["CosaCreate"]["properties"].pop("nota"),
    "CosaCreate.nota` was string, is string!": lambda _, e: e["CosaCreate"]["required"].append("nota"),
    "CosaCreate.nota` was string, is integer": lambda _, e: e["CosaCreate"]["properties"].update(
        nota={"type": "integer"}
    ),
    "CosaCreate.otra` is new: string!": lambda _, e: e.update(
        CosaCreate=_objeto("otra nombre", **e["CosaCreate"]["properties"], otra=TEXTO)
    ),
    "Clase` has no more {chica}": lambda _, e: e["Clase"]["enum"].remove("chica"),
    "CosaOut.nota` is gone": lambda _, e: e["CosaOut"]["properties"].pop("nota"),
    "CosaOut.nombre` was string!, is string": lambda _, e: e["CosaOut"]["required"].remove("nombre"),
    "CosaOut.nombre` was string!, is string date!": lambda _, e: e["CosaOut"]["properties"].update(
        nombre={"type": "string", "format": "date"}
    ),
    "Estado` has also {rota}": lambda _, e: e["Estado"]["enum"].append("rota"),
}
CABEN: dict[str, Cambiar] = {
    "DELETE /cosas` is new: cosas_borrar": lambda o, _: o.update(
        delete={"operationId": "cosas_borrar", "responses": {"204": {}}}
    ),
    "GET /cosas query orden` is new": lambda o, _: o["get"]["parameters"].append(
        {"name": "orden", "in": "query", "schema": TEXTO}
    ),
    "GET /cosas roles` has also {auditor}": lambda o, _: o["get"]["x-roles"].append("auditor"),
    "POST /cosas 409` has also {cosa_ajena}": lambda o, _: o["post"]["responses"].update(
        {"409": _rechazo("cosa_ajena", "cosa_duplicada")}
    ),
    "POST /cosas 409` is gone": lambda o, _: o["post"]["responses"].pop("409"),
    "CosaCreate.nombre` was string!, is string": lambda _, e: e["CosaCreate"]["required"].remove("nombre"),
    "CosaCreate.otra` is new: string": lambda _, e: e["CosaCreate"]["properties"].update(otra=TEXTO),
    "Clase` has also {media}": lambda _, e: e["Clase"]["enum"].append("media"),
    "Estado` has no more {usada}": lambda _, e: e["Estado"]["enum"].remove("usada"),
    "CosaOut.nota` was string, is string!": lambda _, e: e["CosaOut"]["required"].append("nota"),
    "CosaOut.otra` is new: string!": lambda _, e: e.update(
        CosaOut=_objeto("otra nombre estado", **e["CosaOut"]["properties"], otra=TEXTO)
    ),
}


def _cambios(cambiar: Cambiar) -> list[Cambio]:
    otro = copy.deepcopy(DOCUMENTO)
    cambiar(otro["paths"][COSAS], otro["components"]["schemas"])
    return comparar(hechos(DOCUMENTO), hechos(otro))


@pytest.mark.parametrize("dicho", ROMPEN)
def test_lo_que_rompe_se_dice(dicho: str) -> None:
    cambios = _cambios(ROMPEN[dicho])
    assert [c.texto for c in cambios if c.rompe and c.texto.startswith(f"`{dicho}")], cambios
    assert sin_razon(pagina(cambios, "1.0.0", ""))


@pytest.mark.parametrize("dicho", CABEN)
def test_lo_que_cabe_se_dice_y_no_rompe(dicho: str) -> None:
    (cambio,) = _cambios(CABEN[dicho])
    assert cambio.texto.startswith(f"`{dicho}")
    assert not cambio.rompe
    assert sin_razon(pagina([cambio], "1.0.0", "")) == []


def test_la_razon_escrita_a_mano_y_lo_de_antes_se_quedan() -> None:
    cambios = _cambios(ROMPEN["Clase` has no more {chica}"])
    de_antes = "## 0.9.0\n\nNothing.\n"
    escrita = pagina(cambios, "1.0.0", de_antes).replace("**why?**", "nobody had one.")
    assert "- `Clase` has no more {chica} — nobody had one.\n" in escrita
    assert pagina(cambios, "1.0.0", escrita) == escrita
    assert escrita.endswith(f"\n{de_antes}")
    assert "chica" not in pagina([], "1.0.0", escrita)


def test_docs_api_changes_dice_lo_que_ha_cambiado_y_por_que_rompe() -> None:
    version, antes = leer()
    ahora = hechos(create_app(Settings(_env_file=None, latido_segundos=0)).openapi())
    escrita = PAGINA.read_text(encoding="utf-8")
    assert escrita == pagina(comparar(antes, ahora), version, escrita), "make docs"
    assert sin_razon(escrita) == []
