"""A request as its draw sees it, and as publishing writes it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from beanie import PydanticObjectId

from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.movimientos.service import con_plazo
from app.modules.solicitudes.ports import PuestoDeSolicitud
from app.shared.repository import Fila


@dataclass(frozen=True, slots=True)
class SolicitudEnSorteo:
    """A request as its draw sees it. `impedimentos`: those of now. `alterada`: where it is not as it should be; then
    only its id and its folio are told."""

    id: PydanticObjectId
    folio: int
    unidad_id: PydanticObjectId
    residente_id: PydanticObjectId
    vehiculo_id: PydanticObjectId
    estado: str
    clase: str
    electrico: bool
    tipos: tuple[str, ...]
    preferencias: tuple[str, ...]
    usa_condiciones: bool
    habitantes: tuple[PydanticObjectId, ...]
    impedimentos: tuple[str, ...]
    alterada: str | None = None


def en_sorteo(fila: Fila) -> SolicitudEnSorteo:
    """Judged by nobody yet."""
    vehiculo = fila["vehiculo"]
    return SolicitudEnSorteo(
        id=fila["_id"],
        folio=fila["folio"],
        unidad_id=fila["unidad_id"],
        residente_id=fila["residente_id"],
        vehiculo_id=vehiculo["id"],
        estado=fila["estado"],
        clase=fila["clase"],
        electrico=vehiculo["electrico"],
        tipos=tuple(fila["tipos"]),
        preferencias=tuple(fila["preferencias"]),
        usa_condiciones=fila["usa_condiciones"],
        habitantes=tuple(fila["habitantes"]),
        impedimentos=(),
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
