"""What lists of flats, and of who lives in them, are asked for."""

from typing import Annotated

from fastapi import Depends, Query
from pydantic import AfterValidator, Field

from app.core.dependencies import de_estado
from app.core.http.queries import varios
from app.modules.residentes.unidades.repository import FiltroUnidades
from app.modules.residentes.unidades.service import UnidadService
from app.shared.schemas import Id
from app.shared.utils import normalizar_placa

UnidadServiceDep = Annotated[UnidadService, Depends(de_estado("residentes", "unidades"))]
Buscado = Annotated[
    str | None, Query(min_length=1, max_length=100, description="Comienzos de palabras, sin importar tildes.")
]
Torre = Annotated[list[Annotated[str, Field(max_length=40)]] | None, varios()]
SinTorre = Annotated[bool | None, Query(description="`true`: unidades sin torre.")]
Apartamento = Annotated[str | None, Query(max_length=40)]
PlacaBuscada = Annotated[Annotated[str, AfterValidator(normalizar_placa)] | None, Query(max_length=40)]


async def _filtro(
    q: Buscado = None,
    torre: Torre = None,
    sin_torre: SinTorre = None,
    apartamento: Apartamento = None,
    al_dia: bool | None = None,
) -> FiltroUnidades:
    return FiltroUnidades(q=q, torres=torre, sin_torre=sin_torre, apartamento=apartamento, al_dia=al_dia)


async def _viven_en(
    unidad_id: Annotated[Id | None, Query()] = None,
    torre: Torre = None,
    sin_torre: SinTorre = None,
    apartamento: Apartamento = None,
    al_dia: bool | None = None,
) -> FiltroUnidades:
    ids = None if unidad_id is None else [unidad_id]
    return FiltroUnidades(torres=torre, sin_torre=sin_torre, apartamento=apartamento, al_dia=al_dia, ids=ids)


FiltroUnidadesDep = Annotated[FiltroUnidades, Depends(_filtro)]
ViviendaDep = Annotated[FiltroUnidades, Depends(_viven_en)]
