"""Faults at one call to the database of those that a call of the API makes: counted, and not timed."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

import motor.frameworks.asyncio as de_motor
from pymongo import MongoClient

from app.shared.transaction import Hilo

T = TypeVar("T")
LEEN = ("find", "aggregate", "count", "distinct", "getMore")
ESCRIBEN = ("insert", "update", "delete", "findAndModify", "commitTransaction")
FALLAS: dict[str, Mapping[str, Any]] = {
    "interrumpida": {"failCommands": [*LEEN, *ESCRIBEN], "errorCode": 89},
    "se_corta": {"failCommands": [*LEEN, *ESCRIBEN], "closeConnection": True},
    # Done, and said not to be known.
    "no_se_sabe": {"failCommands": ESCRIBEN, "writeConcernError": {"code": 89, "errmsg": "network timeout"}},
    "cede": {"failCommands": [*LEEN, *ESCRIBEN], "errorCode": 189},
}
"""What a server says once, by `failCommand`."""
MUERE = "muere"


class Muerte(BaseException):
    """As kill -9 leaves it: no call to the database is made any more."""


@dataclass
class _Cuenta:
    en: int = 0
    falla: str = ""
    llamadas: int = 0
    muerto: bool = False


_cuenta: ContextVar[_Cuenta | None] = ContextVar("cuenta", default=None)


class Inyector:
    def __init__(self, uri: str, nombre: str) -> None:
        """`nombre`: of the application's client, which alone fails."""
        self._cliente: MongoClient[dict[str, Any]] = MongoClient(uri)
        self._nombre = nombre

    @contextlib.contextmanager
    def puesto(self) -> Iterator[None]:
        original: Callable[..., Any] = de_motor.run_on_executor

        def ejecutar(*que: Any, **mas: Any) -> Any:
            cuenta = _cuenta.get()
            if cuenta is not None:
                self._contar(cuenta)
            return original(*que, **mas)

        seguida = Hilo.ordenar

        def ejecutar_seguida(hilo: Hilo, orden: Callable[[], Any]) -> Any:
            cuenta = _cuenta.get()
            if cuenta is not None:
                self._contar(cuenta)
            return seguida(hilo, orden)

        setattr(de_motor, "run_on_executor", ejecutar)  # noqa: B010
        setattr(Hilo, "ordenar", ejecutar_seguida)  # noqa: B010
        try:
            yield
        finally:
            setattr(Hilo, "ordenar", seguida)  # noqa: B010
            setattr(de_motor, "run_on_executor", original)  # noqa: B010
            self._cliente.close()

    async def contar(self, hacer: Callable[[], Awaitable[T]]) -> tuple[T, int]:
        """What comes of it, and how many calls it takes."""
        cuenta = _Cuenta()
        with _contando(cuenta):
            return await hacer(), cuenta.llamadas

    async def fallar(self, hacer: Callable[[], Awaitable[T]], falla: str, en: int) -> T | None:
        """What comes of it when the call number `en` meets the fault; None where it died there."""
        cuenta = _Cuenta(en=en, falla=falla)
        try:
            with _contando(cuenta):
                return await hacer()
        except Muerte:
            return None
        finally:
            if cuenta.muerto:
                # A server ends the transactions of who is gone.
                self._cliente.admin.command("killAllSessions", [])
            elif falla != MUERE:
                self._armar("off", {})

    def _contar(self, cuenta: _Cuenta) -> None:
        cuenta.llamadas += 1
        if cuenta.llamadas == cuenta.en:
            if cuenta.falla == MUERE:
                cuenta.muerto = True
            else:
                self._armar({"times": 1}, {**FALLAS[cuenta.falla], "appName": self._nombre})
        if cuenta.muerto:
            raise Muerte

    def _armar(self, modo: Any, datos: Mapping[str, Any]) -> None:
        self._cliente.admin.command({"configureFailPoint": "failCommand", "mode": modo, "data": datos})


@contextlib.contextmanager
def _contando(cuenta: _Cuenta) -> Iterator[None]:
    antes = _cuenta.set(cuenta)
    try:
        yield
    finally:
        _cuenta.reset(antes)


def repartidos(total: int, cuantos: int) -> Sequence[int]:
    """So many of the calls 1 to `total`, evenly, with the last one."""
    if total <= cuantos:
        return range(1, total + 1)
    return sorted({total - i * total // cuantos for i in range(cuantos)})
