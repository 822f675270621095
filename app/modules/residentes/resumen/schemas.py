"""What goes out of `/residentes/resumen`."""

from app.modules.residentes.catalogo.schemas import NombreOut
from app.modules.residentes.models import TipoVehiculo
from app.shared.schemas import InstanteOut, OutputSchema


class UnidadCounts(OutputSchema):
    total: int
    al_dia: int
    en_mora: int


class CuentaCounts(OutputSchema):
    """Of the active residents."""

    sin_invitar: int
    invitada: int
    activa: int


class ResidentCounts(OutputSchema):
    activos: int
    inactivos: int
    cuentas: CuentaCounts


class VehiculoCounts(OutputSchema):
    tipo: TipoVehiculo
    electrico: bool
    total: int


class CondicionCounts(OutputSchema):
    """Of the active residents. `declaradas` wait for staff; of the verified ones, `vencidas` count no more."""

    codigo: str
    nombre: NombreOut
    declaradas: int
    verificadas: int
    vencidas: int
    rechazadas: int


class ResidentSummary(OutputSchema):
    """`contado_en`: the instant at which all was as it says; null, now."""

    contado_en: InstanteOut | None
    unidades: UnidadCounts
    residentes: ResidentCounts
    vehiculos: list[VehiculoCounts]
    condiciones: list[CondicionCounts]
