"""`/auth/recuperacion`: another password for who forgot theirs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.core.dependencies import PUBLICA, AdminDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import PersonalRoute
from app.core.quotas.stage import por_cuenta, por_direccion
from app.modules.auth.exceptions import CuentaInactiva, RecuperacionPropia
from app.modules.auth.recuperacion.schemas import RecoveryConfirm, RecoveryCreated, RecoveryIn
from app.modules.auth.recuperacion.service import RecuperacionService
from app.modules.auth.sesiones.dependencies import OrigenDep
from app.shared.exceptions import NoEncontrado
from app.shared.schemas import Id

router = APIRouter(route_class=PersonalRoute)
RecuperacionServiceDep = Annotated[RecuperacionService, Depends(de_estado("auth", "recuperacion"))]


@router.post(
    "/recuperacion",
    summary="Pedir por correo un enlace para poner otra clave",
    status_code=202,
    openapi_extra=PUBLICA,
    responses=problemas(),
    dependencies=[por_direccion("recuperacion", 20, 60)],
)
async def pedir_recuperacion(datos: RecoveryIn, servicio: RecuperacionServiceDep) -> Response:
    """La respuesta es siempre la misma, haya o no una cuenta con ese correo."""
    await servicio.pedir(datos.email)
    return Response(status_code=202)


@router.post(
    "/recuperacion/confirmar",
    summary="Poner otra clave con lo que llegó al correo; todas las sesiones terminan",
    status_code=204,
    openapi_extra=PUBLICA,
    responses=problemas(),
    dependencies=[por_direccion("recuperacion-confirmar", 30, 60)],
)
async def confirmar_recuperacion(datos: RecoveryConfirm, servicio: RecuperacionServiceDep, origen: OrigenDep) -> None:
    """El segundo factor, si lo hay, sigue puesto."""
    await servicio.confirmar(datos.token.get_secret_value(), nueva=datos.nueva.get_secret_value(), origen=origen)


@router.post(
    "/usuarios/{id}/recuperacion",
    summary="Dar a otra persona con qué recuperar su cuenta; se le avisa",
    status_code=201,
    responses=problemas(NoEncontrado, RecuperacionPropia, CuentaInactiva),
    dependencies=[por_cuenta("recuperacion-ajena", 60, 3600)],
)
async def recuperar_usuario(
    request: Request, response: Response, id: Id, quien: AdminDep, servicio: RecuperacionServiceDep
) -> RecoveryCreated:
    creada = await servicio.por_admin(id, quien=quien)
    response.headers["Location"] = request.scope["path"].removesuffix("/recuperacion")
    return creada
