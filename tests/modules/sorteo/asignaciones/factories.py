"""Assignments with what a test does not care about already filled in."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.sorteo.asignaciones.marcas import MarcasDeAsignaciones
from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.asignaciones.repository import AsignacionRepository

DESDE, HASTA = date(2026, 1, 1), date(2026, 12, 31)
MARCAS = MarcasDeAsignaciones.con(b"m" * 32)


def repositorio() -> AsignacionRepository:
    return AsignacionRepository(marcas=MARCAS)


def vehiculo(**cambios: Any) -> dict[str, Any]:
    return {"id": PydanticObjectId(), "tipo": "carro", "electrico": False, "placa": "ABC123"} | cambios


@dataclass(frozen=True)
class Aceptada:
    """A request that was accepted."""

    codigo: str
    solicitud_id: PydanticObjectId
    unidad_id: PydanticObjectId
    vehiculo: dict[str, Any]
    clase: str
    prestado: bool


def aceptada(codigo: str, solicitud_id: PydanticObjectId, **campos: Any) -> Aceptada:
    por_defecto: dict[str, Any] = {
        "unidad_id": PydanticObjectId(),
        "vehiculo": vehiculo(),
        "clase": "carro",
        "prestado": False,
    }
    return Aceptada(codigo=codigo, solicitud_id=solicitud_id, **(por_defecto | campos))


def asignacion(**cambios: Any) -> Asignacion:
    """In force all of 2026, by an act."""
    por_defecto: dict[str, Any] = {
        "espacio": "A-01",
        "unidad_id": PydanticObjectId(),
        "vehiculo": vehiculo(),
        "clase": "carro",
        "sorteo_id": PydanticObjectId(),
        "solicitud_id": PydanticObjectId(),
        "desde": DESDE,
        "hasta": HASTA,
        "estado": "vigente",
        "prestado": False,
        "creado_en": ahora(),
    }
    por_defecto |= cambios
    return MARCAS.marcada(Asignacion(**{"tenida_hasta": por_defecto["hasta"]} | por_defecto))
