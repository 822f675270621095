"""`/residentes/paz-y-salvo`: who is paid up, from a file."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.core.dependencies import StaffDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.http.uploads import HOJA, SIN_HOJA, HojaDep
from app.core.imports.contract import DemasiadasFilas
from app.core.quotas.stage import IMPORTACIONES
from app.modules.residentes.exceptions import CambioMasivo
from app.modules.residentes.mora.schemas import PazYSalvoOut
from app.modules.residentes.mora.service import Encargo, Modo, MoraService
from app.shared.exceptions import ConflictoDeInteres
from app.shared.schemas import DeLista, Fecha

router = APIRouter(route_class=StrictRoute)
MoraServiceDep = Annotated[MoraService, Depends(de_estado("residentes", "mora"))]


@router.post(
    "/paz-y-salvo",
    summary="Dice quién está al día",
    responses=problemas(CambioMasivo, ConflictoDeInteres, DemasiadasFilas, *SIN_HOJA),
    openapi_extra=HOJA.documento,
    dependencies=[IMPORTACIONES],
)
async def aplicar_paz_y_salvo(
    servicio: MoraServiceDep,
    archivo: HojaDep,
    quien: StaffDep,
    modo: Annotated[
        Modo, DeLista(), Query(description="`solo_morosos`: lo que el archivo no nombra está al día.")
    ] = Modo.parcial,
    corte: Annotated[Fecha | None, Query(description="El día del que habla el archivo.")] = None,
    simular: Annotated[bool, Query(description="Dice qué pasaría y no cambia nada.")] = False,
    confirmar: Annotated[bool, Query(description="Aunque cambien más del 30 % de las unidades.")] = False,
) -> PazYSalvoOut:
    encargo = Encargo(modo=modo, corte=corte, simular=simular, confirmar=confirmar)
    return await servicio.aplicar(archivo, encargo, quien)
