"""A workshop: jobs, a worker or several of them, and handlers that tests write."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

import pytest
from beanie import Document, PydanticObjectId

from app.core.jobs.contract import Contexto, Encargado, TrabajoVisto
from app.core.jobs.files import ArchivoService
from app.core.jobs.models import DOCUMENTOS, Trabajo
from app.core.jobs.repository import PiezaRepository, RechazoRepository, TrabajoRepository
from app.core.jobs.service import Marcas, TrabajoService
from app.core.jobs.worker import Trabajador
from app.core.sealing import Precinto
from app.core.security import Principal, Rol
from app.core.shutdown import Parada
from app.database.unit_of_work import UnitOfWork

Hacer = Callable[[Contexto], Awaitable[Mapping[str, Any] | None]]
CLAVE = b"una clave de pruebas bastante larga"


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return DOCUMENTOS


def alguien(rol: Rol = Rol.operador, **mas: Any) -> Principal:
    datos: dict[str, Any] = {"usuario_id": PydanticObjectId(), "rol": rol, "sesion_id": PydanticObjectId()}
    return Principal(**datos | mas)


class BitacoraDeTrabajos:
    def __init__(self) -> None:
        self.sucesos: list[tuple[str, dict[str, str], PydanticObjectId | None, bool]] = []
        self.contado: list[tuple[str, dict[str, str], PydanticObjectId]] = []

    async def suceso(
        self, *, tipo: str, hecho: bool = True, datos: Mapping[str, str], objeto: PydanticObjectId | None = None
    ) -> None:
        self.sucesos.append((tipo, dict(datos), objeto, hecho))

    async def aparte(self, *, tipo: str, datos: Mapping[str, str], objeto: PydanticObjectId) -> None:
        self.contado.append((tipo, dict(datos), objeto))

    async def dichos(self, *, objeto: PydanticObjectId, tipos: Collection[str]) -> list[Mapping[str, str]]:
        return [datos for tipo, datos, suyo in self.contado if tipo in tipos and suyo == objeto]


def marcas(uow: UnitOfWork, bitacora: BitacoraDeTrabajos | None = None) -> Marcas:
    precinto = Precinto(CLAVE, "trabajos")
    return Marcas(precinto=precinto, trabajos=TrabajoRepository(), bitacora=bitacora or BitacoraDeTrabajos(), uow=uow)


class Haciendo:
    """`Encargado` of a function."""

    def __init__(self, hacer: Hacer) -> None:
        self._hacer = hacer

    async def realizar(self, *, contexto: Contexto) -> Mapping[str, Any] | None:
        return await self._hacer(contexto)


class VigenciaFalsa:
    """Everybody is still who they were, but those who `perdieron` their role."""

    def __init__(self) -> None:
        self.perdieron: set[PydanticObjectId] = set()

    async def sigue(self, quien: Principal) -> bool:
        return quien.usuario_id not in self.perdieron


class Taller:
    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.trabajos, self.rechazos = TrabajoRepository(), RechazoRepository()
        self.archivos = ArchivoService(PiezaRepository(), CLAVE)
        self.parada = Parada()
        self.trabajadores: list[Trabajador] = []
        self.bitacora = BitacoraDeTrabajos()
        self.marcas = marcas(uow, self.bitacora)
        self.servicio = TrabajoService(
            trabajos=self.trabajos,
            rechazos=self.rechazos,
            archivos=self.archivos,
            parada=self.parada,
            uow=uow,
            marcas=self.marcas,
            al_encolar=self.despertar,
        )
        self.quien = alguien()
        self.vigencia = VigenciaFalsa()

    def trabajador(self, *, sondeo: float = 0.05, a_la_vez: int = 2, **hacen: Hacer) -> Trabajador:
        """One more worker, as in another process: nothing is shared with the others but the database."""
        trabajador = Trabajador(
            trabajos=TrabajoRepository(),
            rechazos=RechazoRepository(),
            archivos=ArchivoService(PiezaRepository(), CLAVE),
            marcas=self.marcas,
            uow=self.uow,
            parada=self.parada,
            sondeo=sondeo,
            a_la_vez=a_la_vez,
        )
        encargados: dict[str, Encargado] = {tipo: Haciendo(hacer) for tipo, hacer in hacen.items()}
        trabajador.encargar(encargados, self.vigencia)
        self.trabajadores.append(trabajador)
        return trabajador

    async def encolar(self, tipo: str = "prueba", **mas: Any) -> PydanticObjectId:
        datos: dict[str, Any] = {"tipo": tipo, "parametros": {}, "quien": self.quien}
        return await self.servicio.encolar(**datos | mas)

    async def ver(self, trabajo_id: PydanticObjectId) -> Trabajo:
        trabajo = await self.trabajos.get(trabajo_id)
        assert trabajo is not None
        return trabajo

    async def fin(self, trabajo_id: PydanticObjectId) -> TrabajoVisto:
        visto = await self.servicio.esperar(trabajo_id=trabajo_id, segundos=20)
        assert visto.terminado, visto
        return visto

    async def hasta(self, condicion: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(20):
            while not await condicion():  # noqa: ASYNC110 - what it waits for is in the database
                await asyncio.sleep(0.01)

    def despertar(self) -> None:
        for trabajador in self.trabajadores:
            trabajador.despertar()


@pytest.fixture
async def taller(base_real: UnitOfWork) -> AsyncIterator[Taller]:
    taller = Taller(base_real)
    yield taller
    taller.parada.avisar()
