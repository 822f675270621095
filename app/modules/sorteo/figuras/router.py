"""`/sorteo/figuras`: what draws came to, for the assembly."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from app.core.clock import ahora
from app.core.dependencies import StaffDep, de_estado
from app.core.http.language import SeparadorDep
from app.core.http.responses import TABLAS, archivos, descarga, problemas
from app.core.http.route import StrictRoute
from app.core.quotas.stage import por_cuenta
from app.modules.sorteo.figuras.enlaces import EnlacesDeFiguras
from app.modules.sorteo.figuras.schemas import EnlaceDeFiguras, EnlaceDeFigurasOut, FigurasOut
from app.modules.sorteo.figuras.service import FigurasService
from app.modules.sorteo.figuras.tabla import ANCHOS, filas
from app.shared.schemas import Fecha
from app.shared.sheets import FormatoDeTabla, Hoja, en_tabla

router = APIRouter(prefix="/sorteo/figuras", tags=["sorteo"], route_class=StrictRoute)
FigurasServiceDep = Annotated[FigurasService, Depends(de_estado("sorteo", "figuras"))]
EnlacesDep = Annotated[EnlacesDeFiguras, Depends(de_estado("sorteo", "enlaces_de_figuras"))]


@router.get(
    "",
    response_model=FigurasOut,
    summary="Figuras de los sorteos",
    responses=problemas() | archivos("application/json", *TABLAS),
    dependencies=[por_cuenta("figuras", 30, 60)],
)
async def ver_figuras(
    figuras: FigurasServiceDep,
    separador: SeparadorDep,
    _: StaffDep,
    desde: Annotated[Fecha | None, Query()] = None,
    hasta: Annotated[Fecha | None, Query()] = None,
    formato: Annotated[FormatoDeTabla | None, Query()] = None,
) -> FigurasOut | Response:
    """Of the draws published on those days, the latest forty. Without `formato`, as JSON."""
    calculadas = await figuras.calcular(desde=desde, hasta=hasta)
    if formato is None:
        return calculadas
    hoja = Hoja(nombre="figuras", fecha=ahora(), anchos=ANCHOS, separador=separador)
    partes = en_tabla(formato, filas(calculadas), hoja)
    return descarga(partes, nombre=f"figuras.{formato}", tipo=formato.tipo)


@router.post("/enlaces", status_code=201, summary="Hacer un enlace a la página de figuras", responses=problemas())
async def enlazar_figuras(
    response: Response, datos: EnlaceDeFiguras, enlaces: EnlacesDep, _: StaffDep
) -> EnlaceDeFigurasOut:
    """For people without an account, until it ends; the page names no flat."""
    hecho = await enlaces.hacer(datos)
    response.headers["Location"] = hecho.url
    return hecho
