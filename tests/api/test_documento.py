"""The document, operation by operation: what a stranger who has nothing else needs, and nothing that is not so."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi.openapi.utils import get_openapi
from jsonschema_rs import Draft202012Validator

from app.core.http.cors import PEDIDAS
from app.core.openapi.examples import Ejemplos
from app.core.openapi.words import leer
from app.shared.messages import CATALOGOS, huecos
from scripts.errores import estados
from tests.api.conftest import Aplicacion
from tests.api.operaciones import OPERACIONES

REF = "#/components/schemas/"
# Words that no Spanish text has.
INGLES = re.compile(r"\b(the|of|and|with|is|are|which|that|its)\b")
DE_SESION = ("credenciales_invalidas", "sesion_invalida")
PALABRAS = leer()
Objeto = Mapping[str, Any]


@pytest.fixture(scope="module")
def documento(aplicacion: Aplicacion) -> dict[str, Any]:
    return aplicacion.app.openapi()


def _operaciones(documento: Objeto) -> dict[str, dict[str, Any]]:
    return {o["operationId"]: o for metodos in documento["paths"].values() for o in metodos.values()}


def _contenidos(operacion: Objeto) -> Iterator[tuple[str, str, Objeto]]:
    """Where, of which type and what: of the body and of each answer."""
    for donde, cuerpo in {"cuerpo": operacion.get("requestBody", {}), **operacion["responses"]}.items():
        for tipo, contenido in cuerpo.get("content", {}).items():
            yield donde, tipo, contenido


def _esquemas(nodo: Any) -> Iterator[Objeto]:
    if isinstance(nodo, list):
        for hijo in nodo:
            yield from _esquemas(hijo)
    elif isinstance(nodo, dict):
        yield nodo
        for hijo in nodo.values():
            yield from _esquemas(hijo)


def test_cada_operacion_tiene_su_texto_y_no_sobra_ninguno(documento: dict[str, Any]) -> None:
    assert set(PALABRAS.operaciones) == set(_operaciones(documento)) == set(OPERACIONES)
    for nombre, operacion in _operaciones(documento).items():
        assert operacion["summary"], nombre
        assert operacion["description"].startswith(PALABRAS.operaciones[nombre].strip()), nombre
        assert "**Quién**: " in operacion["description"], nombre
        assert operacion["tags"] == [nombre.partition("_")[0]], nombre


def test_cada_etiqueta_se_explica(documento: dict[str, Any]) -> None:
    assert {t["name"]: t["description"] for t in documento["tags"]} == PALABRAS.etiquetas


def test_lo_que_un_esquema_explica_a_quien_programa_se_explica_a_quien_lo_usa(
    aplicacion: Aplicacion, documento: dict[str, Any]
) -> None:
    crudo = get_openapi(title="", version="", routes=aplicacion.app.routes)["components"]["schemas"]
    publicados = documento["components"]["schemas"]
    explicados = {nombre for nombre, esquema in crudo.items() if "description" in esquema and nombre in publicados}
    assert len(explicados) > 30
    assert explicados - set(PALABRAS.esquemas) == set()
    assert set(PALABRAS.esquemas) - set(publicados) == set()


def test_lo_que_se_lee_esta_en_espanol(documento: dict[str, Any]) -> None:
    dichos = {n[c] for n in _esquemas(documento) for c in ("description", "summary") if isinstance(n.get(c), str)}
    assert len(dichos) > 200
    assert {dicho for dicho in dichos if INGLES.search(dicho)} == set()


def test_cada_cuerpo_cada_respuesta_y_cada_parametro_tiene_ejemplo(documento: dict[str, Any]) -> None:
    for nombre, operacion in _operaciones(documento).items():
        for donde, tipo, contenido in _contenidos(operacion):
            assert contenido.keys() & {"example", "examples"}, (nombre, donde, tipo)
            assert contenido["schema"], (nombre, donde, tipo)
            # What people can read is shown as it looks.
            legible = tipo.startswith(("text/", "application/jsonl"))
            assert contenido.get("example") or not legible, (nombre, donde, tipo)
        # Pages of documentation fill in what has an example: never a filter or a condition that nobody asked for.
        de_mas = [p for p in operacion.get("parameters", []) if ("example" in p) != p.get("required", False)]
        assert [p for p in de_mas if "$ref" not in p] == [], nombre
    # A problem of one operation has its examples beside each refusal.
    assert all(e.get("examples") or "allOf" in e for e in documento["components"]["schemas"].values())


def test_toda_cabecera_que_se_puede_mandar_se_nombra(documento: dict[str, Any]) -> None:
    """Those that an operation takes, in it; those that all of them take, in the presentation."""
    de_operaciones = {p["name"] for p in _esquemas(documento) if p.get("in") == "header"}
    presentacion = documento["info"]["description"].lower()
    dichas = {c for c in PEDIDAS if c in de_operaciones or c.lower() in de_operaciones or c.lower() in presentacion}
    assert set(PEDIDAS) - dichas == {"Content-Type"}


def test_un_flujo_de_eventos_no_es_un_archivo_y_dice_cuales_son(documento: dict[str, Any]) -> None:
    operacion = _operaciones(documento)["trabajos_seguir_trabajo"]
    bien = operacion["responses"]["200"]
    assert "Content-Disposition" not in bien["headers"]
    eventos = bien["content"]["text/event-stream"]["example"].split("\n\n")
    assert [e.partition("\n")[0] for e in eventos if e] == ["event: progreso", "event: fin"]
    assert all(nombre in operacion["description"] for nombre in ("`progreso`", "`fin`", "`Last-Event-ID`"))


@pytest.mark.usefixtures("documento")
def test_el_vocabulario_tiene_lo_que_hace_falta_y_nada_mas(aplicacion: Aplicacion) -> None:
    ejemplos: Ejemplos = aplicacion.app.state.ejemplos
    de_problemas = {hueco for texto in CATALOGOS["es"].values() for hueco in huecos(texto)}
    assert ejemplos.faltan == set()
    assert set(PALABRAS.campos) - ejemplos.usados - de_problemas == set()
    assert set(PALABRAS.objetos) - ejemplos.usados == set()


def test_cada_rechazo_es_un_problema_con_sus_codigos_y_sus_ejemplos(documento: dict[str, Any]) -> None:
    ejemplos, de = documento["components"]["examples"], estados()
    for nombre, operacion in _operaciones(documento).items():
        problema = f"ProblemaDe{nombre.title().replace('_', '')}"
        _, propio = documento["components"]["schemas"][problema]["allOf"]
        suyos: set[str] = set()
        rechazos = {s: r for s, r in operacion["responses"].items() if s >= "400"}
        assert "503" in rechazos, nombre
        assert ("401" in rechazos) == bool(operacion["security"] or _de_sesion(rechazos)), nombre
        for status, rechazo in rechazos.items():
            assert set(rechazo["content"]) == {"application/problem+json"}, (nombre, status)
            contenido = rechazo["content"]["application/problem+json"]
            assert contenido["schema"] == {"$ref": f"{REF}{problema}"}, (nombre, status)
            suyos |= contenido["examples"].keys()
            assert contenido["examples"], (nombre, status)
            for codigo, cita in contenido["examples"].items():
                assert cita == {"$ref": f"#/components/examples/{codigo}"}
                ejemplo = ejemplos[codigo]["value"]
                assert (ejemplo["codigo"], ejemplo["status"]) == (codigo, int(status)), nombre
                assert de[codigo] == int(status)
                assert ejemplo["detail"] == ejemplos[codigo]["summary"] != codigo
                assert f"`{codigo}`" in rechazo["description"]
        assert propio["properties"]["codigo"]["enum"] == sorted(suyos), nombre


def _de_sesion(rechazos: Objeto) -> bool:
    """A public operation that refuses whoever says who they are: signing in, refreshing."""
    return any(f"`{codigo}`" in rechazos.get("401", {}).get("description", "") for codigo in DE_SESION)


def test_cada_respuesta_dice_sus_cabeceras(documento: dict[str, Any]) -> None:
    hay = documento["components"]["headers"]
    for nombre, operacion in _operaciones(documento).items():
        for status, respuesta in operacion["responses"].items():
            cabeceras = respuesta["headers"]
            assert {c.get("$ref", "").rpartition("/")[2] for c in cabeceras.values()} <= {*hay, ""}, (nombre, status)
            assert "X-Request-ID" in cabeceras, (nombre, status)
            assert ("WWW-Authenticate" in cabeceras) == (status == "401"), (nombre, status)
            assert ("Retry-After" in cabeceras) or status not in ("429", "503"), (nombre, status)
    pagina = _operaciones(documento)["solicitudes_listar_solicitudes"]["responses"]["200"]
    assert "Link" in pagina["headers"]
    assert "Location" in _operaciones(documento)["solicitudes_crear_solicitud"]["responses"]["201"]["headers"]


def test_los_nombres_sirven_en_los_clientes(documento: dict[str, Any]) -> None:
    nombres = list(documento["components"]["schemas"])
    assert [n for n in nombres if not re.fullmatch(r"[A-Z][A-Za-z]+", n)] == []
    assert [n for n in _operaciones(documento) if not re.fullmatch(r"[a-z]+(_[a-z]+)+", n)] == []
    # Generators name after their titles what has one.
    assert [n for n in _esquemas(documento["components"]["schemas"]) if isinstance(n.get("title"), str)] == [
        n for n in _esquemas(documento["components"]["schemas"]) if isinstance(n.get("title"), str) and "codigo" in n
    ]


def test_ninguna_union_de_objetos_carece_de_nombre(documento: dict[str, Any]) -> None:
    """A value or null is no union; two kinds of object are, and only a named schema says which."""
    con_nombre = [id(esquema) for esquema in documento["components"]["schemas"].values()]
    anonimas = [
        nodo
        for nodo in _esquemas(documento)
        for opciones in (nodo.get("anyOf") or nodo.get("oneOf"),)
        if isinstance(opciones, list) and sum("$ref" in o for o in opciones) > 1 and id(nodo) not in con_nombre
    ]
    assert anonimas == []


def test_quien_pregunta_encuentra_el_servidor_la_licencia_y_el_contacto(documento: dict[str, Any]) -> None:
    assert documento["servers"] == [{"url": "http://127.0.0.1:8000", "description": "Este servidor."}]
    assert documento["info"]["contact"]["name"]
    assert documento["info"]["license"]["name"]
    assert documento["info"]["description"] == PALABRAS.presentacion


def test_toda_union_dice_cual_por_un_campo(documento: dict[str, Any]) -> None:
    """Each kind of object in a union is in the mapping of its discriminator, and all that it names is there."""
    esquemas, uniones = documento["components"]["schemas"], 0
    for nombre, esquema in esquemas.items():
        opciones = {o["$ref"] for o in esquema.get("oneOf", esquema.get("anyOf", [])) if "$ref" in o}
        if len(opciones) < 2:
            continue
        uniones += 1
        campo, adonde = esquema["discriminator"]["propertyName"], esquema["discriminator"]["mapping"]
        assert set(adonde.values()) == opciones, nombre
        for valor, ref in adonde.items():
            del_campo = esquemas[ref.removeprefix(REF)]["properties"][campo]
            assert valor in del_campo["enum"], (nombre, valor)
    assert uniones >= 4


def test_lo_que_un_residente_no_ve_admite_null(documento: dict[str, Any]) -> None:
    esquemas = documento["components"]["schemas"]
    for nombre, campo in (("RequestOut", "residente"), ("ResultadoOut", "unidad"), ("EspacioOut", "titular")):
        assert campo in esquemas[nombre]["required"]
        assert {"type": "null"} in esquemas[nombre]["properties"][campo]["anyOf"], (nombre, campo)


def test_una_descarga_son_bytes_de_un_tipo_y_un_formulario_va_primero(documento: dict[str, Any]) -> None:
    for nombre, operacion in _operaciones(documento).items():
        for donde, tipo, contenido in _contenidos(operacion):
            assert "*" not in tipo, (nombre, donde)
            if donde.startswith("2") and tipo not in ("application/json", "text/event-stream"):
                assert contenido["schema"] == {"type": "string", "format": "binary"}, (nombre, tipo)
        cuerpos = list(operacion.get("requestBody", {}).get("content", {}))
        assert "multipart/form-data" not in cuerpos[1:], nombre


def test_ningun_generador_toma_algo_por_lo_que_no_es(documento: dict[str, Any]) -> None:
    """A default beside a reference makes it anything at all, an enumeration of truth values one of texts."""
    for nodo in _esquemas(documento):
        assert not ("$ref" in nodo and "default" in nodo), nodo
        assert not any(isinstance(valor, bool) for valor in nodo.get("enum", ()) if isinstance(nodo["enum"], list)), (
            nodo
        )


def test_un_exito_tiene_una_sola_forma(documento: dict[str, Any]) -> None:
    for nombre, operacion in _operaciones(documento).items():
        formas = [
            str(c["schema"])
            for donde, tipo, c in _contenidos(operacion)
            if donde.startswith("2") and tipo == "application/json"
        ]
        assert len(set(formas)) <= 1, nombre
    assert [n for n in _esquemas(documento) if "const" in n and not isinstance(n["const"], dict)] == []


@pytest.mark.parametrize(
    ("esquema", "base", "uno", "otro"),
    [
        ("RequestCreate", {"sorteo_id": "a" * 24}, {"vehiculo_id": "a" * 24}, {"placa": "ABC123"}),
        ("EstadoMasivo", {"estado": "aprobada"}, {"ids": ["a" * 24]}, {"filtro": {"estado": "pendiente"}}),
        ("InvitationCreate", {}, {"residente_id": "a" * 24}, {"email": "ana@example.com", "rol": "operador"}),
        ("FuenteDrandIn", {"tipo": "drand"}, {"ronda": 40_000_000}, {"momento": "2027-06-01T12:00:00Z"}),
    ],
)
def test_lo_uno_o_lo_otro_y_nunca_ambos_lo_dice_el_esquema(
    documento: dict[str, Any], esquema: str, base: Objeto, uno: Objeto, otro: Objeto
) -> None:
    juez = Draft202012Validator({"$ref": f"{REF}{esquema}", "components": documento["components"]})
    for cuerpo in (uno, otro):
        assert juez.is_valid({**base, **cuerpo}), cuerpo
    for cuerpo in ({}, {**uno, **otro}):
        assert not juez.is_valid({**base, **cuerpo}), cuerpo


def test_ningun_ejemplo_tiene_un_campo_de_mas_ni_uno_que_no_cabe(documento: dict[str, Any]) -> None:
    for nombre, esquema in documento["components"]["schemas"].items():
        juez = Draft202012Validator({"$ref": f"{REF}{nombre}", "components": documento["components"]})
        for ejemplo in esquema.get("examples", []):
            assert [e.message for e in juez.iter_errors(ejemplo)] == [], nombre
            if isinstance(ejemplo, dict) and "properties" in esquema:
                assert ejemplo.keys() <= esquema["properties"].keys(), nombre
