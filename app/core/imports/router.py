"""How an import is declared, and `/trabajos/{id}/deshacer`: take one back."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.core.dependencies import StaffDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.http.uploads import HOJA, SIN_HOJA
from app.core.imports.undo import DeshacerService, NoSeDeshace
from app.core.jobs.stage import TRABAJO, AsincronaDep
from app.core.quotas.stage import IMPORTACIONES
from app.shared.exceptions import NoEncontrado
from app.shared.schemas import Id

router = APIRouter(prefix="/trabajos", tags=["trabajos"], route_class=StrictRoute)
IMPORTA: dict[str, Any] = {
    "status_code": 202,
    "responses": problemas(*SIN_HOJA) | TRABAJO,
    "openapi_extra": HOJA.documento,
    "dependencies": [IMPORTACIONES],
}
"""What every route that leaves a spreadsheet to a job is declared with."""


@router.post(
    "/{id}/deshacer",
    status_code=202,
    summary="Deshacer una importación",
    responses=problemas(NoEncontrado, NoSeDeshace) | TRABAJO,
    dependencies=[IMPORTACIONES],
)
async def deshacer_trabajo(
    id: Id,
    importaciones: Annotated[DeshacerService, Depends(de_estado("importaciones"))],
    asincrona: AsincronaDep,
    quien: StaffDep,
) -> Response:
    return await asincrona.responder(await importaciones.deshacer(id, quien))
