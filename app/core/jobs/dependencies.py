"""What the endpoints of jobs take."""

from dataclasses import dataclass
from typing import Annotated

from beanie import PydanticObjectId
from fastapi import Depends, Header, Request, Response

from app.core.dependencies import SignedInDep, de_estado
from app.core.http.language import idioma_de
from app.core.jobs.contract import TrabajoVisto
from app.core.jobs.service import TrabajoService
from app.core.jobs.views import Escritor
from app.shared.schemas import Id

TrabajoServiceDep = Annotated[TrabajoService, Depends(de_estado("trabajos"))]


async def _escritor(request: Request) -> Escritor:
    return Escritor(idioma_de(request), request.app.state.zona)


EscritorDep = Annotated[Escritor, Depends(_escritor)]


async def _visible(id: Id, trabajos: TrabajoServiceDep, quien: SignedInDep) -> TrabajoVisto:
    return await trabajos.ver(id, quien)


VisibleDep = Annotated[TrabajoVisto, Depends(_visible)]


@dataclass(frozen=True, slots=True)
class Seguimiento:
    """A job to be followed, and the version of it that the client has seen: -1 where that is not the present one."""

    trabajo_id: PydanticObjectId
    vista: int


async def _seguimiento(
    trabajo: VisibleDep,
    response: Response,
    last_event_id: Annotated[str | None, Header(max_length=100, description="El último evento recibido.")] = None,
) -> Seguimiento:
    """A client that has seen the end of the job gets a 204. A browser takes the end of a stream for a broken connection
    and asks again, unless it gets a 204."""
    conocida = last_event_id is not None and last_event_id == str(trabajo.version)
    if conocida and trabajo.terminado:
        response.status_code = 204
    return Seguimiento(trabajo_id=trabajo.id, vista=trabajo.version if conocida else -1)


SeguimientoDep = Annotated[Seguimiento, Depends(_seguimiento)]
