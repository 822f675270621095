"""`/residentes/importar` and `/residentes/unidades/importar`: the roll from a file."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core.dependencies import StaffDep, de_estado
from app.core.http.language import IdiomaDep
from app.core.http.route import StrictRoute
from app.core.http.uploads import HojaDep
from app.core.imports.router import IMPORTA
from app.core.jobs.stage import AsincronaDep
from app.modules.residentes.importacion.service import DE_RESIDENTES, DE_UNIDADES, ImportacionService, Opciones

router = APIRouter(route_class=StrictRoute)
de_unidades = APIRouter(route_class=StrictRoute)
ImportacionServiceDep = Annotated[ImportacionService, Depends(de_estado("residentes", "importacion"))]
SimularDep = Annotated[bool, Query(description="Dice qué pasaría, con una hoja de cada fila, y no cambia nada.")]
SoloCambiosDep = Annotated[bool, Query(description="Cambia lo que hay y no crea nada.")]


@router.post("/importar", summary="Importa residentes, con sus unidades y vehículos, de un archivo", **IMPORTA)
async def importar_residentes(
    servicio: ImportacionServiceDep,
    archivo: HojaDep,
    asincrona: AsincronaDep,
    idioma: IdiomaDep,
    quien: StaffDep,
    simular: SimularDep = False,
    crear_unidades: Annotated[bool, Query(description="Crea las unidades que no existen.")] = False,
    solo_cambios: SoloCambiosDep = False,
) -> Response:
    opciones = Opciones(simular=simular, crear_unidades=crear_unidades, solo_cambios=solo_cambios, idioma=idioma)
    return await asincrona.responder(await servicio.importar(DE_RESIDENTES, archivo, opciones, quien))


@de_unidades.post("/importar", summary="Importa unidades de un archivo", **IMPORTA)
async def importar_unidades(
    servicio: ImportacionServiceDep,
    archivo: HojaDep,
    asincrona: AsincronaDep,
    idioma: IdiomaDep,
    quien: StaffDep,
    simular: SimularDep = False,
    solo_cambios: SoloCambiosDep = False,
) -> Response:
    opciones = Opciones(simular=simular, crear_unidades=True, solo_cambios=solo_cambios, idioma=idioma)
    return await asincrona.responder(await servicio.importar(DE_UNIDADES, archivo, opciones, quien))
