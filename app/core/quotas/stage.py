"""Throttling as one mechanism: an operation names its `Cuota` among its dependencies, and the route asks it before it
reads a body. What is left is said in every answer (draft-ietf-httpapi-ratelimit-headers)."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from fastapi import Depends, Request

from app.core.quotas.contract import Cuotas, Saldo, Tasa, agrupar
from app.core.security import Principal
from app.shared.exceptions import DemasiadasPeticiones


class Cuota:
    """`direccion`: how often from one address. `cuenta`: how often by one account, where the caller is known; an API
    key is counted by itself, so that whoever has it keeps its maker from nothing. `conocido`: whom to count instead of
    the address, where that can be told from the request; None where not."""

    def __init__(
        self,
        *,
        direccion: Tasa | None = None,
        cuenta: Tasa | None = None,
        conocido: Callable[[Request], str | None] = lambda _: None,
    ) -> None:
        self.direccion = direccion
        self.cuenta = cuenta
        self._conocido = conocido

    async def __call__(self, request: Request) -> None:
        """Raises DemasiadasPeticiones. Asked twice for one request, counts once."""
        contadas: set[int] = request.state._state.setdefault("cuotas_contadas", set())
        if id(self) in contadas:
            return
        contadas.add(id(self))
        cuotas = cast(Cuotas, request.state.cuotas)
        saldos: list[Saldo] = request.state._state.setdefault("saldos", [])
        if self.direccion is not None:
            desde = self._conocido(request) or direccion_de(request)
            saldos.append(await cuotas.gastar(self.direccion, desde))
        quien = cast(Principal | None, getattr(request.state, "principal", None))
        if self.cuenta is not None and quien is not None:
            saldos.append(await cuotas.gastar(self.cuenta, str(quien.llave_id or quien.usuario_id)))


def anotar_agotada(request: Request, error: DemasiadasPeticiones) -> None:
    """Whatever refused, an operation's own quota or a rule of the service (tries of a name, of a code), it is said as
    every quota is."""
    tasa = Tasa(error.politica, error.limite, error.ventana)
    saldo = Saldo(tasa=tasa, queda=0, repone_en=error.segundos)
    request.state._state.setdefault("saldos", []).append(saldo)


def direccion_de(request: Request) -> str:
    """Whom to count when it is by address. Empty when there is none."""
    return agrupar(request.client.host) if request.client else ""


def cabeceras(saldos: Iterable[Saldo]) -> list[tuple[bytes, bytes]]:
    """`RateLimit-Policy` (q: how many, w: in how many seconds) and `RateLimit` (r: left, t: seconds until more)."""
    todos = list(saldos)
    if not todos:
        return []
    tasas = ", ".join(f'"{s.tasa.nombre}";q={s.tasa.veces};w={s.tasa.segundos}' for s in todos)
    quedan = ", ".join(f'"{s.tasa.nombre}";r={s.queda};t={s.repone_en}' for s in todos)
    return [(b"ratelimit-policy", tasas.encode()), (b"ratelimit", quedan.encode())]


def por_direccion(nombre: str, veces: int, segundos: int) -> Any:
    """For `dependencies=`: so often from one address."""
    return Depends(Cuota(direccion=Tasa(nombre, veces, segundos)))


def por_cuenta(nombre: str, veces: int, segundos: int) -> Any:
    """For `dependencies=`: so often by one account, or one API key."""
    return Depends(Cuota(cuenta=Tasa(nombre, veces, segundos)))


IMPORTACIONES = por_cuenta("importaciones", 30, 3600)
EXPORTACIONES = por_cuenta("exportaciones", 20, 60)
