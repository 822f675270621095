"""`/sorteo/{id}/garantes`: witnesses of a draw, who need no account."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from app.core.dependencies import PUBLICA, AdminDep, SignedInDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.idempotency.stage import nunca_se_guarda
from app.core.quotas.stage import por_direccion
from app.modules.sorteo import exceptions as e
from app.modules.sorteo.garantes.schemas import (
    CompromisoIn,
    GaranteCreado,
    GaranteOut,
    GarantesCreados,
    GarantesCreate,
    GarantesOut,
    RevelacionIn,
)
from app.modules.sorteo.garantes.service import GaranteService, garante_out
from app.modules.sorteo.service import SorteoService
from app.shared.exceptions import NoEncontrado, TransicionInvalida
from app.shared.schemas import Id

router = APIRouter(prefix="/sorteo", tags=["sorteo"], route_class=StrictRoute)
GaranteServiceDep = Annotated[GaranteService, Depends(de_estado("sorteo", "garantes"))]
SorteoServiceDep = Annotated[SorteoService, Depends(de_estado("sorteo", "sorteos"))]
Token = Annotated[str, Path(min_length=1, max_length=100)]
_POR_ENLACE = por_direccion("garantes", 60, 60)


@router.get("/{id}/garantes", summary="Ver los garantes", responses=problemas(NoEncontrado))
async def ver_garantes(id: Id, sorteos: SorteoServiceDep, quien: SignedInDep) -> GarantesOut:
    """In the order in which they were named."""
    sorteo = await sorteos.ver(id, quien)
    return GarantesOut(items=[garante_out(sorteo, garante) for garante in sorteo.garantes])


@router.post(
    "/{id}/garantes",
    status_code=201,
    summary="Nombrar a los garantes",
    responses=problemas(NoEncontrado, TransicionInvalida, e.GarantesComprometidos),
)
@nunca_se_guarda
async def nombrar_garantes(
    request: Request, response: Response, id: Id, datos: GarantesCreate, garantes: GaranteServiceDep, _: AdminDep
) -> GarantesCreados:
    """Three to ten, each with a link that is shown this once. Until one has committed, they may be named again."""
    nombrados = await garantes.nombrar(id, datos.nombres)
    response.headers["Location"] = request.scope["path"]
    return GarantesCreados(
        items=[GaranteCreado(nombre=n, token=token, enlace=garantes.enlace(id, token)) for n, token in nombrados]
    )


@router.get(
    "/{id}/garantes/{token}",
    summary="Ver lo propio de un garante",
    responses=problemas(NoEncontrado),
    openapi_extra=PUBLICA,
    dependencies=[_POR_ENLACE],
)
async def ver_garante(id: Id, token: Token, garantes: GaranteServiceDep) -> GaranteOut:
    return garante_out(*await garantes.suyo(id, token))


@router.post(
    "/{id}/garantes/{token}/compromiso",
    summary="Comprometerse con una frase",
    responses=problemas(NoEncontrado, TransicionInvalida, e.CompromisoTardio, e.CompromisoFijado, e.CompromisoRepetido),
    openapi_extra=PUBLICA,
    dependencies=[_POR_ENLACE],
)
async def comprometer_garante(id: Id, token: Token, datos: CompromisoIn, garantes: GaranteServiceDep) -> GaranteOut:
    """Before the closing, once: the hash of the phrase, and not the phrase."""
    return garante_out(*await garantes.comprometer(id, token, compromiso=datos.compromiso))


@router.post(
    "/{id}/garantes/{token}/revelacion",
    summary="Revelar la frase",
    responses=problemas(NoEncontrado, e.SinCompromiso, e.RevelacionPrematura, e.RevelacionTardia),
    openapi_extra=PUBLICA,
    dependencies=[_POR_ENLACE],
)
async def revelar_garante(id: Id, token: Token, datos: RevelacionIn, garantes: GaranteServiceDep) -> GaranteOut:
    """Between the closing and the public number. A phrase that is not revealed by then counts as empty."""
    return garante_out(*await garantes.revelar(id, token, frase=datos.frase))
