"""`/sorteo/permutas`: two flats exchange their spaces."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.core.dependencies import ResidentDep, StaffDep, de_estado
from app.core.http.pages import PageQueryDep, PaginadorDep, lista
from app.core.http.queries import varios
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.core.quotas.stage import por_cuenta
from app.modules.sorteo.exceptions import BasesAlteradas, PermutaImposible, SinConsentimiento
from app.modules.sorteo.permutas.models import EstadoPermuta
from app.modules.sorteo.permutas.repository import PermutaRepository
from app.modules.sorteo.permutas.schemas import Consentimiento, Negativa, PermutaCreate, PermutaOut
from app.modules.sorteo.permutas.service import PermutaService
from app.shared.exceptions import ConflictoDeInteres, NoEncontrado, SinResidente, TransicionInvalida
from app.shared.pagination import PageOut
from app.shared.schemas import Id

router = APIRouter(prefix="/sorteo/permutas", tags=["sorteo"], route_class=StrictRoute)
PermutaServiceDep = Annotated[PermutaService, Depends(de_estado("sorteo", "permutas"))]
EstadoDep = Annotated[list[EstadoPermuta] | None, varios()]


@router.get(
    "",
    response_model=PageOut[PermutaOut],
    summary="Listar permutas",
    responses=problemas(),
    **lista(PermutaRepository.ordenes),
)
async def listar_permutas(
    consulta: PageQueryDep,
    permutas: PermutaServiceDep,
    quien: StaffDep,
    paginar: PaginadorDep,
    estado: EstadoDep = None,
) -> PageOut[PermutaOut]:
    """The latest first. Those that wait for staff are `consentida`."""
    return paginar(await permutas.listar(consulta, quien, estados=estado, propias=False))


@router.get(
    "/yo",
    response_model=PageOut[PermutaOut],
    summary="Mis permutas",
    responses=problemas(SinResidente),
    **lista(PermutaRepository.ordenes),
)
async def listar_mis_permutas(
    consulta: PageQueryDep,
    permutas: PermutaServiceDep,
    quien: ResidentDep,
    paginar: PaginadorDep,
    estado: EstadoDep = None,
) -> PageOut[PermutaOut]:
    """Those of the flats the caller lives in, asked for by either side."""
    return paginar(await permutas.listar(consulta, quien, estados=estado, propias=True))


@router.post(
    "/consentir",
    summary="Consentir una permuta",
    responses=problemas(SinResidente, PermutaImposible, TransicionInvalida, BasesAlteradas),
    dependencies=[por_cuenta("permutas", 20, 3600)],
)
async def consentir_permuta(datos: Consentimiento, permutas: PermutaServiceDep, quien: ResidentDep) -> PermutaOut:
    """The caller's flat would give `espacio` for `por`: the first flat to say so asks, the other agrees."""
    return await permutas.consentir(quien, espacio=datos.espacio, por=datos.por)


@router.post(
    "",
    summary="Permutar dos espacios",
    responses=problemas(ConflictoDeInteres, SinConsentimiento, PermutaImposible, BasesAlteradas),
)
async def permutar_espacios(datos: PermutaCreate, permutas: PermutaServiceDep, quien: StaffDep) -> PermutaOut:
    """Exchange them from today, once both flats have consented."""
    return await permutas.hacer(quien, espacios=(datos.espacio_a, datos.espacio_b), motivo=datos.motivo)


@router.post(
    "/{id}/negar",
    summary="Negar una permuta",
    responses=problemas(NoEncontrado, ConflictoDeInteres, TransicionInvalida, BasesAlteradas),
)
async def negar_permuta(id: Id, datos: Negativa, permutas: PermutaServiceDep, quien: StaffDep) -> PermutaOut:
    """Staff will not do it, and say why."""
    return await permutas.negar(id, quien, motivo=datos.motivo)


@router.post(
    "/{id}/retirar",
    summary="Retirar una permuta",
    responses=problemas(SinResidente, NoEncontrado, TransicionInvalida, BasesAlteradas),
)
async def retirar_permuta(id: Id, permutas: PermutaServiceDep, quien: ResidentDep) -> PermutaOut:
    """Either flat calls it off, before it is done."""
    return await permutas.retirar(id, quien)
