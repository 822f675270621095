"""The module on its own: its documents, its services, and stand-ins for those it asks."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from beanie import Document, PydanticObjectId

from app.core.builder import Armador
from app.core.clock import hoy
from app.core.facts.told import Bitacora
from app.core.figures.repository import CifraRepository
from app.core.figures.service import Cifras
from app.core.imports.reception import Recepcion
from app.core.jobs.contract import Archivos
from app.core.jobs.files import ArchivoService
from app.core.jobs.models import DOCUMENTOS as DE_TRABAJOS
from app.core.jobs.repository import PiezaRepository
from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.residentes.catalogo.models import CondicionDelCatalogo, NombreDeCondicion
from app.modules.residentes.catalogo.repository import CatalogoRepository
from app.modules.residentes.catalogo.service import CatalogoService
from app.modules.residentes.condiciones.service import CondicionService
from app.modules.residentes.hechos import MarcasDelPadron
from app.modules.residentes.models import DOCUMENTOS
from app.modules.residentes.mora.service import MoraService
from app.modules.residentes.ports import Cuentas, Lecturas, Reservas, Solicitudes
from app.modules.residentes.public import PadronService
from app.modules.residentes.repository import ResidenteRepository
from app.modules.residentes.resumen.repository import ConteoRepository
from app.modules.residentes.resumen.service import ResumenService
from app.modules.residentes.router import router
from app.modules.residentes.sanciones.repository import SancionRepository
from app.modules.residentes.sanciones.service import SancionService
from app.modules.residentes.schemas import ResidentOut
from app.modules.residentes.service import ResidenteService
from app.modules.residentes.unidades.repository import UnidadRepository, VehiculoRepository
from app.modules.residentes.unidades.schemas import UnidadOut
from app.modules.residentes.unidades.service import UnidadService
from tests.autenticador import FakeAutenticador, principal
from tests.marcas import MARCAS
from tests.modules.residentes import factories
from tests.modules.sorteo.dobles import FakeBitacora


class FakeCuentas:
    def __init__(self) -> None:
        self.llamadas: list[tuple[str, PydanticObjectId]] = []

    async def desactivar(self, *, residente_id: PydanticObjectId) -> None:
        self.llamadas.append(("desactivar", residente_id))

    async def reactivar(self, *, residente_id: PydanticObjectId) -> None:
        self.llamadas.append(("reactivar", residente_id))


async def _nada() -> None:
    pass


class FakeSolicitudes:
    """`al_preguntar` runs while the question is being answered: in the middle of the caller's transaction."""

    def __init__(self) -> None:
        self.en_solicitud: set[PydanticObjectId] = set()
        self.con_historia: set[PydanticObjectId] = set()
        self.con_vivas: set[PydanticObjectId] = set()
        self.pidieron: set[PydanticObjectId] = set()
        self.en_sorteo_cerrado: set[PydanticObjectId] = set()
        self.en_curso: list[PydanticObjectId] = []
        self.cambiadas: list[PydanticObjectId] = []
        self.salidas: list[tuple[list[PydanticObjectId], PydanticObjectId]] = []
        self.placas: dict[PydanticObjectId, str | None] = {}
        self.al_preguntar: Callable[[], Awaitable[None]] = _nada

    async def alguno_en_solicitud(self, *, vehiculos: Sequence[PydanticObjectId]) -> bool:
        await self.al_preguntar()
        return not self.en_solicitud.isdisjoint(vehiculos)

    async def con_solicitud(self, *, vehiculos: Sequence[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        return frozenset(self.en_solicitud & set(vehiculos))

    async def que_pidieron(
        self, *, residentes: Sequence[PydanticObjectId], unidades: Sequence[PydanticObjectId]
    ) -> frozenset[PydanticObjectId]:
        del unidades
        return frozenset(self.pidieron & set(residentes))

    async def unidades_con_vivas(self, *, unidades: Sequence[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        return frozenset(self.con_vivas & set(unidades))

    async def unidades_con_historia(self, *, unidades: Sequence[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        return frozenset(self.con_historia & set(unidades))

    async def corregir_placa(self, *, vehiculo_id: PydanticObjectId, placa: str | None) -> bool:
        self.placas[vehiculo_id] = placa
        return vehiculo_id not in self.en_sorteo_cerrado

    async def desocupadas(self, *, unidades: Sequence[PydanticObjectId], usuario_id: PydanticObjectId) -> None:
        self.salidas.append((list(unidades), usuario_id))

    async def cambiaron(self, *, unidades: Collection[PydanticObjectId]) -> None:
        self.cambiadas += unidades

    async def sorteos_en_curso(self) -> list[PydanticObjectId]:
        return self.en_curso

    async def unidad_con_historia(self, *, unidad_id: PydanticObjectId) -> bool:
        await self.al_preguntar()
        return unidad_id in self.con_historia


class FakeLecturas:
    def __init__(self) -> None:
        self.hechas: list[tuple[PydanticObjectId, PydanticObjectId]] = []

    def leidas(self, *, lector: Principal, residentes: Sequence[PydanticObjectId]) -> None:
        self.hechas += [(lector.usuario_id, residente_id) for residente_id in residentes]


class FakeReservas:
    """`al_preguntar` runs while the question is being answered: in the middle of the caller's transaction."""

    def __init__(self) -> None:
        self.nombradas: set[str] = set()
        self.con_derecho: set[PydanticObjectId] = set()
        self.al_preguntar: Callable[[], Awaitable[None]] = _nada

    async def unidades_con_derecho(self, *, unidades: Collection[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        await self.al_preguntar()
        return frozenset(self.con_derecho & set(unidades))

    async def nombran_condicion(self, *, codigo: str) -> bool:
        await self.al_preguntar()
        return codigo in self.nombradas


@dataclass
class Casa:
    """The module's services on a database, and the fakes they talk to."""

    uow: UnitOfWork
    cuentas: FakeCuentas = field(default_factory=FakeCuentas)
    solicitudes: FakeSolicitudes = field(default_factory=FakeSolicitudes)
    lecturas: FakeLecturas = field(default_factory=FakeLecturas)
    reservas: FakeReservas = field(default_factory=FakeReservas)

    def __post_init__(self) -> None:
        zona = ZoneInfo("America/Bogota")
        archivos = ArchivoService(PiezaRepository(), b"una clave de pruebas bastante larga")
        armador = Armador(
            {
                UnitOfWork: self.uow,
                ZoneInfo: zona,
                MarcasDelPadron: MARCAS,
                Bitacora: FakeBitacora(),
                Archivos: archivos,
                Recepcion: Recepcion(archivos=archivos),
                Cuentas: self.cuentas,
                Solicitudes: self.solicitudes,
                Lecturas: self.lecturas,
                Reservas: self.reservas,
            }
        )
        self.repo_unidades, self.repo_vehiculos = armador[UnidadRepository], armador[VehiculoRepository]
        self.repo_residentes, self.repo_sanciones = armador[ResidenteRepository], armador[SancionRepository]
        self.repo_catalogo = armador[CatalogoRepository]
        self.unidades, self.residentes = armador[UnidadService], armador[ResidenteService]
        self.condiciones, self.catalogo = armador[CondicionService], armador[CatalogoService]
        self.mora, self.sanciones, self.padron = armador[MoraService], armador[SancionService], armador[PadronService]
        conteos = ConteoRepository()
        cifra = Cifras(guardadas=CifraRepository()).encargar("residentes", lambda: conteos.contar(el=hoy(zona)))
        self.resumen = armador.hacer(ResumenService, cifra=cifra)

    async def conocer(self, *codigos: str, vence: bool = False) -> None:
        """Put conditions of these codes into the catalogue."""
        nombres = {codigo: NombreDeCondicion(es=codigo.capitalize(), en=codigo.upper()) for codigo in codigos}
        await self.repo_catalogo.insert_many(
            CondicionDelCatalogo(codigo=codigo, nombre=nombre, vence=vence) for codigo, nombre in nombres.items()
        )

    async def unidad(self, **cambios: Any) -> UnidadOut:
        return await self.unidades.crear(factories.unidad(**cambios), factories.ADMIN)

    async def residente(self, **cambios: Any) -> ResidentOut:
        return await self.residentes.crear(factories.residente(**cambios), factories.ADMIN)

    async def cambiar(self, residente_id: PydanticObjectId, **cambios: Any) -> ResidentOut:
        return await self.residentes.cambiar(residente_id, factories.cambio_de_residente(**cambios), factories.ADMIN)


@dataclass
class Api:
    """The module over HTTP. `api.como(quien)` are the headers of a request by them."""

    cliente: httpx.AsyncClient
    casa: Casa
    autenticador: FakeAutenticador

    def como(self, quien: Principal) -> dict[str, str]:
        return self.autenticador.entrar(quien)

    def residente(self, residente_id: PydanticObjectId) -> dict[str, str]:
        return self.como(principal(Rol.residente, residente_id))

    async def pedir(
        self, metodo: str, ruta: str, quien: Principal | None = factories.ADMIN, json: Any = None, **mas: Any
    ) -> httpx.Response:
        headers = {} if quien is None else self.como(quien)
        cuerpo = {} if json is None else {"json": json}
        return await self.cliente.request(metodo, f"/api/v1/residentes{ruta}", headers=headers, **cuerpo, **mas)


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return (*DOCUMENTOS, *DE_TRABAJOS)


@pytest.fixture
async def casa(base_simulada: UnitOfWork, reloj: object) -> Casa:  # noqa: ARG001 - time stands still
    return await _con_condiciones(Casa(base_simulada))


@pytest.fixture
async def casa_real(base_real: UnitOfWork, reloj: object) -> Casa:  # noqa: ARG001
    return await _con_condiciones(Casa(base_real))


async def _con_condiciones(casa: Casa) -> Casa:
    await casa.conocer("discapacidad", "adulto_mayor", "embarazo")
    return casa


@pytest.fixture
async def api(casa_real: Casa, abrir_app: Callable[..., Awaitable[httpx.AsyncClient]]) -> Api:
    autenticador = FakeAutenticador()
    cliente = await abrir_app(
        [router],
        autenticador=autenticador,
        residentes=SimpleNamespace(
            unidades=casa_real.unidades,
            residentes=casa_real.residentes,
            condiciones=casa_real.condiciones,
            catalogo=casa_real.catalogo,
            resumen=casa_real.resumen,
            mora=casa_real.mora,
            sanciones=casa_real.sanciones,
        ),
    )
    return Api(cliente, casa_real, autenticador)
