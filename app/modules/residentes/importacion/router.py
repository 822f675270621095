"""`/residentes/unidades/importar`: flats from a file."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core.dependencies import StaffDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.http.uploads import MultipartInvalido, SubidaDe
from app.core.jobs.stage import TRABAJO, AsincronaDep
from app.core.quotas.stage import por_cuenta
from app.modules.residentes.importacion.service import ImportacionService
from app.shared.exceptions import EntradaExcesiva, TipoNoAdmitido

router = APIRouter(route_class=StrictRoute)
CSV = SubidaDe("text/csv")
ArchivoCsvDep = Annotated[AsyncIterator[bytes], Depends(CSV)]
ImportacionServiceDep = Annotated[ImportacionService, Depends(de_estado("residentes", "importacion"))]


@router.post(
    "/importar",
    status_code=202,
    summary="Importa unidades de un archivo CSV",
    responses=problemas(EntradaExcesiva, TipoNoAdmitido, MultipartInvalido) | TRABAJO,
    openapi_extra=CSV.documento,
    dependencies=[por_cuenta("importaciones", 30, 3600)],
)
async def importar_unidades(
    servicio: ImportacionServiceDep,
    archivo: ArchivoCsvDep,
    asincrona: AsincronaDep,
    quien: StaffDep,
    simular: Annotated[bool, Query(description="Dice qué pasaría y no cambia nada.")] = False,
) -> Response:
    return await asincrona.responder(await servicio.unidades(archivo, simular=simular, quien=quien))
