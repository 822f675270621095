"""What several features of `/auth` take: the sessions, and where a call comes from."""

from typing import Annotated, cast

from fastapi import Depends, Request, Response

from app.core.dependencies import de_estado
from app.core.http.application import PREFIJO
from app.core.quotas.contract import Tasa
from app.core.quotas.stage import Cuota
from app.core.security import Principal
from app.modules.auth.schemas import Token
from app.modules.auth.segundo_factor.service import SegundoFactorService
from app.modules.auth.service import AuthService
from app.modules.auth.sesiones.conocidos import GALLETA, VIDA, Conocidos, Marca
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


def _marca(request: Request) -> Marca | None:
    return cast(Conocidos, request.state.auth.conocidos).leer(request.cookies.get(GALLETA))


def _de_conocido(request: Request) -> str | None:
    marca = _marca(request)
    return None if marca is None else str(marca.usuario_id)


ENTRADAS = Depends(Cuota(direccion=Tasa("entradas", 120, 60), conocido=_de_conocido))
"""How often one may sign in from an address; from a device that is known, by its account instead."""


def recordar(request: Request, response: Response, token: Token) -> None:
    """Give the device from which somebody just signed in its mark."""
    response.set_cookie(
        GALLETA,
        cast(Conocidos, request.state.auth.conocidos).marcar(token, _marca(request)),
        max_age=int(VIDA.total_seconds()),
        path=f"{PREFIJO}/auth",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


async def _origen(request: Request) -> Origen:
    idiomas = request.headers.get("accept-language")
    return Origen(
        dispositivo=describir(request.headers.get("user-agent", "")),
        direccion=request.client.host if request.client else "",
        idioma=None if idiomas is None else idioma_preferido(idiomas),
        marca=_marca(request),
    )


OrigenDep = Annotated[Origen, Depends(_origen)]
