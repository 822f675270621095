from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.prioridades.models import ConfigPrioridad
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.prioridades.router import router
from app.modules.sorteo.prioridades.service import PrioridadService
from app.shared.exceptions import TokenInvalido
from tests import marcas
from tests.conftest import Abrir
from tests.modules.sorteo.dobles import FakeCondiciones


class FakeAutenticador:
    """A token is the name of a role."""

    async def autenticar(self, token: str) -> Principal:
        if token not in set(Rol):
            raise TokenInvalido()
        return Principal(usuario_id=PydanticObjectId(), rol=Rol(token), sesion_id=PydanticObjectId())


def nueva(**cambios: Any) -> dict[str, Any]:
    """A rule as a client sends it."""
    return {
        "codigo": "movilidad",
        "descripcion": "Personas con movilidad reducida",
        "condiciones": [{"campo": "condicion", "operador": "igual", "valor": "movilidad_reducida"}],
        "efecto": {"nivel": 0},
        **cambios,
    }


def prioridad(**cambios: Any) -> ConfigPrioridad:
    return ConfigPrioridad(**nueva(creado_en=ahora(), actualizado_en=ahora(), **cambios))


@pytest.fixture
def repositorio() -> PrioridadRepository:
    return marcas.prioridades()


@pytest.fixture
def condiciones() -> FakeCondiciones:
    return FakeCondiciones()


@pytest.fixture
async def cliente(
    abrir_app: Abrir, base_real: UnitOfWork, repositorio: PrioridadRepository, condiciones: FakeCondiciones
) -> httpx.AsyncClient:
    """Signed in as admin; another role by its header."""
    servicio = PrioridadService(prioridades=repositorio, condiciones=condiciones, dichos=marcas.dichos(), uow=base_real)
    cliente = await abrir_app([router], autenticador=FakeAutenticador(), sorteo=SimpleNamespace(prioridades=servicio))
    cliente.headers["Authorization"] = "Bearer admin"
    return cliente


def como(rol: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {rol}"}
