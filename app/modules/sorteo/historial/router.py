"""`/sorteo/{id}/historial`: every step of a draw, for whoever may sign in."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.core.dependencies import SignedInDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.modules.sorteo.historial.schemas import HechoOut, HistorialOut
from app.modules.sorteo.service import SorteoService
from app.shared.exceptions import NoEncontrado
from app.shared.schemas import Id

router = APIRouter(prefix="/sorteo", tags=["sorteo"], route_class=StrictRoute)
SorteoServiceDep = Annotated[SorteoService, Depends(de_estado("sorteo", "sorteos"))]


@router.get("/{id}/historial", summary="Historial del sorteo", responses=problemas(NoEncontrado))
async def ver_historial(id: Id, sorteos: SorteoServiceDep, quien: SignedInDep) -> HistorialOut:
    """In the order in which it happened: what, by whom (the role alone), when, with its hashes and its reason."""
    sorteo = await sorteos.ver(id, quien)
    return HistorialOut(items=[HechoOut.model_validate(hecho.model_dump()) for hecho in sorteo.historia])
