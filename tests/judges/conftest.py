from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from app.core import clock
from tests.judges.aplicacion import Oyente, abierta
from tests.judges.crecimiento import crecer, en_cada_estado, entrar
from tests.judges.foto import Foto
from tests.judges.juicio import Banco, patrones_una_vez

BASE = "pruebas_jueces"


@pytest.fixture(scope="session", autouse=True)
def _patrones_una_vez() -> Iterator[None]:
    with patrones_una_vez():
        yield


@pytest.fixture(scope="session")
async def _banco(
    servidor: str,
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Banco]:
    datos = tmp_path_factory.mktemp("datos")
    oyente = Oyente()
    async with abierta(uri=servidor, base=BASE, datos=datos, cliente_mongo=cliente_mongo, oyente=oyente) as aplicacion:
        mundo = await crecer(aplicacion, 2)
        sorteos = await en_cada_estado(mundo)
        await entrar(mundo)
        foto = Foto(aplicacion, oyente.escritas)
        await foto.tomar()
        yield Banco(aplicacion=aplicacion, mundo=mundo, foto=foto, quienes=dict(mundo.quien), sorteos=sorteos)


@pytest.fixture
async def banco(_banco: Banco) -> AsyncIterator[Banco]:
    """Under its own clock, and its own database: other tests may have pointed the documents at one of theirs."""
    clock.usar_fuente(lambda: _banco.aplicacion.reloj.instante)
    _banco.aplicacion.base_propia()
    await _banco.reponer()
    _banco.faltas.clear()
    yield _banco
    clock.usar_fuente(None)
