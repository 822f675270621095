"""What a move writes: its line of history, and what the request lets go of. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from beanie import PydanticObjectId

from app.modules.solicitudes.estados import CON_ESPACIO, Actor, RequestStatus
from app.modules.solicitudes.models import Solicitud, SolicitudVista, TipoMovimiento
from app.shared.repository import Fila


def linea(
    solicitud: Solicitud | SolicitudVista,
    *,
    actor: Actor,
    cuando: datetime,
    de: RequestStatus | None = None,
    a: RequestStatus | None = None,
    usuario_id: PydanticObjectId | None = None,
    motivo: str | None = None,
    tipo: TipoMovimiento = TipoMovimiento.estado,
    cambios: Mapping[str, Any] | None = None,
) -> Fila:
    """A line of history, as a `Movimiento` is stored; without `a`, of a move to the state in which the request is."""
    return {
        "solicitud_id": solicitud.oid,
        "tipo": tipo.value,
        "de": None if de is None else de.value,
        "a": (a or solicitud.estado).value,
        "actor": actor.value,
        "usuario_id": usuario_id,
        "cuando": cuando,
        "motivo": motivo,
        "cambios": dict(cambios or {}),
    }


def al_dejar_espacio(solicitud: Solicitud, a: RequestStatus) -> dict[str, Any]:
    if solicitud.estado not in CON_ESPACIO:
        return {}
    return {"vence_en": None} if a is RequestStatus.aceptada else {"vence_en": None, "espacio": None, "prestado": False}
