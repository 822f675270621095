"""The application with those operations, over the real server."""

from collections.abc import Sequence

import httpx
import pytest
from beanie import Document

from app.core.idempotency.models import DOCUMENTOS
from app.core.idempotency.wiring import montar
from app.database.unit_of_work import UnitOfWork
from tests.conftest import Abrir, Reloj
from tests.core.idempotency.taller import Cosa, Quienes, Taller, de_auth, router


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return (*DOCUMENTOS, Cosa)


@pytest.fixture
def taller(base_real: UnitOfWork, reloj: Reloj) -> Taller:
    del reloj
    return Taller(base_real)


@pytest.fixture
async def cliente(abrir_app: Abrir, base_real: UnitOfWork, taller: Taller) -> httpx.AsyncClient:
    cliente = await abrir_app([router, de_auth], autenticador=Quienes(), taller=taller, **montar(uow=base_real))
    cliente.base_url = httpx.URL("http://parknet/api/v1/")
    cliente.headers["Authorization"] = "Bearer 1"
    return cliente
