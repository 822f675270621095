"""`/residentes/yo/datos`, `/residentes/yo/suprimir` and `/residentes/{id}/suprimir`: a person's own data."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.core.dependencies import AdminDep, ResidentDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.quotas.stage import por_cuenta
from app.modules.residentes.exceptions import UnidadQuedariaVacia
from app.modules.residentes.privacidad.schemas import DatosOut
from app.modules.residentes.privacidad.service import PrivacidadService
from app.shared.exceptions import NoEncontrado, SinResidente
from app.shared.schemas import Id

router = APIRouter(route_class=StrictRoute)
PrivacidadServiceDep = Annotated[PrivacidadService, Depends(de_estado("residentes", "privacidad"))]


@router.get(
    "/yo/datos",
    summary="Descarga todo lo que se guarda de quien llama",
    responses=problemas(SinResidente),
    dependencies=[por_cuenta("datos_propios", 10, 60)],
)
async def descargar_datos_propios(servicio: PrivacidadServiceDep, quien: ResidentDep) -> DatosOut:
    return await servicio.datos(quien)


@router.post(
    "/yo/suprimir", status_code=204, summary="Pide que se supriman sus datos", responses=problemas(SinResidente)
)
async def pedir_supresion(servicio: PrivacidadServiceDep, quien: ResidentDep) -> None:
    await servicio.pedir(quien)


@router.post(
    "/{id}/suprimir",
    status_code=204,
    summary="Suprime los datos de una persona",
    responses=problemas(NoEncontrado, UnidadQuedariaVacia),
)
async def suprimir_residente(
    servicio: PrivacidadServiceDep,
    id: Id,
    quien: AdminDep,
    confirmar: Annotated[
        bool, Query(description="Aunque termine una solicitud. Quien la pidió ya lo sabía: entonces no hace falta.")
    ] = False,
) -> None:
    await servicio.suprimir(id, quien, confirmada=confirmar)
