"""A process that dies within a transaction: those that live end it, and write on what it had written."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pymongo
import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import ExecutionTimeout, NetworkTimeout

from app.database import presence
from app.database.presence import Presencia, nombre_de

Cliente = AsyncIOMotorClient[dict[str, Any]]
BASE = "presencia"
ANTES = datetime(2020, 1, 1, tzinfo=UTC)
TARDA = (ExecutionTimeout, NetworkTimeout)
MUERE = """
import os, signal, sys
from pymongo import MongoClient
cliente = MongoClient(sys.argv[1], appname=sys.argv[2])
sesion = cliente.start_session()
sesion.start_transaction()
cliente["presencia"]["cosas"].update_one({"_id": 1}, {"$inc": {"n": 1}}, session=sesion)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
async def base(cliente_mongo: Cliente) -> Any:
    base = cliente_mongo[BASE]
    for nombre in ("cosas", "procesos"):
        await base[nombre].delete_many({})
    await base["cosas"].insert_one({"_id": 1, "n": 0})
    return base


@pytest.fixture
def morir(servidor: str, base: Any) -> Callable[[str, datetime], Awaitable[None]]:
    """A process of that name dies in the middle of writing; when it was last heard."""

    async def morir(ficha: str, visto_en: datetime) -> None:
        orden = [sys.executable, "-c", MUERE, servidor, nombre_de(ficha)]
        assert await (await asyncio.create_subprocess_exec(*orden)).wait() == -signal.SIGKILL
        await base["procesos"].insert_one({"_id": ficha, "visto_en": visto_en})

    return morir


@pytest.fixture
async def oida(cliente_mongo: Cliente, base: Any, monkeypatch: pytest.MonkeyPatch) -> Presencia:
    """One that has been heard for as long as it takes."""
    del base
    presencia = Presencia(cliente_mongo, BASE, ficha="viva")
    await presencia.latir()
    monkeypatch.setattr(presencia, "_oido_desde", float("-inf"))
    return presencia


async def _escribir(base: Any) -> None:
    with pymongo.timeout(1.0):
        await base["cosas"].update_one({"_id": 1}, {"$inc": {"n": 10}})


async def test_lo_que_dejo_abierto_un_muerto_se_deshace(oida: Presencia, base: Any, morir: Any) -> None:
    await morir("muerta", ANTES)
    with pytest.raises(TARDA):
        await _escribir(base)
    await oida.latir()
    await _escribir(base)
    assert (await base["cosas"].find_one())["n"] == 10
    assert [fila["_id"] async for fila in base["procesos"].find()] == ["viva"]


async def test_lo_de_quien_da_senales_se_queda(oida: Presencia, base: Any, morir: Any) -> None:
    await morir("lenta", datetime.now(UTC))
    await oida.latir()
    with pytest.raises(TARDA):
        await _escribir(base)
    await base["procesos"].update_one({"_id": "lenta"}, {"$set": {"visto_en": ANTES}})
    await oida.latir()
    await _escribir(base)


async def test_quien_acaba_de_volver_no_da_a_nadie_por_muerto(
    cliente_mongo: Cliente, base: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the database comes back nobody has been heard for a while, and they all live."""
    await base["procesos"].insert_one({"_id": "otra", "visto_en": ANTES})
    presencia = Presencia(cliente_mongo, BASE, ficha="viva")
    await presencia.latir()
    await presencia.latir()
    assert await base["procesos"].count_documents({"_id": "otra"}) == 1
    monkeypatch.setattr(presencia, "_oido_desde", float("-inf"))
    monkeypatch.setattr(presencia, "_oido", presencia._oido - presence.SILENCIO.total_seconds() - 1)
    await presencia.latir()
    assert await base["procesos"].count_documents({"_id": "otra"}) == 1


async def test_quien_se_va_no_deja_su_senal(oida: Presencia, base: Any) -> None:
    await oida.irse()
    assert await base["procesos"].count_documents({}) == 0
