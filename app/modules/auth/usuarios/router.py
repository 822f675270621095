"""`/auth/usuarios`: accounts, for those who administer them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.core.dependencies import AdminDep, de_estado
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.queries import varios
from app.core.http.responses import problemas
from app.core.http.route import PersonalRoute
from app.core.security import Rol
from app.modules.auth.exceptions import RolSinResidente, UltimoAdmin
from app.modules.auth.repository import FiltroUsuarios, UsuarioRepository
from app.modules.auth.schemas import CORREO_MAXIMO, UserDetail, UserPatch
from app.modules.auth.sesiones.dependencies import SegundoFactorServiceDep
from app.modules.auth.usuarios.service import UsuarioService
from app.shared.exceptions import ConflictoDeInteres, NoEncontrado
from app.shared.pagination import PageOut
from app.shared.schemas import Id, normalizar

router = APIRouter(prefix="/usuarios", route_class=PersonalRoute)
UsuarioServiceDep = Annotated[UsuarioService, Depends(de_estado("auth", "usuarios"))]


@router.get("", summary="Cuentas, la más nueva primero", **lista(UsuarioRepository.ordenes))
async def listar_usuarios(
    _: AdminDep,
    servicio: UsuarioServiceDep,
    consulta: PageQueryDep,
    paginar: PaginadorDep,
    rol: Annotated[list[Rol] | None, varios()] = None,
    activo: bool | None = None,
    mfa: bool | None = None,
    email: Annotated[str | None, Query(max_length=CORREO_MAXIMO, description="Cómo empieza el correo.")] = None,
) -> PageOut[UserDetail]:
    filtro = FiltroUsuarios(
        roles=rol, activo=activo, mfa=mfa, email=None if email is None else normalizar(email).lower()
    )
    pagina = await servicio.listar(filtro, consulta=consulta)
    return paginar(pagina.con([UserDetail.de(usuario) for usuario in pagina.items]))


@router.get("/{id}", summary="Una cuenta", responses=problemas(NoEncontrado))
async def ver_usuario(id: Id, _: AdminDep, servicio: UsuarioServiceDep) -> UserDetail:
    return UserDetail.de(await servicio.ver(id))


@router.patch(
    "/{id}",
    summary="Cambiar el rol de una cuenta, o apagarla y encenderla; sus sesiones terminan",
    responses=problemas(NoEncontrado, UltimoAdmin, RolSinResidente),
)
async def cambiar_usuario(id: Id, datos: UserPatch, quien: AdminDep, servicio: UsuarioServiceDep) -> UserDetail:
    cambiado = await servicio.cambiar(id, rol=datos.rol, activo=datos.activo, quien=quien)
    return UserDetail.de(cambiado)


@router.delete(
    "/{id}/mfa",
    summary="Quitar el segundo factor a quien perdió el suyo",
    status_code=204,
    responses=problemas(NoEncontrado, ConflictoDeInteres),
)
async def retirar_mfa(id: Id, quien: AdminDep, servicio: SegundoFactorServiceDep) -> None:
    await servicio.retirar(id, quien=quien)
