"""Indexes that lack are made before anything is served, and named; what stands against them is one line."""

import logging
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from beanie import Document, init_beanie
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import SecretStr
from pymongo import IndexModel
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from app.core.config import ConfigError, Settings
from app.database.collections import BaseDeDatos, IndicesPendientes
from app.database.mongodb import Database

BASE = "pruebas_indices"
pytestmark = pytest.mark.mongod


class Cosa(Document):
    placa: str
    color: str = ""

    class Settings:
        name = "cosas"
        indexes = [IndexModel("placa", name="placa_unica", unique=True), IndexModel("color", name="color")]


@pytest.fixture
async def cosas(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> AsyncIterator[Any]:
    await cliente_mongo.drop_database(BASE)
    yield cliente_mongo[BASE]["cosas"]
    await cliente_mongo.drop_database(BASE)


async def _nada(_: object) -> None:
    pass


def base(servidor: str, *, con_indices: bool = True) -> Database:
    ajustes = Settings(_env_file=None, mongodb_uri=SecretStr(servidor), mongodb_db=BASE)
    return Database(ajustes, (Cosa,), antes=_nada, con_indices=con_indices)


async def test_de_una_base_vacia_se_hacen_sin_decirlo(
    servidor: str, cosas: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with base(servidor, con_indices=False):
        assert {"placa_unica", "color"} <= (await cosas.index_information()).keys()
    assert "índices" not in caplog.text


async def test_de_lo_que_hay_los_hace_quien_puede_esperar(
    servidor: str, cosas: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await cosas.insert_one({"placa": "ABC123"})
    with pytest.raises(IndicesPendientes):
        async with base(servidor, con_indices=False):
            pass
    assert (await cosas.index_information()).keys() == {"_id_"}
    with caplog.at_level(logging.WARNING, "app.database.collections"):
        for _ in range(2):
            async with base(servidor):
                assert {"placa_unica", "color"} <= (await cosas.index_information()).keys()
    assert caplog.messages == ["se hacen los índices de cosas: color, placa_unica"]
    async with base(servidor, con_indices=False):
        pass


async def test_lo_que_no_los_admite_se_dice_sin_decir_que(servidor: str, cosas: Any) -> None:
    await cosas.insert_many([{"placa": "ABC123"}, {"placa": "ABC123"}])
    with pytest.raises(ConfigError) as dicho:
        async with base(servidor):
            pass
    assert str(dicho.value) == (
        "PARKNET_MONGODB_DB: no se pueden hacer los índices de cosas (color, placa_unica): DuplicateKey"
    )


async def test_uno_que_es_otro_con_el_mismo_nombre(servidor: str, cosas: Any) -> None:
    await cosas.create_index("talla", name="color")
    with pytest.raises(ConfigError, match=r"índices de cosas \(placa_unica\): IndexKeySpecsConflict"):
        async with base(servidor):
            pass


class Otra(Document):
    class Settings:
        name = "otras"


class Preguntas(CommandListener):
    def __init__(self) -> None:
        self.hechas: Counter[str] = Counter()

    def started(self, event: CommandStartedEvent) -> None:
        self.hechas[event.command_name] += 1

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


async def test_que_servidor_es_se_pregunta_una_vez_y_no_por_documento(servidor: str) -> None:
    preguntas = Preguntas()
    cliente: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servidor, event_listeners=[preguntas])
    await init_beanie(database=BaseDeDatos(cliente, BASE), document_models=[Cosa, Otra])
    assert preguntas.hechas["buildInfo"] == 1
    await cliente.drop_database(BASE)
    cliente.close()
