"""Builds each service of what its constructor asks for, by the types of the parameters: a service that needs one thing
more says so in its own constructor, and no wiring has to be told.
"""

import inspect
from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Armador:
    """`dado`: what a module is handed, each thing under the type by which it is asked for; a port that stands for
    others is asked for as any of them. Any other class of ours that is asked for is built once, when it is first asked
    for."""

    def __init__(self, dado: Mapping[type, Any]) -> None:
        self._piezas: dict[Any, Any] = {base: pieza for tipo, pieza in dado.items() for base in tipo.__mro__[:-1]}

    def __getitem__(self, clase: type[T]) -> T:
        return cast(T, self._piezas[clase]) if clase in self._piezas else self.hacer(clase)

    def hacer(self, clase: type[T], **por_nombre: Any) -> T:
        """`por_nombre`: what no type tells, such as texts and times. Raises TypeError for a parameter that nobody gave
        and that is no class of ours."""
        for nombre, tipo in _pedidos(cast(Hashable, clase)):
            if nombre not in por_nombre:
                if tipo not in self._piezas and not _se_hace(tipo):
                    raise TypeError(f"{clase.__qualname__}: nobody gave `{nombre}`, {tipo}")
                por_nombre[nombre] = self[tipo]
        self._piezas[clase] = hecha = clase(**por_nombre)
        return hecha


@cache
def _pedidos(clase: Any) -> Sequence[tuple[str, Any]]:
    """The parameters that have no value of their own, with their types: looking at a signature takes longer than
    building the service, and whoever tests services builds them for each test."""
    parametros = inspect.signature(clase, eval_str=True).parameters.values()
    return [(uno.name, uno.annotation) for uno in parametros if uno.default is uno.empty]


def _se_hace(tipo: Any) -> bool:
    return isinstance(tipo, type) and tipo.__module__.startswith("app.") and not getattr(tipo, "_is_protocol", False)
