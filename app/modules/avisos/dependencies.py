"""The services of this module, as the lifespan put them in `request.state`, and the language of who asks."""

from typing import Annotated, cast

from fastapi import Depends, Request

from app.core.dependencies import de_estado
from app.core.http.language import idioma_de
from app.modules.avisos.envios.service import EnvioService
from app.modules.avisos.models import Aviso
from app.modules.avisos.redaccion import Redactor
from app.modules.avisos.schemas import AvisoOut
from app.modules.avisos.service import BuzonService


class Lector:
    """Puts notices into the words of who asks."""

    def __init__(self, request: Request) -> None:
        self._redactor = cast(Redactor, request.state.avisos.redactor)
        self._idioma = idioma_de(request)

    def __call__(self, aviso: Aviso) -> AvisoOut:
        return AvisoOut.de(aviso, self._redactor.aviso(aviso.tipo, self._idioma, aviso.datos))


async def _lector(request: Request) -> Lector:
    return Lector(request)


BuzonServiceDep = Annotated[BuzonService, Depends(de_estado("avisos", "buzon"))]
EnvioServiceDep = Annotated[EnvioService, Depends(de_estado("avisos", "envios"))]
LectorDep = Annotated[Lector, Depends(_lector)]
