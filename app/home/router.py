"""`/inicio`: a first screen in one call."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.core.dependencies import SignedInDep, de_estado
from app.core.http.language import IdiomaDep
from app.core.http.responses import escrita, problemas
from app.core.http.route import StrictRoute
from app.home.schemas import Home
from app.home.service import InicioService
from app.shared.exceptions import SinResidente

InicioServiceDep = Annotated[InicioService, Depends(de_estado("inicio"))]
router = APIRouter(prefix="/inicio", tags=["inicio"], route_class=StrictRoute)


@router.get("", response_model=Home, summary="La primera pantalla de quien llama", responses=problemas(SinResidente))
async def ver_inicio(inicio: InicioServiceDep, quien: SignedInDep, idioma: IdiomaDep) -> Response:
    """Para residentes, lo suyo; para el personal, cuánto hay de todo y qué espera por alguien."""
    return escrita(await inicio.ver(quien, idioma=idioma))
