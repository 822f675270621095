"""How a request fared in its draw is what the draws to come count: a mark says so that nobody makes without the key.

It is not the mark of publishing (`precintos.py`), which says where a request stands and ends with its draw: this one
stands for good. What changes after publishing is whether the request was offered a space, and whether it came to hold
one."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from app.core.sealing import Precinto, PrecintoDeFilas
from app.modules.solicitudes.models import Solicitud

EN = "suerte"
CAMPOS_DE_SUERTE = ("_id", "sorteo_id", "unidad_id", "clase", "ofrecida", "tuvo")
_CAMBIAN = frozenset({"ofrecida", "tuvo"})


@attrs.define
class MarcasDeSuertes:
    _precinto: PrecintoDeFilas

    @classmethod
    def con(cls, clave: bytes, anteriores: Sequence[bytes] = ()) -> "MarcasDeSuertes":
        return cls(PrecintoDeFilas(precinto=Precinto(clave, "suerte", anteriores), campos=CAMPOS_DE_SUERTE, en=EN))

    def de(self, fila: Mapping[str, Any]) -> str:
        """Of a request that is published now, as it will be stored."""
        return self._precinto.de(fila)

    def seguir(self, solicitud: Solicitud, cambios: Mapping[str, Any]) -> dict[str, Any]:
        """What to write beside `cambios`. A mark that was broken is not made anew."""
        if _CAMBIAN.isdisjoint(cambios):
            return {}
        antes = {campo: getattr(solicitud, campo) for campo in (*CAMPOS_DE_SUERTE[1:], EN)} | {"_id": solicitud.oid}
        return {EN: self._precinto.de(antes | dict(cambios))} if self.entera(antes) else {}

    def entera(self, fila: Mapping[str, Any]) -> bool:
        return self._precinto.vale(fila)
