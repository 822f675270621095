"""What the driver does is counted: connections that are open and at work, and those that were not to be had."""

import threading
from contextlib import suppress
from typing import Any

import pytest
from prometheus_client import Counter, Gauge
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure

from app.core.metrics import CONEXIONES, SIN_CONEXION
from app.database.listening import ConexionesDeLaBase


def _valor(metrica: Counter | Gauge, **etiquetas: str) -> float:
    (familia,) = metrica.collect()
    return next(m.value for m in familia.samples if m.labels == etiquetas and not m.name.endswith("_created"))


@pytest.mark.mongod
def test_las_conexiones_se_cuentan_mientras_las_hay(servidor: str) -> None:
    with MongoClient[dict[str, Any]](servidor, event_listeners=[ConexionesDeLaBase()]) as cliente:
        antes = {estado: _valor(CONEXIONES, estado=estado) for estado in ("abiertas", "en_uso")}
        list(cliente["pruebas_conexiones"]["cosas"].find())
        assert _valor(CONEXIONES, estado="abiertas") > antes["abiertas"]
        assert _valor(CONEXIONES, estado="en_uso") == antes["en_uso"]
    assert _valor(CONEXIONES, estado="abiertas") == antes["abiertas"]
    assert _valor(CONEXIONES, estado="en_uso") == antes["en_uso"]


@pytest.mark.mongod
def test_la_que_no_se_tuvo_se_cuenta(servidor: str) -> None:
    antes = _valor(SIN_CONEXION)
    with MongoClient[dict[str, Any]](
        servidor, event_listeners=[ConexionesDeLaBase()], maxPoolSize=1, waitQueueTimeoutMS=1
    ) as cliente:
        cosas = cliente["pruebas_conexiones"]["cosas"]
        cosas.insert_one({"_id": 1})
        lenta = threading.Thread(target=cosas.find_one, args=({"$where": "sleep(1000) || true"},))
        lenta.start()
        while lenta.is_alive():  # until it has the only one there is
            with suppress(ConnectionFailure):
                cosas.find_one({})
        lenta.join()
        cliente.drop_database("pruebas_conexiones")
    assert _valor(SIN_CONEXION) > antes
