"""Every change of what is stored, in order. A number is never used again, and a change that went out is not edited.

A change names the documents that it has not reached yet, and what becomes of them, computed by the server. So it can be
cut short and begun again, and two processes may do the same one at once: a document that was reached is not named any
more.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs


@attrs.frozen(kw_only=True)
class Cambio:
    coleccion: str
    filtro: Mapping[str, Any]
    """Those not reached yet: `cambio` must make it false."""
    cambio: Sequence[Mapping[str, Any]]
    """A pipeline of an update."""


@attrs.frozen(kw_only=True)
class Migracion:
    numero: int
    que: str
    """For who runs the service, in Spanish."""
    cambios: Sequence[Cambio]


MIGRACIONES: Sequence[Migracion] = ()
