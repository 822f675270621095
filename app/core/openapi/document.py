"""The OpenAPI document, completed from what routes are: no endpoint says twice what the mechanisms know already.

FastAPI writes paths, parameters and schemas. Here every operation gets its description, who may call it, the problems
that it answers (those that its route names with `problemas`, and those of the mechanisms that it goes through), the
headers of its answers, and examples.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from app.core.http.pages import ORDENES
from app.core.http.responses import ejemplo_de_problema, esquema_de_problema, esquemas_de_problema
from app.core.openapi.components import CABECERAS, PARAMETROS
from app.core.openapi.examples import Ejemplos
from app.core.openapi.traits import Ruta
from app.core.security import Rol
from app.core.versions.objects import Objetos
from app.shared.exceptions import PeticionEnCurso
from app.shared.messages import titulo

_REF = "#/components/"
_PROBLEMA = "application/problem+json"
_JSON = "application/json"
_EVENTOS = "text/event-stream"
_DE_TEXTO = ("text/", "application/jsonl")
"""What people can read, and is shown as it looks; the vocabulary has it by operation and type."""
_DE_PAGINA = re.compile(r"PageOut_(\w+?)(?:Out)?_")
_HECHO: Mapping[str, str] = {
    "200": "Hecho.",
    "201": "Creado.",
    "202": "Aceptado: se hace aparte.",
    "204": "Hecho; la respuesta va vacía.",
    "304": "No ha cambiado desde la versión de `If-None-Match`; la respuesta va vacía.",
}
# What FastAPI says of an answer that says nothing of itself.
_SIN_DECIR = ("Successful Response", "")
_DE_ERROR: Mapping[int, Sequence[str]] = {
    401: ["WWW-Authenticate"],
    412: ["ETag"],
    429: ["Retry-After"],
    503: ["Retry-After"],
}
Operacion = dict[str, Any]
Esquemas = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Documento:
    """What the document says in words. `presentacion`: of the whole API. `etiquetas`, `operaciones`, `esquemas`:
    descriptions by tag, operation id and schema. `campos` and `objetos`: the vocabulary of examples, and whole ones by
    schema."""

    presentacion: str
    etiquetas: Mapping[str, str]
    operaciones: Mapping[str, str]
    esquemas: Mapping[str, str]
    campos: Mapping[str, Any]
    objetos: Mapping[str, Any]

    def ejemplos(self) -> Ejemplos:
        return Ejemplos(campos=self.campos, esquemas=self.objetos)


SIN_PALABRAS = Documento("", {}, {}, {}, {}, {})
"""For an application of a few routers, as in tests of one module."""


def completar(documento: dict[str, Any], rutas: Sequence[BaseRoute], palabras: Documento) -> Ejemplos:
    """Complete `documento` in place. Answers the examples, which know what the vocabulary lacks and does not need."""
    objetos = Objetos(rutas)
    por_lugar = {
        (str(contexto.path_format), metodo.lower()): Ruta(contexto, objetos)
        for contexto in iter_route_contexts(rutas)
        for metodo in contexto.methods or ()
    }
    codigos: dict[str, int] = {}
    problemas: Esquemas = {}
    for lugar, operacion in operaciones(documento):
        _explicar(operacion, palabras)
        _parametrar(operacion, por_lugar[lugar])
        _responder(operacion, por_lugar[lugar])
        suyos = por_lugar[lugar].errores()
        problemas[_problema_de(operacion)] = esquema_de_problema(suyos)
        codigos |= suyos
    _etiquetar(documento, palabras)
    componentes = documento.setdefault("components", {})
    esquemas: Esquemas = componentes.setdefault("schemas", {})
    for nombre, esquema in esquemas.items():
        # Docstrings are for who writes the API; what its users read is in their language.
        esquema.pop("description", None)
        if nombre in palabras.esquemas:
            esquema["description"] = palabras.esquemas[nombre]
    esquemas |= esquemas_de_problema() | problemas
    _quitar_ajenos(documento)
    _nombrar(documento)
    ejemplos = palabras.ejemplos()
    _ejemplificar(documento, ejemplos)
    componentes["examples"] = {c: ejemplo_de_problema(c, s, palabras.campos) for c, s in sorted(codigos.items())}
    usadas = set(re.findall(rf"'{_REF}headers/([\w-]+)'", str(documento["paths"])))
    parametros = {n: {"name": n, "in": "header", **p} for n, p in PARAMETROS.items()}
    citados = set(re.findall(rf"'{_REF}parameters/([\w-]+)'", str(documento["paths"])))
    componentes["parameters"] = {nombre: parametro for nombre, parametro in parametros.items() if nombre in citados}
    componentes["headers"] = {nombre: cabecera for nombre, cabecera in CABECERAS.items() if nombre in usadas}
    return ejemplos


def operaciones(documento: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Operacion]]:
    """Each operation, with its path and method."""
    for ruta, metodos in documento["paths"].items():
        for metodo, operacion in metodos.items():
            yield (ruta, metodo), operacion


def _explicar(operacion: Operacion, palabras: Documento) -> None:
    roles = operacion.get("x-roles", [])
    quien = f"**Quién**: {', '.join(f'`{rol}`' for rol in roles)}." if roles else "**Quién**: cualquiera, sin sesión."
    if len(roles) == len(Rol):
        quien = "**Quién**: toda persona con sesión."
    texto = palabras.operaciones.get(operacion["operationId"], operacion["summary"])
    operacion["description"] = f"{texto.strip()}\n\n{quien}"


def _etiquetar(documento: dict[str, Any], palabras: Documento) -> None:
    usadas = sorted({etiqueta for _, o in operaciones(documento) for etiqueta in o.get("tags", [])})
    documento["tags"] = [{"name": e, "description": palabras.etiquetas.get(e, e)} for e in usadas]


def _parametrar(operacion: Operacion, ruta: Ruta) -> None:
    """The headers that a whole kind of operations takes."""
    nombres = {"If-None-Match": ruta.versionada, "If-Match": ruta.condicional, "Idempotency-Key": ruta.con_clave}
    propios = [{"$ref": f"{_REF}parameters/{nombre}"} for nombre, cabe in nombres.items() if cabe]
    ordenes = operacion.pop(ORDENES, None)
    for parametro in operacion.get("parameters", []):
        if parametro["name"] == "orden" and ordenes:
            parametro["schema"] = {"type": "string", "enum": ordenes, "x-enum-varnames": [*map(_constante, ordenes)]}
        # One that is absent is absent: nothing in a path, a query or a header is null.
        match parametro["schema"]:
            case {"anyOf": [uno, {"type": "null"}]}:
                parametro["schema"] = uno
            case {"$ref": ref, "default": dado}:
                # With a default beside it, generators take a reference for anything at all.
                parametro["schema"] = {"$ref": ref}
                parametro["description"] = f"{parametro.get('description', '')} Si falta: `{dado}`.".lstrip()
    if propios:
        operacion["parameters"] = [*operacion.get("parameters", []), *propios]


def _constante(orden: str) -> str:
    """What generators name it: a sign is in no name, and they would number it."""
    nombre = orden.removeprefix("-").strip("_").upper()
    return f"{nombre}_DESC" if orden.startswith("-") else nombre


def _responder(operacion: Operacion, ruta: Ruta) -> None:
    respuestas = {s: r for s, r in operacion["responses"].items() if not s.startswith(("4", "5"))}
    for status, respuesta in respuestas.items():
        if respuesta["description"] in _SIN_DECIR:
            respuesta["description"] = _HECHO[status]
        contenidos = respuesta.pop("content", {})
        # An answer of JSON without a schema is one without body.
        respuesta |= {"content": c} if (c := {t: c for t, c in contenidos.items() if t != _JSON or c["schema"]}) else {}
        for tipo, contenido in respuesta.get("content", {}).items():
            if tipo != _JSON:
                # A file or a stream. What an item of one looks like is of a later OpenAPI than this document's.
                contenido.pop("itemSchema", None)
                # Bytes, whatever they say: a client that takes a file for text breaks it.
                binario = {} if tipo == _EVENTOS else {"format": "binary"}
                contenido.setdefault("schema", {"type": "string", **binario})
                if not tipo.startswith(_DE_TEXTO):
                    contenido.setdefault("example", "")
        respuesta["headers"] = respuesta.get("headers", {}) | _cabeceras(status, ruta, respuesta)
    if ruta.versionada:
        respuestas["304"] = {"description": _HECHO["304"], "headers": _cabeceras("304", ruta, {})}
    de = ruta.errores()
    for status_de_error in sorted(set(de.values())):
        codigos = sorted(codigo for codigo, s in de.items() if s == status_de_error)
        respuestas[str(status_de_error)] = _de_problema(status_de_error, codigos, _problema_de(operacion))
    if ruta.con_cuota:
        for respuesta in respuestas.values():
            respuesta["headers"] |= _referidas(["RateLimit", "RateLimit-Policy"])
    operacion["responses"] = respuestas


def _problema_de(operacion: Operacion) -> str:
    """The name of the schema of what it refuses with: whoever calls it decides by a `codigo` out of a closed list."""
    return "ProblemaDe" + "".join(parte.capitalize() for parte in operacion["operationId"].split("_"))


def _de_problema(status: int, codigos: Sequence[str], esquema: str) -> dict[str, Any]:
    propias = ["Retry-After"] if PeticionEnCurso.codigo in codigos else _DE_ERROR.get(status, ())
    return {
        "description": f"{titulo(status, 'es')}: {', '.join(f'`{c}`' for c in codigos)}.",
        "headers": _referidas(["X-Request-ID", "Content-Language", *propias]),
        "content": {
            _PROBLEMA: {
                "schema": {"$ref": f"{_REF}schemas/{esquema}"},
                "examples": {codigo: {"$ref": f"{_REF}examples/{codigo}"} for codigo in codigos},
            }
        },
    }


def _cabeceras(status: str, ruta: Ruta, respuesta: Mapping[str, Any]) -> dict[str, Any]:
    nombres = ["X-Request-ID"]
    if status in ("201", "202") and ruta.contexto.dependant.response_param_name is not None:
        nombres.append("Location")
    if "PageOut_" in str(respuesta.get("content")):
        nombres += ["Link", "X-Total-Count"]
    nombres += ruta.de_version(int(status))
    if respuesta.get("content", {}).keys() - {_JSON, _EVENTOS}:
        nombres.append("Content-Disposition")
    if ruta.con_preferencia:
        nombres.append("Preference-Applied")
    if ruta.con_clave:
        nombres.append("Idempotency-Replayed")
    return _referidas(nombres)


def _referidas(nombres: Iterable[str]) -> dict[str, Any]:
    return {nombre: {"$ref": f"{_REF}headers/{nombre}"} for nombre in nombres}


def _quitar_ajenos(documento: dict[str, Any]) -> None:
    """Schemas that nothing refers to: FastAPI's own problem, bases of those that are."""
    esquemas: Esquemas = documento["components"]["schemas"]
    pendientes, citados = [str(documento["paths"])], set[str]()
    while pendientes:
        nuevos = set(re.findall(rf"'{_REF}schemas/(\w+)'", pendientes.pop())) - citados
        citados |= nuevos
        pendientes += [str(esquemas[nombre]) for nombre in nuevos]
    documento["components"]["schemas"] = {n: e for n, e in esquemas.items() if n in citados}


def _nombrar(documento: dict[str, Any]) -> None:
    """Names that clients can live with: a page is `RequestPage`, an identifier `Id`; and no titles, which generators
    take for names of their own."""
    esquemas: Esquemas = documento["components"]["schemas"]
    nuevos = {"PydanticObjectId": "Id"} | {n: f"{m[1]}Page" for n in esquemas if (m := _DE_PAGINA.fullmatch(n))}
    referencias = {f"{_REF}schemas/{viejo}": f"{_REF}schemas/{nuevo}" for viejo, nuevo in nuevos.items()}
    documento["components"]["schemas"] = {n: esquemas[v] for v, n in sorted((v, nuevos.get(v, v)) for v in esquemas)}
    _limpiar(documento, referencias)


def _limpiar(nodo: Any, referencias: Mapping[str, str]) -> None:
    if isinstance(nodo, list):
        for hijo in nodo:
            _limpiar(hijo, referencias)
    if not isinstance(nodo, dict):
        return
    if isinstance(nodo.get("title"), str) and "version" not in nodo:
        del nodo["title"]
    if "const" in nodo:
        # Generators that know no constants throw at one; an enumeration of one says the same.
        fijo = nodo.pop("const")
        # One of truth values, though, is one of texts to some, and then nothing can be sent: its description says it.
        nodo |= {"examples": [fijo]} if isinstance(fijo, bool) else {"enum": [fijo]}
    if isinstance(nodo.get("$ref"), str):
        nodo["$ref"] = referencias.get(nodo["$ref"], nodo["$ref"])
        nodo.pop("pattern", None)  # said by `Id` itself
    for hijo in nodo.values():
        _limpiar(hijo, referencias)


def _ejemplificar(documento: dict[str, Any], ejemplos: Ejemplos) -> None:
    esquemas: Esquemas = documento["components"]["schemas"]
    ejemplos.de_documento(esquemas)
    for _, operacion in operaciones(documento):
        nombre = operacion["operationId"]
        for parametro in operacion.get("parameters", []):
            # What pages of documentation would fill in by themselves: a filter, a cursor, that nobody asked for.
            if "schema" in parametro and parametro.get("required"):
                parametro["example"] = ejemplos.de_campo(parametro["name"], parametro["schema"], nombre, esquemas)
        for cuerpo in (operacion.get("requestBody", {}), *operacion["responses"].values()):
            for tipo, contenido in cuerpo.get("content", {}).items():
                if not contenido.keys() & {"example", "examples"} and contenido.get("schema"):
                    campo = tipo if tipo.startswith(_DE_TEXTO) else "cuerpo"
                    contenido["example"] = ejemplos.de_campo(campo, contenido["schema"], nombre, esquemas)
