"""What the OpenAPI document promises, as sorted lines, and `docs/api-changes.md` made from the difference to those of
the last release.

    python -m scripts.cambios                  writes docs/api-changes.md
    python -m scripts.cambios publicar 1.1.0   what is there now is what was promised, from this version on

A line is a fact: `>` of what programs send, `<` of what they get. `!` says that it is always there.
"""

import json
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.config import Settings
from app.core.http.application import PREFIJO
from app.main import create_app

RAIZ = Path(__file__).parents[1]
PROMESAS = RAIZ / "docs" / "api" / "released.txt"
PAGINA = RAIZ / "docs" / "api-changes.md"
_REF = "#/components/schemas/"
_PROBLEMA = "application/problem+json"
_SIN_RAZON = " — **why?**"
_CABEZA = """# Changes of the API

Made by `make docs` from the difference of the OpenAPI document with what the last release promised,
[docs/api/released.txt](api/released.txt). What breaks programs that worked says why behind its dash, by hand, and
`make docs` keeps that; without a reason the tests fail. New lists of values in answers break clients that know them as
closed; of the `codigo`s of refusal programs decide those that they know, so a new one breaks none.
"""
Documento = Mapping[str, Any]
Hechos = dict[str, str]


@dataclass(frozen=True, slots=True, order=True)
class Cambio:
    texto: str
    rompe: bool


def hechos(documento: Documento) -> Hechos:
    """What each operation takes and answers, and what each schema is made of, by what it is said of."""
    esquemas: Mapping[str, Any] = documento["components"]["schemas"]
    dichos: Hechos = {}
    entran, salen = set[str](), set[str]()
    for ruta, operaciones in documento["paths"].items():
        for metodo, operacion in operaciones.items():
            nombre = f"{metodo.upper()} {ruta.removeprefix(PREFIJO)}"
            dichos[f"< {nombre}"] = operacion["operationId"]
            dichos[f"> {nombre} roles"] = _lista(operacion.get("x-roles", []))
            dichos |= _pedidos(nombre, operacion, documento)
            dichos |= _respuestas(nombre, operacion)
            entran |= _citados(str([operacion.get("parameters"), operacion.get("requestBody")]), esquemas)
            salen |= _citados(str(operacion["responses"]), esquemas)
    for sentido, nombres in ((">", entran), ("<", salen)):
        for nombre in nombres:
            if "allOf" not in esquemas[nombre]:  # a problem of one operation, whose `codigo`s stand there
                dichos |= {f"{sentido} {clave}": valor for clave, valor in _partes(nombre, esquemas[nombre])}
    return dichos


def _pedidos(nombre: str, operacion: Documento, documento: Documento) -> Iterator[tuple[str, str]]:
    for dado in operacion.get("parameters", []):
        comun = dado.get("$ref", "").rpartition("/")[2]
        parametro = documento["components"]["parameters"][comun] if comun else dado
        donde = f"> {nombre} {parametro['in']} {parametro['name']}"
        yield donde, _tipo(parametro["schema"]) + "!" * parametro.get("required", False)
    cuerpo = operacion.get("requestBody", {})
    for tipo, contenido in cuerpo.get("content", {}).items():
        yield f"> {nombre} body {tipo}", _tipo(contenido["schema"]) + "!" * cuerpo.get("required", False)


def _respuestas(nombre: str, operacion: Documento) -> Iterator[tuple[str, str]]:
    for status, respuesta in operacion["responses"].items():
        contenidos = respuesta.get("content", {})
        if _PROBLEMA in contenidos:
            yield f"< {nombre} {status}", _lista(contenidos[_PROBLEMA]["examples"])
        else:
            yield f"< {nombre} {status}", _tipos_de(contenidos)


def _tipos_de(contenidos: Mapping[str, Any]) -> str:
    return "; ".join(f"{tipo} {_tipo(c['schema'])}" for tipo, c in sorted(contenidos.items())) or "nothing"


def _citados(texto: str, esquemas: Mapping[str, Any]) -> set[str]:
    """Each schema that it names, and those which they name."""
    hallados, pendientes = set[str](), [texto]
    while pendientes:
        nuevos = set(re.findall(rf"'{_REF}(\w+)'", pendientes.pop())) - hallados
        hallados |= nuevos
        pendientes += [str(esquemas[nombre]) for nombre in nuevos]
    return hallados


def _partes(nombre: str, esquema: Documento) -> Iterator[tuple[str, str]]:
    """A schema, and what stands in it without a name of its own."""
    yield nombre, _tipo(esquema)
    for campo, suyo in esquema.get("properties", {}).items():
        siempre = "!" * (campo in esquema.get("required", ()))
        interior = suyo.get("items", suyo)
        partes = list(_partes(f"{nombre}.{campo}", interior)) if "properties" in interior else []
        yield f"{nombre}.{campo}", _tipo(suyo) + siempre
        yield from partes[1:]


def _tipo(esquema: Documento) -> str:
    match esquema:
        case {"$ref": str() as ref}:
            return ref.removeprefix(_REF)
        case {"oneOf": opciones} | {"anyOf": opciones}:
            return " | ".join(map(_tipo, opciones))
        case {"enum": valores}:
            return _lista(map(str, valores))
        case {"type": "array", "items": items}:
            return f"[{_tipo(items)}]"
        case {"type": "object", "additionalProperties": {} as valor} if valor:
            return f"by text {_tipo(valor)}"
        case {"type": str() as tipo}:
            return f"{tipo} {esquema['format']}" if "format" in esquema else tipo
    return "anything"


def _lista(valores: Collection[str] | Iterator[str]) -> str:
    return "{" + " ".join(sorted(valores)) + "}"


def comparar(antes: Hechos, ahora: Hechos) -> list[Cambio]:
    """In order. Of an operation or a schema that is new only that is said; of one that is gone, too."""
    cambios = set[Cambio]()
    for clave in antes.keys() | ahora.keys():
        viejo, nuevo, duena = antes.get(clave), ahora.get(clave), _duena(clave)
        que = clave[2:]
        if viejo == nuevo or (duena != clave and (duena in antes) != (duena in ahora)):
            continue
        if nuevo is None:
            # A schema that nothing names any more breaks nobody: what named it says that it has changed.
            rompe = (duena != clave or " " in que) and not _es_rechazo(que)
            cambios.add(Cambio(f"`{que}` is gone", rompe=rompe))
        elif viejo is None:
            obliga = clave.startswith(">") and nuevo.endswith("!")
            cambios.add(Cambio(f"`{que}` is new: {nuevo}", rompe=obliga and duena != clave))
        else:
            cambios.update(_cambiado(clave, viejo, nuevo))
    return sorted(cambios)


def _es_rechazo(que: str) -> bool:
    return re.search(r" [45]\d\d$", que) is not None


def _duena(clave: str) -> str:
    """The operation or the schema that it is said of."""
    sentido, *palabras = clave.split(" ")
    if len(palabras) == 1:
        return f"{sentido} {palabras[0].partition('.')[0]}"
    return f"< {palabras[0]} {palabras[1]}"


def _cambiado(clave: str, viejo: str, nuevo: str) -> Iterator[Cambio]:
    que, entra = clave[2:], clave.startswith(">")
    if viejo.startswith("{") and nuevo.startswith("{") and viejo.endswith("!") == nuevo.endswith("!"):
        antes, ahora = set(viejo.strip("{!}").split()), set(nuevo.strip("{!}").split())
        if antes - ahora:
            yield Cambio(f"`{que}` has no more {_lista(antes - ahora)}", rompe=entra)
        if ahora - antes:
            yield Cambio(f"`{que}` has also {_lista(ahora - antes)}", rompe=not entra and not _es_rechazo(que))
        return
    # What may be left out now, or comes always now, was right before.
    mas, menos = (viejo, nuevo) if entra else (nuevo, viejo)
    yield Cambio(f"`{que}` was {viejo}, is {nuevo}", rompe=mas != f"{menos}!")


def pagina(cambios: Collection[Cambio], version: str, anterior: str) -> str:
    """The page anew. `anterior`: the one that is there, whose reasons and whose releases of before stay."""
    razones = dict(re.findall(r"^- (.+?)( — .+)$", anterior, re.MULTILINE))
    rompen = [f"- {c.texto}{razones.get(c.texto, _SIN_RAZON)}" for c in cambios if c.rompe]
    otros = [f"- {c.texto}" for c in cambios if not c.rompe]
    partes = [_CABEZA, f"## Since {version}\n"]
    for titulo, lineas in (("What breaks", rompen), ("What else is new or gone", otros)):
        if lineas:
            partes.append("\n".join([f"### {titulo}\n", *lineas, ""]))
    if not cambios:
        partes.append("Nothing.\n")
    de_antes = re.search(r"^## [^S].*", anterior, re.MULTILINE | re.DOTALL)
    return "\n".join([*partes, de_antes[0]] if de_antes else partes)


def sin_razon(pagina: str) -> list[str]:
    return [linea for linea in pagina.splitlines() if linea.endswith(_SIN_RAZON)]


def leer() -> tuple[str, Hechos]:
    """The version that promised, and what."""
    version, *lineas = PROMESAS.read_text(encoding="utf-8").splitlines()
    return version, dict(linea.split(" = ", 1) for linea in lineas if linea)


def escribir(version: str, dichos: Hechos) -> None:
    PROMESAS.parent.mkdir(exist_ok=True)
    lineas = [f"{clave} = {valor}" for clave, valor in sorted(dichos.items())]
    PROMESAS.write_text("\n".join([version, *lineas, ""]), encoding="utf-8")


def main() -> None:
    ahora = hechos(json.loads(json.dumps(create_app(Settings(_env_file=None, latido_segundos=0)).openapi())))
    anterior = PAGINA.read_text(encoding="utf-8") if PAGINA.exists() else ""
    match sys.argv[1:]:
        case ["publicar", version]:
            escribir(version, ahora)
            anterior = re.sub(r"^## Since .*", f"## {version}", anterior, flags=re.MULTILINE)
        case []:
            pass
        case _:
            sys.exit(__doc__)
    version, antes = leer()
    PAGINA.write_text(pagina(comparar(antes, ahora), version, anterior), encoding="utf-8")


if __name__ == "__main__":
    main()
