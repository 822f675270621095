"""Builds the module's services from what others hand it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.database.unit_of_work import UnitOfWork
from app.modules.residentes.padron import PadronService
from app.modules.residentes.ports import Cuentas, Salidas, Solicitudes
from app.modules.residentes.repository import ResidenteRepository, UnidadRepository, VehiculoRepository
from app.modules.residentes.service import ResidenteService
from app.modules.residentes.service_unidades import UnidadService


@dataclass(frozen=True, slots=True)
class Residentes:
    """`estado`: what its endpoints find in `request.state`."""

    estado: Mapping[str, Any]


def montar_padron() -> PadronService:
    """What other modules ask, and they are built before the rest of this one."""
    return PadronService(ResidenteRepository(), UnidadRepository(), VehiculoRepository())


def montar(
    *, uow: UnitOfWork, cuentas: Cuentas, salidas: Salidas, solicitudes: Solicitudes, zona: ZoneInfo
) -> Residentes:
    residentes, unidades, vehiculos = ResidenteRepository(), UnidadRepository(), VehiculoRepository()
    estado = {
        "unidades": UnidadService(
            unidades=unidades, vehiculos=vehiculos, residentes=residentes, solicitudes=solicitudes, uow=uow
        ),
        "residentes": ResidenteService(
            residentes=residentes,
            unidades=unidades,
            vehiculos=vehiculos,
            cuentas=cuentas,
            salidas=salidas,
            uow=uow,
            zona=zona,
        ),
    }
    return Residentes(estado=estado)
