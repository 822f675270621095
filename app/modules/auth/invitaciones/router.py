"""`/auth/invitaciones` and the registration that they lead to."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.core.clock import ahora
from app.core.dependencies import PUBLICA, StaffDep, de_estado
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.queries import varios
from app.core.http.responses import problemas
from app.core.http.route import PersonalRoute
from app.core.jobs.stage import TRABAJO, AsincronaDep
from app.core.quotas.stage import por_cuenta, por_direccion
from app.core.security import Rol
from app.modules.auth.exceptions import CuentaExistente, ResidenteInactivo
from app.modules.auth.invitaciones.lote import LoteService
from app.modules.auth.invitaciones.registro import RegistroService
from app.modules.auth.invitaciones.repository import InvitacionRepository
from app.modules.auth.invitaciones.schemas import (
    BulkInvitation,
    InvitationCreate,
    InvitationCreated,
    InvitationOut,
    RegisterIn,
)
from app.modules.auth.invitaciones.service import InvitacionService, Invitado
from app.modules.auth.models import EstadoInvitacion
from app.modules.auth.schemas import UserOut
from app.modules.auth.sesiones.dependencies import OrigenDep
from app.shared.exceptions import DemasiadasPeticiones, NoEncontrado, TransicionInvalida
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(route_class=PersonalRoute)
InvitacionServiceDep = Annotated[InvitacionService, Depends(de_estado("auth", "invitaciones"))]
LoteServiceDep = Annotated[LoteService, Depends(de_estado("auth", "lotes"))]
RegistroServiceDep = Annotated[RegistroService, Depends(de_estado("auth", "registro"))]


@router.post(
    "/invitaciones",
    summary="Invitar a un residente o, siendo admin, a alguien del personal",
    status_code=201,
    responses=problemas(CuentaExistente, ResidenteInactivo, DemasiadasPeticiones),
    dependencies=[por_cuenta("invitaciones", 120, 60)],
)
async def invitar(
    request: Request, response: Response, datos: InvitationCreate, quien: StaffDep, servicio: InvitacionServiceDep
) -> InvitationCreated:
    """Con correo, también se le envía. Invitar de nuevo renueva la invitación: la anterior deja de servir."""
    invitado = Invitado(rol=datos.rol or Rol.residente, residente_id=datos.residente_id, email=datos.email)
    creada = await servicio.invitar(invitado, quien=quien)
    response.headers["Location"] = f"{request.scope['path']}/{creada.id}"
    return creada


@router.post(
    "/invitaciones/lote",
    summary="Invitar a muchos: un correo a quien tiene, y un PDF con una carta para cada uno de los demás",
    status_code=202,
    responses=problemas() | TRABAJO,
    dependencies=[por_cuenta("invitaciones-lote", 10, 3600)],
)
async def invitar_por_lotes(
    datos: BulkInvitation, quien: StaffDep, servicio: LoteServiceDep, asincrona: AsincronaDep
) -> Response:
    """Sin `residentes`, a todos los residentes activos que no tienen cuenta. Las cartas valen 30 días, y desde que el
    trabajo termina; el archivo está en `/trabajos/{id}/archivo` durante un día, solo para quien lo pidió."""
    return await asincrona.responder(await servicio.invitar(datos.residentes, quien=quien))


@router.get(
    "/invitaciones", summary="Invitaciones; un operador ve las de residentes", **lista(InvitacionRepository.ordenes)
)
async def listar_invitaciones(
    quien: StaffDep,
    servicio: InvitacionServiceDep,
    consulta: PageQueryDep,
    paginar: PaginadorDep,
    estado: Annotated[list[EstadoInvitacion] | None, varios()] = None,
) -> PageOut[InvitationOut]:
    pagina = await servicio.listar(estados=estado, consulta=consulta, quien=quien)
    cuando = ahora()
    return paginar(pagina.con([InvitationOut.de(invitacion, cuando=cuando) for invitacion in pagina.items]))


@router.get("/invitaciones/{id}", summary="Una invitación", responses=problemas(NoEncontrado))
async def ver_invitacion(id: Id, quien: StaffDep, servicio: InvitacionServiceDep) -> InvitationOut:
    return InvitationOut.de(await servicio.ver(id, quien=quien), cuando=ahora())


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
    responses=problemas(NoEncontrado, TransicionInvalida, CuentaExistente, ResidenteInactivo, DemasiadasPeticiones),
    dependencies=[por_cuenta("invitaciones", 120, 60)],
)
async def reenviar_invitacion(id: Id, quien: StaffDep, servicio: InvitacionServiceDep) -> InvitationCreated:
    return await servicio.reenviar(id, quien=quien)


@router.post(
    "/registro",
    summary="Crear la cuenta de una invitación, que queda usada",
    status_code=201,
    openapi_extra=PUBLICA,
    responses=problemas(CuentaExistente),
    dependencies=[por_direccion("registros", 60, 60)],
)
async def registrar(
    request: Request, response: Response, datos: RegisterIn, servicio: RegistroServiceDep, origen: OrigenDep
) -> UserOut:
    usuario = await servicio.registrar(
        invitacion=datos.invitacion.get_secret_value(),
        clave=datos.password.get_secret_value(),
        idioma=origen.idioma or "es",
    )
    response.headers["Location"] = f"{request.scope['path'].removesuffix('/registro')}/yo"
    return UserOut.de(usuario)
