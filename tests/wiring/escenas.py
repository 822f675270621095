"""Scenes with which many tests of a whole complex begin. Each is played once a process; for every other test the
database, the clock and who lives there are put back as it left them, and the application starts on that."""

import functools
from asyncio import Lock
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from motor.motor_asyncio import AsyncIOMotorDatabase
from starlette.types import Receive, Scope, Send

from tests.bases import Guardada, guardar, reponer, vaciar_entera
from tests.wiring.complejo import Complejo, LatidoALaMano

T = TypeVar("T")
Camino = tuple[str, ...]
"""The scenes that were played one after the other."""
Base = AsyncIOMotorDatabase[dict[str, Any]]


@dataclass
class Puerta:
    """The application, which starts at the first call, and at the first after each `parar`. It starts on an empty
    database where no scene was put there before."""

    app: FastAPI
    base: Base
    vacia: bool = True
    _gestor: LifespanManager | None = None
    _turno: Lock = field(default_factory=Lock)

    @property
    def en_marcha(self) -> bool:
        return self._gestor is not None

    async def arrancar(self) -> LifespanManager:
        async with self._turno:
            if self._gestor is None:
                if self.vacia:
                    await vaciar_entera(self.base)
                    self.vacia = False
                LatidoALaMano.tareas.clear()
                gestor = LifespanManager(self.app, startup_timeout=None, shutdown_timeout=None)
                await gestor.__aenter__()
                self._gestor = gestor
            return self._gestor

    async def parar(self) -> None:
        gestor, self._gestor = self._gestor, None
        if gestor is not None:
            await gestor.__aexit__(None, None, None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gestor = await self.arrancar()
        await gestor.app(scope, receive, send)


@dataclass(frozen=True)
class Escena:
    """What it gave, and the world as it left it."""

    dado: Any
    instante: datetime
    vecinas: Mapping[str, Any]
    sesiones: Mapping[str, Any]
    guardada: Guardada


@dataclass
class ComplejoConEscenas(Complejo):
    puerta: Puerta = field(kw_only=True)
    vistas: dict[Camino, Escena] = field(kw_only=True)
    _camino: Camino = ()

    async def latir(self) -> None:
        await self.puerta.arrancar()
        await super().latir()

    async def escena(self, hacer: Callable[..., Awaitable[T]], *de: Any, **con: Any) -> T:
        """What `hacer` gives."""
        assert not self.puerta.en_marcha, "what comes before a scene is a scene"
        self._camino = (*self._camino, f"{hacer.__module__}.{hacer.__qualname__}")
        vista = self.vistas.get(self._camino)
        if vista is None:
            dado = await hacer(*de, **con)
            # What a process has yet to write, it writes as it ends.
            await self.puerta.parar()
            vista = self.vistas[self._camino] = await self._tomar(dado)
        else:
            await self._poner(vista)
        dado = vista.dado
        return dado

    async def _tomar(self, dado: Any) -> Escena:
        guardada = await guardar(self.puerta.base)
        return Escena(dado, self.ahora, dict(self.vecinas), dict(self._sesiones), guardada)

    async def _poner(self, escena: Escena) -> None:
        await reponer(self.puerta.base, escena.guardada)
        self.puerta.vacia = False
        self.aplicacion.reloj.poner(escena.instante)
        self.vecinas, self._sesiones = dict(escena.vecinas), dict(escena.sesiones)


def escena(hacer: Callable[..., Awaitable[T]]) -> Any:
    """A fixture of a complex that is nothing but the scene. What it gives no test changes, and what comes before it is
    a scene, too."""

    @functools.wraps(hacer)
    async def puesta(*de: Any, complejo: ComplejoConEscenas, **con: Any) -> T:
        return await complejo.escena(hacer, *de, complejo=complejo, **con)

    return pytest.fixture(puesta)


async def tras(complejo: Complejo, hacer: Callable[..., Awaitable[T]], *de: Any) -> T:
    """The same in a test, after the scenes that it begins with."""
    assert isinstance(complejo, ComplejoConEscenas)
    return await complejo.escena(hacer, complejo, *de)
