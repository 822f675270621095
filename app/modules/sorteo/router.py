"""`/sorteo`: draws and their parameters."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.core.dependencies import AdminDep, SignedInDep, de_estado
from app.core.http.application import PREFIJO
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.queries import varios
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.modules.sorteo import exceptions as e
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.repository import SorteoRepository
from app.modules.sorteo.schemas import LotteryOut, LotteryParams, LotteryParamsUpdate
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.vista import lottery_out
from app.shared.exceptions import NoEncontrado, TransicionInvalida
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(prefix="/sorteo", tags=["sorteo"], route_class=StrictRoute)
SorteoServiceDep = Annotated[SorteoService, Depends(de_estado("sorteo", "sorteos"))]


@router.post("", status_code=201, summary="Crear un sorteo", responses=problemas(e.RepeticionInvalida))
async def crear_sorteo(datos: LotteryParams, sorteos: SorteoServiceDep, _: AdminDep, response: Response) -> LotteryOut:
    """A draft: nothing is committed until it opens."""
    sorteo = await sorteos.crear(datos)
    response.headers["Location"] = f"{PREFIJO}/sorteo/{sorteo.id}"
    return lottery_out(sorteo)


@router.get("", response_model=PageOut[LotteryOut], summary="Listar sorteos", **lista(SorteoRepository.ordenes))
async def listar_sorteos(
    consulta: PageQueryDep,
    sorteos: SorteoServiceDep,
    quien: SignedInDep,
    paginar: PaginadorDep,
    estado: Annotated[list[EstadoSorteo] | None, varios()] = None,
) -> PageOut[LotteryOut]:
    """The latest first. Residents do not see drafts."""
    pagina = await sorteos.listar(estado, consulta, quien)
    return paginar(pagina.con([lottery_out(sorteo) for sorteo in pagina.items]))


@router.get("/{id}", summary="Ver un sorteo", responses=problemas(NoEncontrado))
async def ver_sorteo(id: Id, sorteos: SorteoServiceDep, quien: SignedInDep) -> LotteryOut:
    return lottery_out(await sorteos.ver(id, quien))


@router.patch(
    "/{id}", summary="Cambiar un borrador", responses=problemas(NoEncontrado, TransicionInvalida, e.RepeticionInvalida)
)
async def editar_sorteo(id: Id, datos: LotteryParamsUpdate, sorteos: SorteoServiceDep, _: AdminDep) -> LotteryOut:
    return lottery_out(await sorteos.editar(id, datos))
