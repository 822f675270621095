"""`/solicitudes/importar`: requests from a file."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core.dependencies import StaffDep, de_estado
from app.core.http.language import IdiomaDep
from app.core.http.route import StrictRoute
from app.core.http.uploads import HojaDep
from app.core.imports.router import IMPORTA
from app.core.jobs.stage import AsincronaDep
from app.modules.solicitudes.archivos.importacion import ImportacionService
from app.shared.schemas import Id

router = APIRouter(route_class=StrictRoute)
ImportacionServiceDep = Annotated[ImportacionService, Depends(de_estado("solicitudes", "importacion"))]


@router.post("/importar", summary="Pedir espacios con un archivo", **IMPORTA)
async def importar_solicitudes(
    servicio: ImportacionServiceDep,
    archivo: HojaDep,
    asincrona: AsincronaDep,
    idioma: IdiomaDep,
    quien: StaffDep,
    sorteo_id: Annotated[Id, Query(description="En qué sorteo.")],
    simular: Annotated[bool, Query(description="Dice qué pasaría, con una hoja de cada fila, y no pide nada.")] = False,
) -> Response:
    trabajo_id = await servicio.importar(archivo, sorteo_id=sorteo_id, simular=simular, idioma=idioma, quien=quien)
    return await asincrona.responder(trabajo_id)
