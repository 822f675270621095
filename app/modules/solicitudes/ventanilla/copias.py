"""Requests of an annulled draw, copied into the draw that repeats it."""

from collections.abc import Mapping

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.exceptions import VehiculoAjeno
from app.modules.solicitudes.models import Solicitud, Ventanilla


def copia_de(
    solicitud: Solicitud, ventanilla: Ventanilla, folio: int, *, suyo: bool, tipos: Mapping[str, str]
) -> Solicitud:
    """As it stood before it was drawn; refused when the vehicle is no longer the flat's. `tipos`: the kinds of spaces
    that the other draw has: what is wished for and is none of them goes."""
    momento, usables = ahora(), ventanilla.terminos.admite(solicitud.clase, solicitud.acepta)
    copia: Solicitud = solicitud.model_copy(
        update={
            "id": PydanticObjectId(),
            "sorteo_id": ventanilla.oid,
            "folio": folio,
            "tipos": usables,
            "preferencias": [codigo for codigo in solicitud.preferencias if tipos.get(codigo) in usables],
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
