"""`/auth`: what whoever is signed in does with their own account: sessions, password, second factor."""

from fastapi import APIRouter, Depends

from app.core.dependencies import EnrollingDep, SignedInDep
from app.core.http.pages import LISTA, PageQueryDep, PaginadorDep
from app.core.http.responses import problemas
from app.core.http.route import PersonalRoute
from app.core.quotas.stage import por_cuenta
from app.modules.auth.dependencies import (
    AuthServiceDep,
    ClaveServiceDep,
    SegundoFactorServiceDep,
    SesionServiceDep,
    exigir_reciente,
)
from app.modules.auth.exceptions import MfaActivo, MfaInactivo, SesionAntigua
from app.modules.auth.schemas import (
    MfaCodes,
    MfaConfirm,
    MfaOff,
    MfaSecret,
    PasswordChange,
    SessionOut,
    UserOut,
)
from app.shared.exceptions import DemasiadasPeticiones, NoEncontrado
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(route_class=PersonalRoute)


@router.post("/logout", summary="Cerrar esta sesión", status_code=204)
async def salir(quien: EnrollingDep, servicio: SesionServiceDep) -> None:
    await servicio.salir(quien)


@router.get("/yo", summary="Mi cuenta")
async def yo(quien: EnrollingDep, servicio: AuthServiceDep) -> UserOut:
    return UserOut.de(await servicio.yo(quien))


@router.get("/sesiones", summary="Mis sesiones abiertas, la última que se usó primero", **LISTA)
async def listar_sesiones(
    quien: SignedInDep, servicio: SesionServiceDep, consulta: PageQueryDep, paginar: PaginadorDep
) -> PageOut[SessionOut]:
    pagina = await servicio.listar(consulta=consulta, quien=quien)
    return paginar(pagina.con([SessionOut.de(sesion, actual=quien.sesion_id) for sesion in pagina.items]))


@router.delete("/sesiones", summary="Cerrar todas mis otras sesiones", status_code=204)
async def cerrar_las_demas(quien: SignedInDep, servicio: SesionServiceDep) -> None:
    await servicio.cerrar_las_demas(quien=quien)


@router.delete(
    "/sesiones/{id}", summary="Cerrar una de mis sesiones", status_code=204, responses=problemas(NoEncontrado)
)
async def cerrar_sesion(id: Id, quien: SignedInDep, servicio: SesionServiceDep) -> None:
    await servicio.cerrar(id, quien=quien)


@router.post(
    "/clave",
    summary="Cambiar mi contraseña; mis otras sesiones terminan",
    status_code=204,
    responses=problemas(DemasiadasPeticiones),
    dependencies=[por_cuenta("clave", 20, 3600)],
)
async def cambiar_clave(datos: PasswordChange, quien: SignedInDep, servicio: ClaveServiceDep) -> None:
    await servicio.cambiar(actual=datos.actual.get_secret_value(), nueva=datos.nueva.get_secret_value(), quien=quien)


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
