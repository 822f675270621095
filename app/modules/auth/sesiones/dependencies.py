"""What several features of `/auth` take: the sessions, and where a call comes from."""

from typing import Annotated, cast

from fastapi import Depends, Request

from app.core.dependencies import de_estado
from app.core.security import Principal
from app.modules.auth.segundo_factor.service import SegundoFactorService
from app.modules.auth.service import AuthService
from app.modules.auth.sesiones.dispositivo import describir
from app.modules.auth.sesiones.service import Origen, SesionService
from app.shared.messages import idioma_preferido

AuthServiceDep = Annotated[AuthService, Depends(de_estado("auth", "entrada"))]
SesionServiceDep = Annotated[SesionService, Depends(de_estado("auth", "sesiones"))]
SegundoFactorServiceDep = Annotated[SegundoFactorService, Depends(de_estado("auth", "segundo_factor"))]


async def exigir_reciente(request: Request, sesiones: SesionServiceDep) -> None:
    """For the `dependencies=` of an operation that names its roles, because the caller must be known before. Raises
    SesionAntigua."""
    await sesiones.exigir_reciente(cast(Principal, request.state.principal))


async def _origen(request: Request) -> Origen:
    idiomas = request.headers.get("accept-language")
    return Origen(
        dispositivo=describir(request.headers.get("user-agent", "")),
        direccion=request.client.host if request.client else "",
        idioma=None if idiomas is None else idioma_preferido(idiomas),
    )


OrigenDep = Annotated[Origen, Depends(_origen)]
