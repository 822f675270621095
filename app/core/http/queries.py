"""Query strings that say nothing but what the operation knows: a misspelt filter is refused, and not left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import isclass
from typing import Annotated, Any, Literal, get_args, get_origin

from fastapi import Query
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel
from starlette.requests import Request

from app.shared.exceptions import EntradaInvalida, ErrorDeCampo

_MAXIMO_DE_ERRORES = 20
_MAXIMO_DE_VALORES = 20
# As JSON spells them. pydantic reads them as people write them: `1.0`, ` 1`, `+1`, `01`, `1_000`, `TRUE`, `on`, `1` of
# what is true or false.
_ESCRITOS = {int: re.compile(r"-?(0|[1-9][0-9]*)"), bool: re.compile(r"true|false")}


def varios(descripcion: str = "") -> Any:
    """A filter of one value from a list, which may be given several times: any of them will do."""
    return Query(max_length=_MAXIMO_DE_VALORES, description=f"{descripcion} Varias veces: cualquiera de ellos.".strip())


@dataclass(frozen=True, slots=True)
class _Parametro:
    """`escrito`: the one spelling of its values, of those that have one."""

    repetible: bool
    escrito: re.Pattern[str] | None


class ConsultaEstricta:
    """Judges the query strings of one operation. FastAPI leaves out what it does not know, and takes the last of a
    value that is given twice."""

    def __init__(self, dependant: Dependant) -> None:
        self._admite = dict(_parametros(dependant))
        self._nombres = ", ".join(sorted(self._admite))

    def __call__(self, request: Request) -> None:
        """Raises EntradaInvalida, which names the parameters that there are and nothing that was sent."""
        if not request.scope["query_string"]:
            return
        vistos: set[str] = set()
        errores: dict[tuple[str, str], ErrorDeCampo] = {}
        for nombre, valor in request.query_params.multi_items():
            parametro = self._admite.get(nombre)
            if parametro is None:
                errores["", ""] = ErrorDeCampo("", "parametro_desconocido", {"admitidos": self._nombres or "—"})
            elif not valor:
                errores[nombre, "vacio"] = ErrorDeCampo(nombre, "parametro_vacio", {})
            elif nombre in vistos and not parametro.repetible:
                errores[nombre, "repetido"] = ErrorDeCampo(nombre, "parametro_repetido", {})
            elif parametro.escrito is not None and not parametro.escrito.fullmatch(valor):
                errores[nombre, "tipo"] = ErrorDeCampo(nombre, "tipo_invalido", {})
            vistos.add(nombre)
        if errores:
            raise EntradaInvalida(*list(errores.values())[:_MAXIMO_DE_ERRORES])


def _parametros(dependant: Dependant) -> Iterator[tuple[str, _Parametro]]:
    """Each parameter of the operation, by its name."""
    for campo in dependant.query_params:
        tipo = campo.field_info.annotation
        if isclass(tipo) and issubclass(tipo, BaseModel):
            yield from ((n, _parametro(c.annotation)) for n, c in tipo.model_fields.items())
        else:
            yield campo.alias, _parametro(tipo)
    for hijo in dependant.dependencies:
        yield from _parametros(hijo)


def _parametro(tipo: Any) -> _Parametro:
    tipos = set(_tipos(tipo))
    return _Parametro(
        repetible=not tipos.isdisjoint((list, set, tuple, frozenset)),
        escrito=next((_ESCRITOS[t] for t in tipos if t in _ESCRITOS), None),
    )


def _tipos(tipo: Any) -> Iterator[Any]:
    """Those that `tipo` is made of, without what annotates them."""
    origen = get_origin(tipo)
    if origen in (None, Literal):
        yield tipo
    elif origen is Annotated:
        yield from _tipos(get_args(tipo)[0])
    else:
        yield origen
        yield from (t for parte in get_args(tipo) for t in _tipos(parte))
