"""The module on its own: its documents, its services, and stand-ins for those it asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from beanie import Document

from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.espera.router import router as router_espera
from app.modules.solicitudes.models import DOCUMENTOS
from app.modules.solicitudes.router import router
from app.modules.solicitudes.ventanilla import repository as ventanilla
from tests.autenticador import FakeAutenticador, principal
from tests.conftest import Abrir
from tests.modules.solicitudes.dobles import DOCUMENTOS_DE_PRUEBA
from tests.modules.solicitudes.mesa import Mesa


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return (*DOCUMENTOS, *DOCUMENTOS_DE_PRUEBA)


@pytest.fixture
def mesa(base_simulada: UnitOfWork, reloj: object, monkeypatch: pytest.MonkeyPatch) -> Mesa:  # noqa: ARG001 - time stands still
    # It compares each new row with all there are, and here nobody gets in another's way.
    monkeypatch.setattr(ventanilla, "FRANJAS", 2)
    return Mesa(base_simulada)


@pytest.fixture
def mesa_real(base_real: UnitOfWork, reloj: object) -> Mesa:  # noqa: ARG001
    return Mesa(base_real)


@dataclass
class Api:
    """The module over HTTP."""

    cliente: httpx.AsyncClient
    mesa: Mesa
    autenticador: FakeAutenticador

    async def pedir(
        self, metodo: str, ruta: str, quien: Principal | None, json: Any = None, **mas: Any
    ) -> httpx.Response:
        headers = {} if quien is None else self.autenticador.entrar(quien)
        cuerpo = {} if json is None else {"json": json}
        return await self.cliente.request(metodo, f"/api/v1{ruta}", headers=headers, **cuerpo, **mas)


def campos_de(respuesta: httpx.Response) -> list[tuple[str, str]]:
    """What a 422 says of each field."""
    return [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]]


@pytest.fixture
async def api(mesa_real: Mesa, abrir_app: Abrir) -> Api:
    autenticador = FakeAutenticador()
    cliente = await abrir_app(
        [router, router_espera],
        autenticador=autenticador,
        solicitudes=mesa_real.modulo,
    )
    return Api(cliente, mesa_real, autenticador)


@pytest.fixture
def residente() -> Principal:
    """One who lives nowhere."""
    return principal(Rol.residente)
