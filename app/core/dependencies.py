"""Who may call: every operation takes one of these, or says in `openapi_extra` that it is public."""

from collections.abc import Callable, Coroutine
from operator import attrgetter
from typing import Annotated, Any, cast

from fastapi import Depends, Request

from app.core.security import Autenticador, Principal, Rol
from app.shared.exceptions import MfaRequerido, NoAutenticado, RolInsuficiente

ESQUEMA, PORTADOR, LLAVE = "acceso", "portador", "llave"
"""The security schemes of the OpenAPI document: signing in with a form, the token that it gave as Bearer, and an API
key, which is sent the same way."""

PUBLICA: dict[str, Any] = {"security": [], "x-roles": []}


class Roles:
    """The roles that an operation names. An auditor may also make every GET that admin or operador may and, where they
    live here, all that residents may.

    `sin_mfa`: also for staff who still lack the second factor that is asked of them, as what they need to get it."""

    def __init__(self, *roles: Rol, sin_mfa: bool = False) -> None:
        self.roles = frozenset(roles)
        self.sin_mfa = sin_mfa

    async def __call__(self, request: Request) -> Principal:
        """Raises NoAutenticado, TokenInvalido, RolInsuficiente, MfaRequerido. Asked twice for one request, looks up
        once."""
        quien = cast(Principal | None, getattr(request.state, "principal", None))
        if quien is None:
            quien = await self._identificar(request)
            request.state.principal = quien
        de_vecino = quien.rol is Rol.auditor and quien.residente_id is not None and Rol.residente in self.roles
        if quien.rol not in self.para(request.method) and not de_vecino:
            raise RolInsuficiente()
        if quien.falta_mfa and not self.sin_mfa:
            raise MfaRequerido()
        return quien

    def para(self, metodo: str) -> frozenset[Rol]:
        if metodo == "GET" and self.roles & {Rol.admin, Rol.operador}:
            return self.roles | {Rol.auditor}
        return self.roles

    async def _identificar(self, request: Request) -> Principal:
        esquema, _, token = request.headers.get("authorization", "").partition(" ")
        if esquema.lower() != "bearer" or not token.strip():
            raise NoAutenticado()
        autenticador = cast(Autenticador, request.state.autenticador)
        return await autenticador.autenticar(token.strip())


def de_estado(nombre: str, servicio: str | None = None) -> Callable[[Request], Coroutine[Any, Any, Any]]:
    """A dependency: what stands in `request.state` under that name since all was built; of the one object of a module,
    that service."""
    de = attrgetter(nombre if servicio is None else f"{nombre}.{servicio}")

    async def dependencia(request: Request) -> Any:
        return de(request.state)

    return dependencia


AdminDep = Annotated[Principal, Depends(Roles(Rol.admin))]
StaffDep = Annotated[Principal, Depends(Roles(Rol.admin, Rol.operador))]
# Who lives here, also if they work here; a call on `yo` answers 404 to staff who do not.
ResidentDep = Annotated[Principal, Depends(Roles(Rol.residente, Rol.admin, Rol.operador))]
AuditorDep = Annotated[Principal, Depends(Roles(Rol.admin, Rol.auditor))]
# The gate reaches its own question and its own account, and is not among those who are signed in.
_SIN_PORTERIA = frozenset(Rol) - {Rol.porteria}
SignedInDep = Annotated[Principal, Depends(Roles(*_SIN_PORTERIA))]
GateDep = Annotated[Principal, Depends(Roles(Rol.porteria, Rol.admin, Rol.operador))]
# Everybody's own account, the gate's too.
AccountDep = Annotated[Principal, Depends(Roles(*Rol))]
# What whoever is signed in needs to set up a second factor.
EnrollingDep = Annotated[Principal, Depends(Roles(*_SIN_PORTERIA, sin_mfa=True))]
# The same, to see who they are and to leave.
LeavingDep = Annotated[Principal, Depends(Roles(*Rol, sin_mfa=True))]
