"""`/auth/yo`, `/auth/logout`, `/auth/sesiones`: who is signed in, and from where."""

from fastapi import APIRouter, Response

from app.core.dependencies import AccountDep, LeavingDep
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.responses import escrita, problemas
from app.core.http.route import PersonalRoute
from app.modules.auth.schemas import SessionOut, UserOut, escribir_cuenta
from app.modules.auth.sesiones.dependencies import AuthServiceDep, SesionServiceDep
from app.modules.auth.sesiones.repository import SesionRepository
from app.shared.exceptions import NoEncontrado
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(route_class=PersonalRoute)


@router.post("/logout", summary="Cerrar esta sesión", status_code=204)
async def salir(quien: LeavingDep, servicio: SesionServiceDep) -> None:
    await servicio.salir(quien)


@router.get("/yo", response_model=UserOut, summary="Mi cuenta")
async def yo(quien: LeavingDep, servicio: AuthServiceDep) -> Response:
    return escrita(escribir_cuenta(await servicio.yo(quien)))


@router.get(
    "/sesiones", summary="Mis sesiones abiertas, la última que se usó primero", **lista(SesionRepository.ordenes)
)
async def listar_sesiones(
    quien: AccountDep, servicio: SesionServiceDep, consulta: PageQueryDep, paginar: PaginadorDep
) -> PageOut[SessionOut]:
    pagina = await servicio.listar(consulta=consulta, quien=quien)
    return paginar(pagina.con([SessionOut.de(sesion, actual=quien.sesion_id) for sesion in pagina.items]))


@router.delete("/sesiones", summary="Cerrar todas mis otras sesiones", status_code=204)
async def cerrar_las_demas(quien: AccountDep, servicio: SesionServiceDep) -> None:
    await servicio.cerrar_las_demas(quien=quien)


@router.delete(
    "/sesiones/{id}", summary="Cerrar una de mis sesiones", status_code=204, responses=problemas(NoEncontrado)
)
async def cerrar_sesion(id: Id, quien: AccountDep, servicio: SesionServiceDep) -> None:
    await servicio.cerrar(id, quien=quien)
