"""Examples for the whole document from one vocabulary: a field is shown with the same value wherever it stands.

What a schema says by itself (an enum, a constant, a default, a count) needs no word in the vocabulary; a text does. An
object is made up from the examples of its fields, unless it is given whole because they only make sense together.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Esquema = Mapping[str, Any]
_UNA_CUENTA = 12
_TIPOS: Mapping[str, type] = {"boolean": bool, "null": type(None), "object": dict, "array": list}
_REF = "#/components/schemas/"
_POR_FORMATO: Mapping[str, str] = {
    "date": "2026-12-31",
    "date-time": "2026-12-01T17:00:00.000Z",
    "email": "ana@example.com",
    "binary": "",
}


@dataclass
class Ejemplos:
    """`campos`: by name of field or parameter, or `Esquema.campo` where it means something else there. `esquemas`:
    whole objects. `faltan` and `usados` are told to the tests."""

    campos: Mapping[str, Any]
    esquemas: Mapping[str, Any]
    faltan: set[str] = field(default_factory=set)
    usados: set[str] = field(default_factory=set)

    def de_documento(self, esquemas: Mapping[str, dict[str, Any]]) -> None:
        """Give every schema of the document, and every field that says no other way what it looks like, an example."""
        for nombre, esquema in sorted(esquemas.items()):
            for campo, propio in esquema.get("properties", {}).items():
                if _es_hoja(propio) and "examples" not in propio:
                    propio["examples"] = [self.de_campo(campo, propio, nombre, esquemas)]
        for nombre, esquema in sorted(esquemas.items()):
            # A problem of one operation has its own beside each refusal.
            if "allOf" not in esquema:
                esquema["examples"] = [self.de_esquema(nombre, esquemas)]

    def de_esquema(self, nombre: str, esquemas: Mapping[str, Any]) -> Any:
        """The example of a named schema."""
        if nombre in self.esquemas:
            self.usados.add(nombre)
            return self.esquemas[nombre]
        return self._de(esquemas[nombre], nombre, nombre, esquemas)

    def de_campo(self, nombre: str, esquema: Esquema, en: str, esquemas: Mapping[str, Any]) -> Any:
        """The example of a field or parameter `nombre` of `en`."""
        if nombre in self.esquemas.get(en, {}):
            return self.esquemas[en][nombre]
        for clave in (f"{en}.{nombre}", nombre):
            if clave in self.campos and (clave != nombre or _cabe(self.campos[clave], esquema, esquemas)):
                self.usados.add(clave)
                return self.campos[clave]
        return self._de(esquema, nombre, en, esquemas)

    def _de(self, esquema: Esquema, nombre: str, en: str, esquemas: Mapping[str, Any]) -> Any:
        match esquema:
            case {"examples": [ejemplo, *_]} | {"example": ejemplo} | {"const": ejemplo} | {"enum": [ejemplo, *_]}:
                return ejemplo
            case {"$ref": str() as ref}:
                return self.de_esquema(ref.removeprefix(_REF), esquemas)
            case {"anyOf": opciones} | {"oneOf": opciones}:
                # The value, where there may also be none.
                return self._de(next(o for o in opciones if o.get("type") != "null"), nombre, en, esquemas)
            case {"properties": propiedades}:
                return {campo: self.de_campo(campo, e, en, esquemas) for campo, e in propiedades.items()}
            case {"type": "array", "items": items}:
                return [self.de_campo(nombre, items, en, esquemas)]
            case {"type": "boolean"}:
                return esquema.get("default", False)
            case {"format": str() as formato} if formato in _POR_FORMATO:
                return _POR_FORMATO[formato]
            case {"default": ejemplo} if ejemplo is not None:
                return ejemplo
            case {"type": "integer"}:
                return int(esquema.get("minimum", _UNA_CUENTA))
            case {"type": "number"}:
                return esquema.get("minimum", _UNA_CUENTA)
            case {"type": "object"}:
                return {}
        self.faltan.add(nombre if en == nombre else f"{en}.{nombre}")
        return None


def _es_hoja(esquema: Esquema) -> bool:
    """Whether the example stands here and nowhere below: no reference, alone or in a list."""
    return "$ref" not in str(esquema)


def _cabe(valor: Any, esquema: Esquema, esquemas: Mapping[str, Any]) -> bool:
    """Whether a word of the vocabulary is one that this field takes: `total` is a count here, a text there."""
    match esquema:
        case {"$ref": str() as ref}:
            return _cabe(valor, esquemas[ref.removeprefix(_REF)], esquemas)
        case {"anyOf": opciones} | {"oneOf": opciones}:
            return any(_cabe(valor, opcion, esquemas) for opcion in opciones)
        case {"const": fijo}:
            return bool(valor == fijo)
        case {"enum": valores}:
            return valor in valores
        case {"type": "array", "items": items}:
            return isinstance(valor, list) and all(_cabe(hijo, items, esquemas) for hijo in valor)
        case {"properties": propiedades}:
            return isinstance(valor, dict) and valor.keys() <= propiedades.keys()
        case {"type": "string"}:
            return isinstance(valor, str) and _es_texto_de(valor, esquema)
        case {"type": "integer" | "number"}:
            return isinstance(valor, int | float) and not isinstance(valor, bool)
        case {"type": tipo}:
            return isinstance(valor, _TIPOS[tipo])
    return True


def _es_texto_de(valor: str, esquema: Esquema) -> bool:
    if not esquema.get("minLength", 0) <= len(valor) <= esquema.get("maxLength", len(valor)):
        return False
    formas = [esquema.get("pattern", ""), {"date": "^.{10}$", "date-time": "T.*Z$"}.get(esquema.get("format", ""), "")]
    return all(re.search(forma, valor) for forma in formas)
