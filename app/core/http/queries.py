"""Query strings that say nothing but what the operation knows: a misspelt filter is refused, and not left out."""

from collections.abc import Iterator
from inspect import isclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from fastapi import Query
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel
from starlette.requests import Request

from app.shared.exceptions import EntradaInvalida, ErrorDeCampo

_MAXIMO_DE_ERRORES = 20
_MAXIMO_DE_VALORES = 20


def varios(descripcion: str = "") -> Any:
    """A filter of one value from a list, which may be given several times: any of them will do."""
    return Query(max_length=_MAXIMO_DE_VALORES, description=f"{descripcion} Varias veces: cualquiera de ellos.".strip())


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
            repetible = self._admite.get(nombre)
            if repetible is None:
                errores["", ""] = ErrorDeCampo("", "parametro_desconocido", {"admitidos": self._nombres or "—"})
            elif not valor:
                errores[nombre, "vacio"] = ErrorDeCampo(nombre, "parametro_vacio", {})
            elif nombre in vistos and not repetible:
                errores[nombre, "repetido"] = ErrorDeCampo(nombre, "parametro_repetido", {})
            vistos.add(nombre)
        if errores:
            raise EntradaInvalida(*list(errores.values())[:_MAXIMO_DE_ERRORES])


def _parametros(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """The name of each parameter of the operation, and whether it may be given several times."""
    for campo in dependant.query_params:
        tipo = campo.field_info.annotation
        if isclass(tipo) and issubclass(tipo, BaseModel):
            yield from ((n, _es_lista(c.annotation)) for n, c in tipo.model_fields.items())
        else:
            yield campo.alias, _es_lista(tipo)
    for hijo in dependant.dependencies:
        yield from _parametros(hijo)


def _es_lista(tipo: Any) -> bool:
    origen = get_origin(tipo)
    if origen is Annotated:
        return _es_lista(get_args(tipo)[0])
    if origen in (Union, UnionType):
        return any(_es_lista(parte) for parte in get_args(tipo) if parte is not NoneType)
    return (origen or tipo) in (list, set, tuple, frozenset)
