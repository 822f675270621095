"""`/sorteo/espacios`: the parking spaces."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator

from app.core.dependencies import SignedInDep, StaffDep, de_estado
from app.core.http.application import PREFIJO
from app.core.http.language import IdiomaDep, SeparadorDep
from app.core.http.pages import CodeQueryDep, PaginadorDep, lista
from app.core.http.queries import varios
from app.core.http.responses import FormatoDeTablaDep, descarga, problemas, tabla
from app.core.http.route import StrictRoute
from app.core.http.uploads import HojaDep
from app.core.imports.router import IMPORTA
from app.core.jobs.stage import AsincronaDep
from app.modules.sorteo.espacios.importacion import ImportacionDeEspaciosService
from app.modules.sorteo.espacios.models import Uso
from app.modules.sorteo.espacios.repository import EspacioRepository, FiltroEspacios
from app.modules.sorteo.espacios.schemas import EspacioCreate, EspacioOut, EspacioSummary, EspacioUpdate, Zona
from app.modules.sorteo.espacios.service import EspacioService
from app.modules.sorteo.exceptions import (
    BasesAlteradas,
    EspacioConTitular,
    EspacioDuplicado,
    EspacioEnSorteo,
    EspacioOcupado,
)
from app.modules.sorteo.tablero.service import TableroService
from app.shared.exceptions import NoEncontrado
from app.shared.pagination import PageOut
from app.shared.schemas import Codigo, Fecha, normalizar
from app.shared.sheets import FormatoDeTabla

router = APIRouter(prefix="/sorteo/espacios", tags=["sorteo"], route_class=StrictRoute)
EspacioServiceDep = Annotated[EspacioService, Depends(de_estado("sorteo", "espacios"))]
CodigoEnRuta = Annotated[str, Path(description="Código del espacio."), AfterValidator(normalizar)]


async def _filtro(
    tipo: Annotated[list[Codigo] | None, varios()] = None,
    reserva: Annotated[list[Codigo] | None, varios()] = None,
    zona: Annotated[list[Zona] | None, varios()] = None,
    uso: Annotated[list[Uso] | None, varios()] = None,
    activo: Annotated[bool | None, Query()] = None,
) -> FiltroEspacios:
    return FiltroEspacios(tipos=tipo, reservas=reserva, zonas=zona, usos=uso, activo=activo)


@router.get("", summary="Listar espacios", responses=problemas(), **lista(EspacioRepository.ordenes))
async def listar_espacios(
    filtro: Annotated[FiltroEspacios, Depends(_filtro)],
    consulta: CodeQueryDep,
    espacios: EspacioServiceDep,
    tablero: Annotated[TableroService, Depends(de_estado("sorteo", "tablero"))],
    quien: SignedInDep,
    paginar: PaginadorDep,
    vigente_en: Annotated[
        Fecha | None, Query(description="Un día: quién tiene cada espacio; solo para el personal.")
    ] = None,
) -> PageOut[EspacioOut]:
    """By code. With `vigente_en`, the board of that day."""
    pagina = await espacios.listar(filtro, consulta)
    tenencias = await tablero.tenencias(pagina.items, vigente_en, quien)
    return paginar(pagina.con([EspacioOut.de(e, quien, tenencias.get(e.codigo)) for e in pagina.items]))


@router.post("", summary="Crear un espacio", status_code=201, responses=problemas(EspacioDuplicado))
async def crear_espacio(
    datos: EspacioCreate, espacios: EspacioServiceDep, quien: StaffDep, response: Response
) -> EspacioOut:
    espacio = await espacios.crear(datos, quien=quien)
    response.headers["Location"] = f"{PREFIJO}/sorteo/espacios/{quote(espacio.codigo, safe='')}"
    return EspacioOut.de(espacio, quien)


@router.get("/exportar", summary="Exportar espacios", **tabla())
async def exportar_espacios(
    filtro: Annotated[FiltroEspacios, Depends(_filtro)],
    espacios: EspacioServiceDep,
    separador: SeparadorDep,
    _: StaffDep,
    formato: FormatoDeTablaDep = FormatoDeTabla.csv,
) -> StreamingResponse:
    """With the columns that importing takes; the filters of the list."""
    partes = espacios.exportar(filtro, formato, separador)
    return descarga(partes, nombre=f"espacios.{formato}", tipo=formato.tipo)


@router.get("/resumen", summary="Contar espacios", responses=problemas())
async def resumir_espacios(espacios: EspacioServiceDep, _: SignedInDep) -> EspacioSummary:
    """By kind: how many there are, and how many of them are free today."""
    return await espacios.resumen()


@router.post("/importar", summary="Importar espacios de un archivo", **IMPORTA)
async def importar_espacios(
    servicio: Annotated[ImportacionDeEspaciosService, Depends(de_estado("sorteo", "importacion_de_espacios"))],
    archivo: HojaDep,
    asincrona: AsincronaDep,
    idioma: IdiomaDep,
    quien: StaffDep,
    simular: Annotated[bool, Query(description="Dice qué pasaría con cada fila y no cambia nada.")] = False,
    solo_cambios: Annotated[bool, Query(description="Cambia lo que hay y no crea nada.")] = False,
) -> Response:
    trabajo_id = await servicio.importar(
        archivo, simular=simular, solo_cambios=solo_cambios, idioma=idioma, quien=quien
    )
    return await asincrona.responder(trabajo_id)


@router.get("/{codigo}", summary="Ver un espacio", responses=problemas(NoEncontrado))
async def ver_espacio(codigo: CodigoEnRuta, espacios: EspacioServiceDep, quien: SignedInDep) -> EspacioOut:
    return EspacioOut.de(await espacios.ver(codigo), quien)


@router.patch(
    "/{codigo}",
    summary="Cambiar un espacio",
    responses=problemas(NoEncontrado, EspacioEnSorteo, EspacioOcupado, BasesAlteradas),
)
async def cambiar_espacio(
    codigo: CodigoEnRuta, datos: EspacioUpdate, espacios: EspacioServiceDep, quien: StaffDep
) -> EspacioOut:
    return EspacioOut.de(await espacios.cambiar(codigo, datos, quien=quien), quien)


@router.delete(
    "/{codigo}",
    summary="Borrar un espacio que nunca se ha sorteado",
    status_code=204,
    responses=problemas(NoEncontrado, EspacioConTitular, EspacioEnSorteo, BasesAlteradas),
)
async def borrar_espacio(codigo: CodigoEnRuta, espacios: EspacioServiceDep, _: StaffDep) -> None:
    await espacios.borrar(codigo)
