"""`/auth/llaves`: what programs call with."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.core.clock import ahora
from app.core.dependencies import AdminDep, de_estado
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.queries import varios
from app.core.http.responses import problemas
from app.core.http.route import PersonalRoute
from app.core.quotas.stage import por_cuenta
from app.modules.auth.llaves.repository import LlaveRepository
from app.modules.auth.llaves.schemas import KeyCreate, KeyCreated, KeyOut
from app.modules.auth.llaves.service import LlaveService
from app.modules.auth.models import EstadoLlave
from app.shared.exceptions import NoEncontrado
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(prefix="/llaves", route_class=PersonalRoute)
LlaveServiceDep = Annotated[LlaveService, Depends(de_estado("auth", "llaves"))]


@router.get("", summary="Llaves de API, también las terminadas", **lista(LlaveRepository.ordenes))
async def listar_llaves(
    _: AdminDep,
    servicio: LlaveServiceDep,
    consulta: PageQueryDep,
    paginar: PaginadorDep,
    estado: Annotated[list[EstadoLlave] | None, varios()] = None,
) -> PageOut[KeyOut]:
    pagina, cuando = await servicio.listar(estados=estado, consulta=consulta), ahora()
    return paginar(pagina.con([KeyOut.de(llave, cuando=cuando) for llave in pagina.items]))


@router.post(
    "",
    summary="Crear una llave de API, que se muestra esta única vez",
    status_code=201,
    responses=problemas(),
    dependencies=[por_cuenta("llaves", 60, 3600)],
)
async def crear_llave(
    request: Request, response: Response, datos: KeyCreate, quien: AdminDep, servicio: LlaveServiceDep
) -> KeyCreated:
    """Se envía como `Authorization: Bearer pnk_…`; no llega a `/auth`. Vale mientras quien la creó sea admin activo."""
    nueva = await servicio.crear(nombre=datos.nombre, rol=datos.rol, expira_en=datos.expira_en, quien=quien)
    response.headers["Location"] = f"{request.scope['path']}/{nueva.llave.id}"
    return KeyCreated.de(nueva.llave, nueva.secreto)


@router.get("/{id}", summary="Una llave de API", responses=problemas(NoEncontrado))
async def ver_llave(id: Id, _: AdminDep, servicio: LlaveServiceDep) -> KeyOut:
    return KeyOut.de(await servicio.ver(id), cuando=ahora())


@router.delete(
    "/{id}",
    summary="Terminar una llave de API: aquí deja de servir ya, y en los demás procesos a los 5 segundos",
    status_code=204,
    responses=problemas(NoEncontrado),
)
async def terminar_llave(id: Id, _: AdminDep, servicio: LlaveServiceDep) -> None:
    await servicio.terminar(id)
