"""`/auth`: signing in and out; and under the same prefix invitations, what is confirmed with a link, keys."""

from typing import Annotated

from fastapi import APIRouter, Form

from app.core.dependencies import PUBLICA
from app.core.http.responses import problemas
from app.core.http.route import PersonalRoute
from app.core.quotas.stage import por_direccion
from app.modules.auth import router_correo, router_cuenta, router_invitaciones, router_llaves, router_usuarios
from app.modules.auth.dependencies import AuthServiceDep, OrigenDep, SesionServiceDep
from app.modules.auth.exceptions import CredencialesInvalidas, OtpInvalido, OtpRequerido, SesionInvalida
from app.modules.auth.schemas import RefreshIn, Token, UserAuth
from app.shared.exceptions import DemasiadasPeticiones

router = APIRouter(prefix="/auth", tags=["auth"], route_class=PersonalRoute)
router.include_router(router_invitaciones.router)
router.include_router(router_correo.router)
router.include_router(router_llaves.router)
router.include_router(router_cuenta.router)
router.include_router(router_usuarios.router)


@router.post(
    "/login",
    summary="Iniciar sesión con correo o número de documento",
    openapi_extra=PUBLICA,
    responses=problemas(CredencialesInvalidas, OtpRequerido, OtpInvalido, DemasiadasPeticiones),
    dependencies=[por_direccion("entradas", 120, 60)],
)
async def login(datos: Annotated[UserAuth, Form()], servicio: AuthServiceDep, origen: OrigenDep) -> Token:
    return await servicio.entrar(
        nombre=datos.username,
        clave=datos.password.get_secret_value(),
        otp=None if datos.otp is None else datos.otp.get_secret_value(),
        origen=origen,
    )


@router.post(
    "/refresh",
    summary="Renovar la sesión: cada token de renovación sirve una vez",
    openapi_extra=PUBLICA,
    responses=problemas(SesionInvalida),
    dependencies=[por_direccion("refrescos", 300, 60)],
)
async def refrescar(datos: RefreshIn, servicio: SesionServiceDep, origen: OrigenDep) -> Token:
    return await servicio.renovar(datos.refresh_token.get_secret_value(), origen)
