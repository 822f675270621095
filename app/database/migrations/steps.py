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


_SIN_ROL = {"anulacion": {"$ne": None}, "anulacion.rol": {"$exists": False}}
"""Annulments of before: only an admin could ask for one."""

MIGRACIONES: Sequence[Migracion] = (
    Migracion(
        numero=1,
        que="las anulaciones dicen el rol de quien las pidió; las que una publicación dejó sin efecto, retiradas",
        cambios=[
            Cambio(
                coleccion="sorteos",
                filtro={**_SIN_ROL, "estado": {"$in": ["publicado", "finalizado"]}},
                cambio=[
                    {
                        "$set": {
                            "anulaciones_retiradas": [
                                {
                                    "$mergeObjects": [
                                        "$anulacion",
                                        {"rol": "admin", "retirada_en": "$publicado_en", "motivo_retiro": "se publicó"},
                                    ]
                                }
                            ],
                            "anulacion": None,
                        }
                    }
                ],
            ),
            Cambio(coleccion="sorteos", filtro=_SIN_ROL, cambio=[{"$set": {"anulacion.rol": "admin"}}]),
        ],
    ),
)
