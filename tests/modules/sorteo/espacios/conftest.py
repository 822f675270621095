from collections.abc import Callable, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from beanie import Document, PydanticObjectId

from app.core.clock import ahora, hoy
from app.core.figures.repository import CifraRepository
from app.core.figures.service import Cifras
from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.custodia.vigia import Velo
from app.modules.sorteo.espacios.models import Espacio, Ocupacion, TipoOcupacion, Titular
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.espacios.router import router
from app.modules.sorteo.espacios.service import EspacioService
from app.modules.sorteo.tablero.service import TableroService
from app.shared.exceptions import TokenInvalido
from tests import marcas
from tests.autenticador import principal
from tests.conftest import Abrir
from tests.modules.sorteo.asignaciones import factories as asignaciones
from tests.modules.sorteo.dobles import DeNadie, FakeBitacora, FakeCondiciones, FakeOfertas, FakePadron

UNIDAD = PydanticObjectId("64b000000000000000000001")
DESDE, HASTA = date(2026, 7, 1), date(2026, 12, 31)


class FakeAutenticador:
    """A token is the name of a role."""

    async def autenticar(self, token: str) -> Principal:
        if token not in set(Rol):
            raise TokenInvalido()
        return principal(Rol(token))


class UnidadesDePrueba(FakeCondiciones):
    """Only `UNIDAD` exists, and every condition but `desconocida`."""

    def __init__(self) -> None:
        super().__init__()
        self.sin = {"desconocida"}

    async def ocupar_unidad(self, *, unidad_id: PydanticObjectId) -> bool:
        return unidad_id == UNIDAD


def espacio(codigo: str = "A-01", **campos: Any) -> Espacio:
    return Espacio(**{"codigo": codigo, "tipo": "carro", "creado_en": ahora(), "actualizado_en": ahora(), **campos})


def ocupacion(
    tipo: TipoOcupacion = "asignacion", ref: PydanticObjectId | None = None, desde: date = DESDE, hasta: date = HASTA
) -> Ocupacion:
    return Ocupacion(tipo=tipo, ref=ref or PydanticObjectId(), desde=desde, hasta=hasta)


def titular(desde: date = DESDE, hasta: date | None = HASTA) -> Titular:
    return Titular(unidad_id=UNIDAD, motivo="Escritura", desde=desde, hasta=hasta)


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return [Espacio]


@pytest.fixture(params=["base_simulada", pytest.param("base_real", marks=pytest.mark.mongod)])
def base(request: pytest.FixtureRequest) -> UnitOfWork:
    """Both databases in turn: what tests of draws do on the simulated one has to be what the real one does."""
    uow: UnitOfWork = request.getfixturevalue(request.param)
    return uow


@pytest.fixture
def repositorio() -> EspacioRepository:
    return marcas.espacios()


@pytest.fixture
def ofertas() -> FakeOfertas:
    return FakeOfertas()


@pytest.fixture
def servicio_con(repositorio: EspacioRepository, ofertas: FakeOfertas) -> Callable[[UnitOfWork], EspacioService]:
    return lambda uow: EspacioService(
        espacios=repositorio,
        padron=UnidadesDePrueba(),
        ofertas=ofertas,
        dichos=marcas.dichos(),
        reclamos=DeNadie(),
        velo=Velo(bitacora=FakeBitacora(), uow=uow),
        uow=uow,
        cifra=Cifras(guardadas=CifraRepository()).encargar(
            "espacios", lambda: repositorio.contar(el=hoy(ZoneInfo("America/Bogota")))
        ),
    )


@pytest.fixture
async def cliente(
    abrir_app: Abrir, base_real: UnitOfWork, servicio_con: Callable[[UnitOfWork], EspacioService]
) -> httpx.AsyncClient:
    """Signed in as admin; another role by its header."""
    tablero = TableroService(asignaciones=asignaciones.repositorio(), padron=FakePadron())
    cliente = await abrir_app(
        [router],
        autenticador=FakeAutenticador(),
        sorteo=SimpleNamespace(espacios=servicio_con(base_real), tablero=tablero),
    )
    cliente.headers["Authorization"] = "Bearer admin"
    return cliente


def como(rol: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {rol}"}
