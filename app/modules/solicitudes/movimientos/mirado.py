"""Of the facts that a hand-in judges by and no closing asks again (arrears, where they are judged then; the vehicle), a
request says under its mark (`mirado`) when each was stated, and when it was judged by it: two numbers of microseconds.
Whoever puts one back with its mark as it once was, for the moment of a hand-in, has a request that was judged by what
was no longer the latest. The closing finds that, as the audit was told each time that such a fact was stated."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import attrs

from app.modules.solicitudes.models import Terminos
from app.modules.solicitudes.ports import Peticion
from app.shared.repository import Fila

AL_DIA, VEHICULO = "al_dia", "vehiculo"
_DE_QUIEN = {AL_DIA: lambda fila: fila["unidad_id"], VEHICULO: lambda fila: fila["vehiculo"]["id"]}
_HOLGURA = 60_000_000
"""The clocks of two processes differ: what was stated less than a minute before may have been stated after."""


def juzga_mora(terminos: Terminos) -> bool:
    """Whether who owes is refused at the hand-in."""
    return terminos.exige_al_dia and terminos.al_dia_en == "solicitud"


def mirado(peticion: Peticion, hechos: Collection[str], momento: datetime) -> dict[str, list[int]]:
    """Those of these facts that there are, of one that is judged at that moment."""
    cuando = int(momento.timestamp() * 1_000_000)
    return {hecho: [peticion.vistos[hecho], cuando] for hecho in hechos if hecho in peticion.vistos}


@attrs.frozen
class Historia:
    """Each time that those facts were stated, by fact and by id of what they are of."""

    _veces: Mapping[str, Mapping[str, Sequence[int]]]

    def antigua(self, fila: Fila) -> str | None:
        """By which fact a request was judged that had been stated otherwise since. Of a row whose mark is whole."""
        for hecho, (dicho, juzgado) in (fila.get("mirado") or {}).items():
            veces = self._veces[hecho].get(str(_DE_QUIEN[hecho](fila)), ())
            if any(dicho < vez <= juzgado - _HOLGURA for vez in veces):
                return str(hecho)
        return None
