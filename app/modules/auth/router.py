"""`/auth`: signing in and out, sessions, invitations, registration."""

from typing import Annotated

from fastapi import APIRouter, Form

from app.core.clock import ahora
from app.core.dependencies import PUBLICA, SignedInDep, StaffDep
from app.core.http.pages import LISTA, PageQueryDep, PaginadorDep
from app.core.http.responses import problemas
from app.core.http.strict_route import StrictRoute
from app.core.security import Rol
from app.modules.auth.dependencies import (
    AuthServiceDep,
    InvitacionServiceDep,
    OrigenDep,
    RegistroServiceDep,
    SesionServiceDep,
)
from app.modules.auth.exceptions import (
    CredencialesInvalidas,
    CuentaExistente,
    ResidenteInactivo,
    SesionInvalida,
)
from app.modules.auth.invitaciones import Invitado
from app.modules.auth.models import EstadoInvitacion
from app.modules.auth.schemas import (
    InvitationCreate,
    InvitationCreated,
    InvitationOut,
    RefreshIn,
    RegisterIn,
    Token,
    UserAuth,
    UserOut,
)
from app.shared.exceptions import NoEncontrado, TransicionInvalida
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(prefix="/auth", tags=["auth"], route_class=StrictRoute)


@router.post(
    "/login",
    summary="Iniciar sesión con correo o número de documento",
    openapi_extra=PUBLICA,
    responses=problemas(CredencialesInvalidas),
)
async def login(datos: Annotated[UserAuth, Form()], servicio: AuthServiceDep, origen: OrigenDep) -> Token:
    return await servicio.entrar(nombre=datos.username, clave=datos.password.get_secret_value(), origen=origen)


@router.post(
    "/refresh",
    summary="Renovar la sesión: cada token de renovación sirve una vez",
    openapi_extra=PUBLICA,
    responses=problemas(SesionInvalida),
)
async def refrescar(datos: RefreshIn, servicio: SesionServiceDep, origen: OrigenDep) -> Token:
    return await servicio.renovar(datos.refresh_token.get_secret_value(), origen)


@router.post("/logout", summary="Cerrar esta sesión", status_code=204)
async def salir(quien: SignedInDep, servicio: AuthServiceDep) -> None:
    await servicio.salir(quien)


@router.get("/yo", summary="Mi cuenta")
async def yo(quien: SignedInDep, servicio: AuthServiceDep) -> UserOut:
    return UserOut.de(await servicio.yo(quien))


@router.post(
    "/invitaciones",
    summary="Invitar a un residente o, siendo admin, a alguien del personal",
    status_code=201,
    responses=problemas(CuentaExistente, ResidenteInactivo),
)
async def invitar(datos: InvitationCreate, quien: StaffDep, servicio: InvitacionServiceDep) -> InvitationCreated:
    invitado = Invitado(rol=datos.rol or Rol.residente, residente_id=datos.residente_id, email=datos.email)
    return await servicio.invitar(invitado, quien=quien)


@router.get("/invitaciones", summary="Invitaciones; un operador ve las de residentes", **LISTA)
async def listar_invitaciones(
    quien: StaffDep,
    servicio: InvitacionServiceDep,
    consulta: PageQueryDep,
    paginar: PaginadorDep,
    estado: EstadoInvitacion | None = None,
) -> PageOut[InvitationOut]:
    pagina = await servicio.listar(estado=estado, consulta=consulta, quien=quien)
    cuando = ahora()
    return paginar(pagina.con([InvitationOut.de(invitacion, cuando=cuando) for invitacion in pagina.items]))


@router.delete(
    "/invitaciones/{id}",
    summary="Retirar una invitación que no se ha usado",
    status_code=204,
    responses=problemas(NoEncontrado, TransicionInvalida),
)
async def borrar_invitacion(id: Id, quien: StaffDep, servicio: InvitacionServiceDep) -> None:
    await servicio.borrar(id, quien=quien)


@router.post(
    "/invitaciones/{id}/reenviar",
    summary="Renovar una invitación: otro token, y el anterior deja de servir",
    responses=problemas(NoEncontrado, TransicionInvalida, CuentaExistente, ResidenteInactivo),
)
async def reenviar_invitacion(id: Id, quien: StaffDep, servicio: InvitacionServiceDep) -> InvitationCreated:
    return await servicio.reenviar(id, quien=quien)


@router.post(
    "/registro",
    summary="Crear la cuenta de una invitación, que queda usada",
    status_code=201,
    openapi_extra=PUBLICA,
    responses=problemas(CuentaExistente),
)
async def registrar(datos: RegisterIn, servicio: RegistroServiceDep) -> UserOut:
    usuario = await servicio.registrar(
        invitacion=datos.invitacion.get_secret_value(), clave=datos.password.get_secret_value()
    )
    return UserOut.de(usuario)
