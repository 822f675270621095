"""What the operations take: services from `request.state`, and what lists are asked for."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Query
from pydantic import AfterValidator

from app.core.dependencies import de_estado
from app.core.http.uploads import SubidaDe
from app.modules.residentes.importacion.service import ImportacionService
from app.modules.residentes.models import EstadoCuenta, EstadoResidente
from app.modules.residentes.repository import FiltroResidentes, FiltroUnidades
from app.modules.residentes.resumen.service import ResumenService
from app.modules.residentes.service import ResidenteService
from app.modules.residentes.unidades.service import UnidadService
from app.shared.utils import normalizar_placa

CSV = SubidaDe("text/csv")
ArchivoCsvDep = Annotated[AsyncIterator[bytes], Depends(CSV)]
ImportacionServiceDep = Annotated[ImportacionService, Depends(de_estado("residentes", "importacion"))]
UnidadServiceDep = Annotated[UnidadService, Depends(de_estado("residentes", "unidades"))]
ResidenteServiceDep = Annotated[ResidenteService, Depends(de_estado("residentes", "residentes"))]
ResumenServiceDep = Annotated[ResumenService, Depends(de_estado("residentes", "resumen"))]

Buscado = Annotated[
    str | None, Query(min_length=1, max_length=100, description="Comienzos de palabras, sin importar tildes.")
]
Torre = Annotated[str | None, Query(max_length=40, description="Vacía: unidades sin torre.")]
Apartamento = Annotated[str | None, Query(max_length=40)]
PlacaBuscada = Annotated[Annotated[str, AfterValidator(normalizar_placa)] | None, Query(max_length=40)]


async def _filtro_unidades(q: Buscado = None, torre: Torre = None, al_dia: bool | None = None) -> FiltroUnidades:
    return FiltroUnidades(q=q, torre=torre, al_dia=al_dia)


async def _viven_en(torre: Torre = None, apartamento: Apartamento = None, al_dia: bool | None = None) -> FiltroUnidades:
    return FiltroUnidades(torre=torre, apartamento=apartamento, al_dia=al_dia)


async def _filtro_residentes(
    q: Buscado = None,
    estado: EstadoResidente | None = None,
    condicion: Annotated[str | None, Query(max_length=40)] = None,
    cuenta: EstadoCuenta | None = None,
) -> FiltroResidentes:
    return FiltroResidentes(q=q, estado=estado, condicion=condicion, cuenta=cuenta)


FiltroUnidadesDep = Annotated[FiltroUnidades, Depends(_filtro_unidades)]
ViviendaDep = Annotated[FiltroUnidades, Depends(_viven_en)]
FiltroResidentesDep = Annotated[FiltroResidentes, Depends(_filtro_residentes)]
