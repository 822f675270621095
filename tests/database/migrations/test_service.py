"""Data of before becomes data of this version once, whatever is cut short and whoever does it at the same time."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener, CommandStartedEvent

from app.core.config import ConfigError, Settings
from app.database.migrations.changes import Cambio, Migracion
from app.database.migrations.service import MigracionPendiente, exigir_version, por_cambiar
from app.database.migrations.steps import MIGRACIONES

BASE = "pruebas_migraciones"
AJUSTES = Settings(_env_file=None, mongodb_db=BASE)
Cliente = AsyncIOMotorClient[dict[str, Any]]

COLOR = Migracion(
    numero=1,
    que="las cosas tienen color",
    cambios=[Cambio(coleccion="cosas", filtro={"color": {"$exists": False}}, cambio=[{"$set": {"color": "gris"}}])],
)
NOMBRE = Migracion(
    numero=2,
    que="su nombre se llama título, y lleva el color",
    cambios=[
        Cambio(
            coleccion="cosas",
            filtro={"titulo": {"$exists": False}},
            cambio=[{"$set": {"titulo": {"$concat": ["$nombre", " ", "$color"]}}}, {"$unset": "nombre"}],
        )
    ],
)
LAS_DOS = (COLOR, NOMBRE)


@pytest.fixture
async def cliente(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> AsyncIterator["Cliente"]:
    await cliente_mongo.drop_database(BASE)
    yield cliente_mongo
    await cliente_mongo.drop_database(BASE)


async def version(cliente: "Cliente") -> int:
    return int((await cliente[BASE]["instalacion"].find_one({"_id": "datos"}) or {})["version"])


async def cosas(cliente: "Cliente") -> list[dict[str, Any]]:
    return await cliente[BASE]["cosas"].find({}).sort("_id", 1).to_list(None)


class TestVersion:
    async def test_una_base_que_se_estrena_es_de_la_ultima(self, cliente: "Cliente") -> None:
        await exigir_version(cliente, AJUSTES, migraciones=LAS_DOS)
        assert await version(cliente) == 2

    async def test_una_de_antes_pasa_por_todas(self, cliente: "Cliente") -> None:
        await cliente[BASE]["cosas"].insert_many(
            [{"_id": 1, "nombre": "a"}, {"_id": 2, "nombre": "b", "color": "rojo"}]
        )
        await exigir_version(cliente, AJUSTES, migraciones=LAS_DOS)
        assert await cosas(cliente) == [
            {"_id": 1, "titulo": "a gris", "color": "gris"},
            {"_id": 2, "titulo": "b rojo", "color": "rojo"},
        ]
        assert await version(cliente) == 2

    async def test_lo_que_se_corto_sigue_donde_iba(self, cliente: "Cliente") -> None:
        await cliente[BASE]["cosas"].insert_many(
            [{"_id": 1, "titulo": "a gris", "color": "gris"}, {"_id": 2, "nombre": "b"}]
        )
        await cliente[BASE]["instalacion"].insert_one({"_id": "datos", "version": 0})
        await exigir_version(cliente, AJUSTES, migraciones=LAS_DOS)
        assert [c["titulo"] for c in await cosas(cliente)] == ["a gris", "b gris"]

    async def test_dos_a_la_vez_hacen_lo_que_uno(self, cliente: "Cliente") -> None:
        await cliente[BASE]["cosas"].insert_many([{"_id": n, "nombre": f"n{n}"} for n in range(2000)])
        await asyncio.gather(*[exigir_version(cliente, AJUSTES, migraciones=LAS_DOS) for _ in range(4)])
        assert [c["titulo"] for c in await cosas(cliente)] == [f"n{n} gris" for n in range(2000)]

    async def test_un_programa_viejo_no_toca_datos_nuevos(self, cliente: "Cliente") -> None:
        await exigir_version(cliente, AJUSTES, migraciones=LAS_DOS)
        with pytest.raises(ConfigError, match=r"^PARKNET_MONGODB_DB: los datos son de la versión 2.*llega a la 1"):
            await exigir_version(cliente, AJUSTES, migraciones=[COLOR])

    async def test_un_proceso_en_pausa_que_despierta_no_cambia_nada(self, cliente: "Cliente") -> None:
        """It had read the version of before; the others are done, and at work."""
        await cliente[BASE]["cosas"].insert_one({"_id": 1, "nombre": "a"})
        await exigir_version(cliente, AJUSTES, migraciones=LAS_DOS)
        await cliente[BASE]["cosas"].insert_one({"_id": 2, "titulo": "nueva", "color": "azul"})
        antes = await cosas(cliente)
        await cliente[BASE]["instalacion"].update_one({"_id": "datos"}, {"$set": {"version": 0}})
        await exigir_version(cliente, AJUSTES, migraciones=LAS_DOS)
        assert await cosas(cliente) == antes

    async def test_mirar_que_cambiaria_no_escribe_nada(self, cliente: "Cliente") -> None:
        assert await por_cambiar(cliente, AJUSTES, LAS_DOS) == []
        assert await cliente[BASE].list_collection_names() == []

    async def test_sin_permiso_no_cambia_nada_y_se_sabe_que_cambiaria(self, cliente: "Cliente") -> None:
        await cliente[BASE]["cosas"].insert_one({"_id": 1, "nombre": "a"})
        with pytest.raises(MigracionPendiente):
            await exigir_version(cliente, AJUSTES, migrar=False, migraciones=LAS_DOS)
        assert await por_cambiar(cliente, AJUSTES, LAS_DOS) == [(COLOR, 1), (NOMBRE, 1)]
        assert await cosas(cliente) == [{"_id": 1, "nombre": "a"}]


def test_los_numeros_suben_de_uno_en_uno() -> None:
    assert [m.numero for m in MIGRACIONES] == list(range(1, len(MIGRACIONES) + 1))


class _Ordenes(CommandListener):
    def __init__(self) -> None:
        self.vistas: list[Mapping[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.vistas.append(event.command)

    def succeeded(self, event: object) -> None: ...

    def failed(self, event: object) -> None: ...


async def test_takes_as_long_as_there_are_documents(cliente: Cliente, servidor: str) -> None:
    """However short a time a call is given: of a city, one command of these takes minutes."""
    ordenes = _Ordenes()
    de_llamadas: Cliente = AsyncIOMotorClient(servidor, timeoutMS=3000, event_listeners=[ordenes])
    await cliente[BASE]["cosas"].insert_one({"nombre": "mesa"})
    await cliente[BASE]["instalacion"].insert_one({"_id": "datos", "version": 0})
    await exigir_version(de_llamadas, AJUSTES, migraciones=[COLOR])
    (cambio,) = (orden for orden in ordenes.vistas if orden.get("update") == "cosas")
    assert cambio["maxTimeMS"] > 60 * 60 * 1000
    de_llamadas.close()
