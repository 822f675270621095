"""The whole of a service, copied, gone on with, and put back: what a draw shows is the same to the byte and still
follows from what was published, and nothing comes to life again that had ended."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from bson import encode
from motor.motor_asyncio import AsyncIOMotorClient

from app.core import clock
from app.core.config import Settings
from app.database.backup.service import base_de, respaldar, restaurar
from app.modules.sorteo import motor
from tests.api.conftest import Aplicacion, aplicacion_en
from tests.api.mundo import CLAVE, CORREO_ADMIN, V1, Mundo, construir
from tests.conftest import INICIO

pytestmark = pytest.mark.mongod
BASE = "pruebas_restauracion"
LO_PUBLICADO = (
    *("bases", "resultado", "resultados", "verificacion", "evaluacion", "espera", "exclusiones", "historial"),
    *("acta", "acta?formato=csv"),
)
DE_ANA = ("Zoilaida", "zoilaida", "77665544", "AAA101")


@pytest.fixture(autouse=True)
def _sin_reloj() -> Iterator[None]:
    yield
    clock.usar_fuente(None)


def _copiar(ajustes: Settings, copia: Path) -> None:
    with copia.open("wb") as archivo, base_de(ajustes) as base:
        respaldar(base, archivo, None)


def _volver(ajustes: Settings, copia: Path) -> None:
    with copia.open("rb") as archivo, base_de(ajustes) as base:
        restaurar(base, archivo, None, reemplazar=True)


async def _publicado(mundo: Mundo) -> dict[str, bytes]:
    dicho = {}
    for parte in LO_PUBLICADO:
        ruta = f"{V1}/sorteo/{mundo.publicado}/{parte}"
        respuesta = await mundo.cliente.get(ruta, headers=mundo.quien["admin"])
        assert respuesta.status_code == 200, (ruta, respuesta.text)
        dicho[parte] = respuesta.content
    return dicho


async def _nombrada(otra: Aplicacion) -> set[str]:
    """In which collections Ana stands."""
    return {
        nombre
        for nombre in await otra.base.list_collection_names()
        async for fila in otra.base[nombre].find({})
        if any(palabra.encode() in encode(fila) for palabra in DE_ANA)
    }


def _apuntar(otra: Aplicacion) -> None:
    """The documents to its database, and the clock to the time of before."""
    otra.base_propia()
    clock.usar_fuente(lambda: otra.reloj.instante)
    otra.reloj.poner(INICIO)


async def _entrar(mundo: Mundo) -> dict[str, str]:
    respuesta = await mundo.cliente.post(f"{V1}/auth/login", data={"username": "1002", "password": CLAVE})
    return {nombre: str(valor) for nombre, valor in respuesta.json().items()}


async def test_el_simulacro(
    servidor: str, cliente_mongo: "AsyncIOMotorClient[dict[str, object]]", tmp_path: Path
) -> None:
    copia = tmp_path / "copia"
    async with aplicacion_en(BASE, servidor, cliente_mongo, tmp_path) as una:
        _apuntar(una)
        mundo = await construir(una.cliente, una.reloj)
        cambios = {"nombres": "Zoilaida", "numero_documento": "77.665.544"}
        await mundo.pedir("PATCH", f"/residentes/{mundo.ana.id}", json=cambios)
        ajena, propia = await _entrar(mundo), await _entrar(mundo)
        antes = await _publicado(mundo)
        await asyncio.to_thread(_copiar, una.ajustes, copia)
        mundo.quien["vecino"] = {"Authorization": f"Bearer {propia['access_token']}"}
        await mundo.pedir("POST", "/auth/logout", "vecino")
        await mundo.pedir("POST", f"/residentes/{mundo.ana.id}/suprimir?confirmar=true", espera=204)
        assert await _nombrada(una) == set()

    await asyncio.to_thread(_volver, una.ajustes, copia)
    assert {"residentes", "vehiculos", "solicitudes"} <= await _nombrada(una)

    async with aplicacion_en(BASE, servidor, cliente_mongo, tmp_path) as otra:
        _apuntar(otra)
        mundo.cliente = otra.cliente
        for entrada in (ajena, propia):
            pedida = {"refresh_token": entrada["refresh_token"]}
            respuesta = await otra.cliente.post(f"{V1}/auth/refresh", json=pedida)
            assert (respuesta.status_code, respuesta.json()["codigo"]) == (401, "sesion_invalida")
        mundo.quien["admin"] = await mundo.entrar(CORREO_ADMIN)
        await mundo.pedir("GET", f"/residentes/{mundo.ana.id}", espera=404)
        assert await _nombrada(otra) == set()

        despues = await _publicado(mundo)
        assert despues == antes
        publicado = await mundo.pedir("GET", f"/sorteo/{mundo.publicado}/verificacion")
        assert hashlib.sha256(despues["bases"]).hexdigest() == publicado["huella"]
        calculado = motor.correr(despues["bases"], publicado["secreto"], publicado["entropia"])
        assert calculado == despues["resultado"]

    # What was not sealed yet in the copy, the end of a process has sealed.
    async with aplicacion_en(BASE, servidor, cliente_mongo, tmp_path) as otra:
        _apuntar(otra)
        mundo.cliente = otra.cliente
        cadena = await mundo.pedir("GET", "/auditoria/verificacion")
        assert (cadena["integra"], cadena["falla"], cadena["sellados"] > 50) == (True, None, True)
