"""The services of this module, as the lifespan put them in `request.state`, and where a call comes from."""

from typing import Annotated, cast

from fastapi import Depends, Request

from app.modules.auth.invitaciones import InvitacionService
from app.modules.auth.registro import RegistroService
from app.modules.auth.service import AuthService
from app.modules.auth.sesiones import Origen, SesionService


async def _auth(request: Request) -> AuthService:
    return cast(AuthService, request.state.auth)


async def _sesiones(request: Request) -> SesionService:
    return cast(SesionService, request.state.sesiones)


async def _invitaciones(request: Request) -> InvitacionService:
    return cast(InvitacionService, request.state.invitaciones)


async def _registro(request: Request) -> RegistroService:
    return cast(RegistroService, request.state.registro)


async def _origen(request: Request) -> Origen:
    agente = request.headers.get("user-agent", "")
    return Origen(
        dispositivo="".join(c for c in agente if c.isprintable())[:200],
        direccion=request.client.host if request.client else "",
    )


AuthServiceDep = Annotated[AuthService, Depends(_auth)]
SesionServiceDep = Annotated[SesionService, Depends(_sesiones)]
InvitacionServiceDep = Annotated[InvitacionService, Depends(_invitaciones)]
RegistroServiceDep = Annotated[RegistroService, Depends(_registro)]
OrigenDep = Annotated[Origen, Depends(_origen)]
