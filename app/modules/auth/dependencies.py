"""The services of this module, as the lifespan put them in `request.state`, and where a call comes from."""

from typing import Annotated, cast

from fastapi import Depends, Request

from app.core.security import Principal
from app.modules.auth.claves import ClaveService
from app.modules.auth.correo import CorreoService
from app.modules.auth.dispositivo import describir
from app.modules.auth.invitaciones import InvitacionService
from app.modules.auth.llaves import LlaveService
from app.modules.auth.lote import LoteService
from app.modules.auth.recuperacion import RecuperacionService
from app.modules.auth.registro import RegistroService
from app.modules.auth.segundo_factor import SegundoFactorService
from app.modules.auth.service import AuthService
from app.modules.auth.sesiones import Origen, SesionService
from app.modules.auth.usuarios import UsuarioService
from app.shared.messages import idioma_preferido


async def _auth(request: Request) -> AuthService:
    return cast(AuthService, request.state.auth)


async def _sesiones(request: Request) -> SesionService:
    return cast(SesionService, request.state.sesiones)


async def _invitaciones(request: Request) -> InvitacionService:
    return cast(InvitacionService, request.state.invitaciones)


async def _registro(request: Request) -> RegistroService:
    return cast(RegistroService, request.state.registro)


async def _lotes(request: Request) -> LoteService:
    return cast(LoteService, request.state.lotes)


async def _recuperacion(request: Request) -> RecuperacionService:
    return cast(RecuperacionService, request.state.recuperacion)


async def _correo(request: Request) -> CorreoService:
    return cast(CorreoService, request.state.correo)


async def _llaves(request: Request) -> LlaveService:
    return cast(LlaveService, request.state.llaves)


async def _claves(request: Request) -> ClaveService:
    return cast(ClaveService, request.state.claves)


async def _segundo_factor(request: Request) -> SegundoFactorService:
    return cast(SegundoFactorService, request.state.segundo_factor)


async def _usuarios(request: Request) -> UsuarioService:
    return cast(UsuarioService, request.state.usuarios)


async def _origen(request: Request) -> Origen:
    idiomas = request.headers.get("accept-language")
    return Origen(
        dispositivo=describir(request.headers.get("user-agent", "")),
        direccion=request.client.host if request.client else "",
        idioma=None if idiomas is None else idioma_preferido(idiomas),
    )


AuthServiceDep = Annotated[AuthService, Depends(_auth)]
SesionServiceDep = Annotated[SesionService, Depends(_sesiones)]


async def exigir_reciente(request: Request, sesiones: SesionServiceDep) -> None:
    """For `dependencies=` of an operation that names its roles, and so knows who calls. Raises SesionAntigua."""
    await sesiones.exigir_reciente(cast(Principal, request.state.principal))


InvitacionServiceDep = Annotated[InvitacionService, Depends(_invitaciones)]
RegistroServiceDep = Annotated[RegistroService, Depends(_registro)]
LoteServiceDep = Annotated[LoteService, Depends(_lotes)]
RecuperacionServiceDep = Annotated[RecuperacionService, Depends(_recuperacion)]
CorreoServiceDep = Annotated[CorreoService, Depends(_correo)]
LlaveServiceDep = Annotated[LlaveService, Depends(_llaves)]
ClaveServiceDep = Annotated[ClaveService, Depends(_claves)]
SegundoFactorServiceDep = Annotated[SegundoFactorService, Depends(_segundo_factor)]
UsuarioServiceDep = Annotated[UsuarioService, Depends(_usuarios)]
OrigenDep = Annotated[Origen, Depends(_origen)]
