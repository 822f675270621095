"""`/avisos`: what was told to who calls, and the e-mails that did not arrive."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.core.dependencies import AdminDep, SignedInDep
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.queries import varios
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.modules.avisos.dependencies import BuzonServiceDep, EnvioServiceDep, LectorDep
from app.modules.avisos.exceptions import EnvioNoReintentable
from app.modules.avisos.models import EstadoEnvio
from app.modules.avisos.repository import AvisoRepository, EnvioRepository
from app.modules.avisos.schemas import AvisoOut, AvisoUpdate, DispositivoCreate, DispositivoNombrado, EnvioOut, Lectura
from app.shared.exceptions import LlaveNoAdmitida, NoEncontrado
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(prefix="/avisos", tags=["avisos"], route_class=StrictRoute)


@router.get(
    "",
    summary="Mis avisos, los últimos primero, en el idioma que se pida",
    responses={304: {}},
    **lista(AvisoRepository.ordenes),
)
async def listar_avisos(
    quien: SignedInDep,
    servicio: BuzonServiceDep,
    leer: LectorDep,
    consulta: PageQueryDep,
    paginar: PaginadorDep,
    leido: Annotated[bool | None, Query(description="Solo los leídos o solo los que faltan por leer.")] = None,
) -> PageOut[AvisoOut]:
    pagina = await servicio.listar(leido=leido, consulta=consulta, quien=quien)
    return paginar(pagina.con([leer(aviso) for aviso in pagina.items]))


@router.post("/leer", summary="Marcar como leídos los avisos que llegaron hasta un instante", status_code=204)
async def leer_avisos(datos: Lectura, quien: SignedInDep, servicio: BuzonServiceDep) -> None:
    await servicio.leer_hasta(datos.hasta, quien)


@router.post(
    "/dispositivos",
    summary="Registrar el aparato en que se usa esta cuenta; repetirlo no cambia nada",
    status_code=204,
    responses=problemas(LlaveNoAdmitida),
)
async def registrar_dispositivo(datos: DispositivoCreate, quien: SignedInDep, servicio: BuzonServiceDep) -> None:
    await servicio.guardar_dispositivo(datos.token, datos.plataforma, quien)


@router.delete("/dispositivos", summary="Olvidar un aparato de esta cuenta; uno que no lo es, también", status_code=204)
async def olvidar_dispositivo(datos: DispositivoNombrado, quien: SignedInDep, servicio: BuzonServiceDep) -> None:
    await servicio.olvidar_dispositivo(datos.token, quien)


@router.get(
    "/envios",
    summary="Correos: los que salieron, los que esperan y los que no llegaron",
    **lista(EnvioRepository.ordenes),
)
async def listar_envios(
    _: AdminDep,
    servicio: EnvioServiceDep,
    consulta: PageQueryDep,
    paginar: PaginadorDep,
    estado: Annotated[list[EstadoEnvio] | None, varios()] = None,
) -> PageOut[EnvioOut]:
    pagina = await servicio.listar(estados=estado, consulta=consulta)
    return paginar(pagina.con([EnvioOut.de(envio) for envio in pagina.items]))


@router.post(
    "/envios/{id}/reintentar",
    summary="Volver a enviar un correo muerto o incierto; el incierto pudo haber llegado ya",
    responses=problemas(NoEncontrado, EnvioNoReintentable),
)
async def reintentar_envio(id: Id, _: AdminDep, servicio: EnvioServiceDep) -> EnvioOut:
    return EnvioOut.de(await servicio.reintentar(id))


@router.get("/{id}", summary="Un aviso mío", responses=problemas(NoEncontrado))
async def ver_aviso(id: Id, quien: SignedInDep, servicio: BuzonServiceDep, leer: LectorDep) -> AvisoOut:
    return leer(await servicio.ver(id, quien))


@router.patch("/{id}", summary="Marcar un aviso como leído", responses=problemas(NoEncontrado))
async def leer_aviso(
    id: Id, datos: AvisoUpdate, quien: SignedInDep, servicio: BuzonServiceDep, leer: LectorDep
) -> AvisoOut:
    del datos  # all that it can say is that it was read
    return leer(await servicio.leer(id, quien))
