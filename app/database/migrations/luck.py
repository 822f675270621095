"""How requests fared in the draws that there were, for the draws to come."""

from collections.abc import Sequence

from app.database.migrations.changes import Cambio, Campo, Marcado
from app.database.migrations.expressions import con_valor

_SORTEADAS = {"sorteada": True}
_SUYAS = {"from": "asignaciones", "localField": "_id", "foreignField": "solicitud_id", "as": "suyas"}
_TUVIERON = Campo(
    coleccion="solicitudes",
    nombre="tuvo",
    pasos=[{"$lookup": _SUYAS}, {"$set": {"tuvo": {"$gt": [{"$size": "$suyas"}, 0]}}}],
    solo=_SORTEADAS,
)
_MARCA = Marcado(
    coleccion="solicitudes",
    campos=("_id", "sorteo_id", "unidad_id", "clase", "ofrecida", "tuvo"),
    clave="clave_sorteo",
    uso="suerte",
    en="suerte",
    solo=_SORTEADAS,
)

SUERTES: Sequence[Cambio | Campo | Marcado] = [
    *con_valor("solicitudes", {"sorteada": False}, tuvo=False, suerte=None),
    _TUVIERON,
    _MARCA,
]
