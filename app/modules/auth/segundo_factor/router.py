"""`/auth/mfa`: the second factor of whoever is signed in."""

from fastapi import APIRouter, Depends

from app.core.dependencies import EnrollingDep, SignedInDep
from app.core.http.responses import problemas
from app.core.http.route import PersonalRoute
from app.core.quotas.stage import por_cuenta
from app.modules.auth.exceptions import MfaActivo, MfaInactivo, SesionAntigua
from app.modules.auth.schemas import MfaCodes, MfaConfirm, MfaOff, MfaSecret
from app.modules.auth.sesiones.dependencies import SegundoFactorServiceDep, exigir_reciente
from app.shared.exceptions import DemasiadasPeticiones

router = APIRouter(route_class=PersonalRoute)


@router.post(
    "/mfa",
    summary="Empezar un segundo factor; el secreto se muestra solo esta vez",
    responses=problemas(MfaActivo, SesionAntigua),
    dependencies=[por_cuenta("mfa", 20, 3600), Depends(exigir_reciente)],
)
async def empezar_mfa(quien: EnrollingDep, servicio: SegundoFactorServiceDep) -> MfaSecret:
    return await servicio.empezar(quien=quien)


@router.post(
    "/mfa/confirmar",
    summary="Activar el segundo factor con su primer código; los de recuperación se muestran solo esta vez",
    responses=problemas(MfaActivo, MfaInactivo, DemasiadasPeticiones),
    dependencies=[por_cuenta("mfa-confirmar", 20, 600)],
)
async def confirmar_mfa(datos: MfaConfirm, quien: EnrollingDep, servicio: SegundoFactorServiceDep) -> MfaCodes:
    return await servicio.confirmar(datos.codigo.get_secret_value(), quien=quien)


@router.post(
    "/mfa/desactivar",
    summary="Quitar el segundo factor",
    status_code=204,
    responses=problemas(MfaInactivo, DemasiadasPeticiones),
    dependencies=[por_cuenta("mfa-desactivar", 20, 600)],
)
async def desactivar_mfa(datos: MfaOff, quien: SignedInDep, servicio: SegundoFactorServiceDep) -> None:
    await servicio.desactivar(
        clave=datos.password.get_secret_value(), codigo=datos.codigo.get_secret_value(), quien=quien
    )
