"""The services of this module, as the lifespan put them in `request.state`, and the language of who asks."""

from typing import Annotated, cast

from fastapi import Depends, Request

from app.core.http.language import idioma_de
from app.modules.avisos.buzon import BuzonService
from app.modules.avisos.envios import EnvioService
from app.modules.avisos.models import Aviso
from app.modules.avisos.redaccion import Redactor
from app.modules.avisos.schemas import AvisoOut


async def _buzon(request: Request) -> BuzonService:
    return cast(BuzonService, request.state.buzon)


async def _envios(request: Request) -> EnvioService:
    return cast(EnvioService, request.state.envios)


class Lector:
    """Puts notices into the words of who asks."""

    def __init__(self, request: Request) -> None:
        self._redactor = cast(Redactor, request.state.redactor)
        self._idioma = idioma_de(request)

    def __call__(self, aviso: Aviso) -> AvisoOut:
        return AvisoOut.de(aviso, self._redactor.aviso(aviso.tipo, self._idioma, aviso.datos))


async def _lector(request: Request) -> Lector:
    return Lector(request)


BuzonServiceDep = Annotated[BuzonService, Depends(_buzon)]
EnvioServiceDep = Annotated[EnvioService, Depends(_envios)]
LectorDep = Annotated[Lector, Depends(_lector)]
