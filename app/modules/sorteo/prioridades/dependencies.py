from typing import Annotated, cast

from fastapi import Depends, Path, Request
from pydantic import AfterValidator

from app.modules.sorteo.prioridades.service import PrioridadService
from app.shared.schemas import normalizar


async def _service(request: Request) -> PrioridadService:
    return cast(PrioridadService, request.state.prioridades)


PrioridadServiceDep = Annotated[PrioridadService, Depends(_service)]
CodigoEnRuta = Annotated[str, Path(description="Código de la prioridad."), AfterValidator(normalizar)]
