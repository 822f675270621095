"""Requests of an annulled draw, copied into the draw that repeats it."""

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.exceptions import VehiculoAjeno
from app.modules.solicitudes.models import Solicitud, Ventanilla


def copia_de(solicitud: Solicitud, ventanilla: Ventanilla, folio: int, *, suyo: bool) -> Solicitud:
    """As it stood before it was drawn; refused when the vehicle is no longer the flat's."""
    momento = ahora()
    copia: Solicitud = solicitud.model_copy(
        update={
            "id": PydanticObjectId(),
            "sorteo_id": ventanilla.oid,
            "folio": folio,
            "tipos": ventanilla.terminos.admite(solicitud.clase, solicitud.acepta),
            "estado": solicitud.antes_de_anular if suyo else RequestStatus.rechazada,
            "viva": suyo,
            "motivo": None if suyo else VehiculoAjeno.codigo,
            "espacio": None,
            "espera": None,
            "prestado": False,
            "condiciones": [],
            "sorteada": False,
            "ofrecida": False,
            "vence_en": None,
            "antes_de_anular": None,
            "antes_del_cierre": None,
            "creado_en": momento,
            "actualizado_en": momento,
        }
    )
    return copia
