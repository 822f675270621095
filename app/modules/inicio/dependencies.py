"""What the endpoint of this module takes: its service, and the language of who asks."""

from typing import Annotated, cast

from fastapi import Depends, Request

from app.modules.inicio.service import InicioService
from app.shared.mensajes import Idioma, idioma_preferido


async def _inicio(request: Request) -> InicioService:
    return cast(InicioService, request.state.inicio)


async def _idioma(request: Request) -> Idioma:
    return idioma_preferido(request.headers.get("accept-language", ""))


IdiomaDep = Annotated[Idioma, Depends(_idioma)]
InicioServiceDep = Annotated[InicioService, Depends(_inicio)]
