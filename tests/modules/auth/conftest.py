"""This module alone, on either database."""

from collections.abc import Sequence

import httpx
import pytest
from beanie import Document

from app.database.unit_of_work import UnitOfWork
from app.modules.auth.models import DOCUMENTOS
from app.modules.auth.router import router
from tests.conftest import Abrir, Reloj
from tests.modules.auth.apoyo import HasherQueCuenta, Modulo


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return DOCUMENTOS


@pytest.fixture(scope="session")
def hasher_de_pruebas() -> HasherQueCuenta:
    return HasherQueCuenta()


@pytest.fixture
def hasher(hasher_de_pruebas: HasherQueCuenta) -> HasherQueCuenta:
    hasher_de_pruebas.verificadas, hasher_de_pruebas.al_verificar = 0, None
    return hasher_de_pruebas


@pytest.fixture
def modulo(base_simulada: UnitOfWork, reloj: Reloj, hasher: HasherQueCuenta) -> Modulo:  # noqa: ARG001
    return Modulo(base_simulada, hasher)


@pytest.fixture
def modulo_real(base_real: UnitOfWork, reloj: Reloj, hasher: HasherQueCuenta) -> Modulo:  # noqa: ARG001
    return Modulo(base_real, hasher)


@pytest.fixture
async def cliente(modulo_real: Modulo, abrir_app: Abrir) -> httpx.AsyncClient:
    return await abrir_app([router], **modulo_real.estado)
