"""A request as its draw sees it, and as publishing writes it. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.models import SolicitudVista
from app.modules.solicitudes.movimientos.service import con_plazo
from app.modules.solicitudes.ports import PuestoDeSolicitud, SolicitudEnSorteo
from app.shared.repository import Fila


def en_sorteo(solicitud: SolicitudVista, impedimentos: Sequence[str]) -> SolicitudEnSorteo:
    vehiculo = solicitud.vehiculo
    suyo = vehiculo if isinstance(vehiculo, dict) else vehiculo.model_dump()
    return SolicitudEnSorteo(
        id=solicitud.oid,
        folio=solicitud.folio,
        unidad_id=solicitud.unidad_id,
        residente_id=solicitud.residente_id,
        vehiculo_id=suyo["id"],
        estado=solicitud.estado,
        clase=solicitud.clase,
        electrico=suyo["electrico"],
        tipos=tuple(solicitud.tipos),
        preferencias=tuple(solicitud.preferencias),
        usa_condiciones=solicitud.usa_condiciones,
        habitantes=tuple(solicitud.habitantes),
        impedimentos=tuple(impedimentos),
    )


def alterada_en_sorteo(fila: Fila, donde: str) -> SolicitudEnSorteo:
    """One that somebody wrote on the database, or let in by it: whatever that is, nobody judges it."""
    id = fila["_id"]
    return SolicitudEnSorteo(
        id=id,
        folio=fila["folio"],
        unidad_id=id,
        residente_id=id,
        vehiculo_id=id,
        estado=RequestStatus.cancelada,
        clase="",
        electrico=False,
        tipos=(),
        preferencias=(),
        usa_condiciones=False,
        habitantes=(),
        impedimentos=(),
        alterada=donde,
    )


def destino(puesto: PuestoDeSolicitud) -> RequestStatus:
    return RequestStatus.en_espera if puesto.espacio is None else RequestStatus.asignada


def publicada(puesto: PuestoDeSolicitud, momento: datetime, limite: datetime) -> dict[str, Any]:
    return {
        "estado": destino(puesto),
        "espacio": puesto.espacio,
        "espera": puesto.espera,
        "lugar": puesto.espera,
        "prestado": puesto.prestado,
        "condiciones": list(puesto.condiciones),
        "sorteada": True,
        "ofrecida": puesto.espacio is not None,
        **({"vence_en": None} if puesto.espacio is None else con_plazo(limite, momento)),
        "actualizado_en": momento,
    }
