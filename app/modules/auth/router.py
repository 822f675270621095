"""`/auth`: signing in; the features of the module stand under the same prefix."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from app.core.dependencies import PUBLICA
from app.core.http.responses import problemas
from app.core.http.route import PersonalRoute
from app.core.quotas.stage import por_direccion
from app.modules.auth.claves.router import router as claves
from app.modules.auth.correo.router import router as correo
from app.modules.auth.exceptions import CredencialesInvalidas, OtpInvalido, OtpRequerido, SesionInvalida
from app.modules.auth.invitaciones.router import router as invitaciones
from app.modules.auth.llaves.router import router as llaves
from app.modules.auth.recuperacion.router import router as recuperacion
from app.modules.auth.schemas import RefreshIn, Token, UserAuth
from app.modules.auth.segundo_factor.router import router as segundo_factor
from app.modules.auth.sesiones.dependencies import ENTRADAS, AuthServiceDep, OrigenDep, SesionServiceDep, recordar
from app.modules.auth.sesiones.router import router as sesiones
from app.modules.auth.usuarios.router import router as usuarios
from app.shared.exceptions import DemasiadasPeticiones

router = APIRouter(prefix="/auth", tags=["auth"], route_class=PersonalRoute)
for _de in (invitaciones, correo, recuperacion, llaves, sesiones, claves, segundo_factor, usuarios):
    router.include_router(_de)


@router.post(
    "/login",
    summary="Iniciar sesión con correo o número de documento",
    openapi_extra=PUBLICA,
    responses=problemas(CredencialesInvalidas, OtpRequerido, OtpInvalido, DemasiadasPeticiones),
    dependencies=[ENTRADAS],
)
async def login(
    datos: Annotated[UserAuth, Form()],
    servicio: AuthServiceDep,
    origen: OrigenDep,
    request: Request,
    response: Response,
) -> Token:
    token = await servicio.entrar(
        nombre=datos.username,
        clave=datos.password.get_secret_value(),
        otp=None if datos.otp is None else datos.otp.get_secret_value(),
        origen=origen,
        refresco=None if datos.refresh_token is None else datos.refresh_token.get_secret_value(),
    )
    recordar(request, response, token)
    return token


@router.post(
    "/refresh",
    summary="Renovar la sesión: cada token de renovación sirve una vez",
    openapi_extra=PUBLICA,
    responses=problemas(SesionInvalida),
    dependencies=[por_direccion("refrescos", 300, 60)],
)
async def refrescar(datos: RefreshIn, servicio: SesionServiceDep, origen: OrigenDep) -> Token:
    return await servicio.renovar(datos.refresh_token.get_secret_value(), origen)
