"""`/sorteo/porteria`: what the gate asks."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.core.dependencies import GateDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.quotas.stage import por_cuenta
from app.modules.sorteo.porteria.service import PorteriaService
from app.shared.schemas import OutputSchema, Texto
from app.shared.utils import normalizar_placa

router = APIRouter(prefix="/sorteo", tags=["sorteo"], route_class=StrictRoute)
PorteriaServiceDep = Annotated[PorteriaService, Depends(de_estado("sorteo", "porteria"))]


class AccesoOut(OutputSchema):
    """`tipo`: of the space. All but `permitido` are null for a vehicle that may not come in; `hasta` also with a right
    that does not end."""

    permitido: bool
    espacio: str | None
    tipo: str | None
    desde: date | None
    hasta: date | None


@router.get(
    "/porteria",
    summary="Preguntar por una placa",
    responses=problemas(),
    dependencies=[por_cuenta("porteria", 120, 60)],
)
async def preguntar_porteria(
    placa: Annotated[str, Texto(1, 30), Query()], porteria: PorteriaServiceDep, _: GateDep
) -> AccesoOut:
    """Whether the vehicle may come in today, and to which space. It names nobody."""
    return AccesoOut.model_validate(await porteria.acceso(placa=normalizar_placa(placa)))
