"""A start with another key than the data was made with stops, and names the key."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from app.core.config import CLAVES, DE_ANTES, ConfigError, NombreDeClave, Settings
from app.database.keys import exigir_claves

BASE = "pruebas_claves"
UNAS: dict[str, Any] = {nombre: f"{nombre}-" * 8 for nombre in CLAVES}


def ajustes(**otras: Any) -> Settings:
    return Settings(_env_file=None, mongodb_db=BASE, **UNAS | otras)


@pytest.fixture
async def cliente(
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
) -> "AsyncIterator[AsyncIOMotorClient[dict[str, Any]]]":
    await cliente_mongo.drop_database(BASE)
    yield cliente_mongo
    await cliente_mongo.drop_database(BASE)


class TestClaves:
    async def test_con_las_mismas_arranca_siempre(self, cliente: "AsyncIOMotorClient[dict[str, Any]]") -> None:
        for _ in range(3):
            await exigir_claves(cliente, ajustes())
        guardado = await cliente[BASE]["instalacion"].find_one({})
        assert guardado is not None
        assert not {str(v) for v in UNAS.values()} & set(map(str, guardado.values()))

    @pytest.mark.parametrize("nombre", CLAVES)
    async def test_con_otra_no_y_dice_cual(
        self, nombre: NombreDeClave, cliente: "AsyncIOMotorClient[dict[str, Any]]"
    ) -> None:
        await exigir_claves(cliente, ajustes())
        with pytest.raises(ConfigError) as error:
            await exigir_claves(cliente, ajustes(**{nombre: "otra clave, que no es la misma que antes"}))
        (linea,) = str(error.value).splitlines()
        assert linea.startswith(f"PARKNET_{nombre.upper()}: ")
        await exigir_claves(cliente, ajustes())

    @pytest.mark.parametrize("nombre", CLAVES)
    async def test_la_que_se_sustituye_se_dice_con_las_de_antes(
        self, nombre: NombreDeClave, cliente: "AsyncIOMotorClient[dict[str, Any]]"
    ) -> None:
        await exigir_claves(cliente, ajustes())
        nueva = {nombre: "una clave nueva, tan larga como hace falta"}
        with pytest.raises(ConfigError):
            await exigir_claves(
                cliente, ajustes(**nueva, **{DE_ANTES[nombre]: ["ninguna de las de antes, aunque larga"]})
            )
        await exigir_claves(cliente, ajustes(**nueva, **{DE_ANTES[nombre]: [UNAS[nombre]]}))
        await exigir_claves(cliente, ajustes(**nueva))
        with pytest.raises(ConfigError):
            await exigir_claves(cliente, ajustes())
