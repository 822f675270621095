"""What the endpoints of this module take."""

from typing import Annotated

from fastapi import Depends, Query

from app.core.http.queries import varios
from app.modules.solicitudes.estados import Impedimento, RequestStatus
from app.modules.solicitudes.repository import Filtros
from app.modules.solicitudes.schemas import Buscado, PlacaBuscada, TorreBuscada
from app.shared.schemas import Codigo, Id, Instante


async def _filtros(
    sorteo_id: Annotated[Id | None, Query()] = None,
    estado: Annotated[list[RequestStatus] | None, varios()] = None,
    unidad_id: Annotated[Id | None, Query()] = None,
    torre: Annotated[list[TorreBuscada] | None, varios()] = None,
    tipo: Annotated[list[Codigo] | None, varios()] = None,
    placa: Annotated[PlacaBuscada | None, Query()] = None,
    impedimento: Annotated[list[Impedimento] | None, varios()] = None,
    vence_antes: Annotated[Instante | None, Query()] = None,
    q: Annotated[Buscado | None, Query(description="Nombre o documento de quien pide.")] = None,
) -> Filtros:
    return Filtros(
        sorteo_id=sorteo_id,
        estados=estado,
        unidad_id=unidad_id,
        torres=torre,
        tipos=tipo,
        placa=placa,
        impedimentos=impedimento,
        vence_antes=vence_antes,
        q=q,
    )


FiltrosDep = Annotated[Filtros, Depends(_filtros)]
