"""A copy of a whole complex as version 1.0.0 left it, restored and brought up to date: this program reads all of it."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from beanie import Document
from motor.motor_asyncio import AsyncIOMotorClient

from app.core.config import CLAVES as LAS_CLAVES
from app.core.config import DE_ANTES, Settings
from app.database.backup.service import base_de, restaurar
from app.database.keys import exigir_claves
from app.database.migrations.service import exigir_version
from app.main import create_app
from app.modules.sorteo import motor
from app.wiring.documents import DOCUMENTOS

COPIA = Path(__file__).with_name("datos_de_antes.parknet")
BASE = "pruebas_de_antes"
# The keys that the copy was made with: of a demonstration, and good for nothing else.
CLAVES = {
    "jwt_secret": "a2d95d7d4208b69eca3006304cbace152fe38cf35bf846917c915db38e5cabd0",
    "clave_pimienta": "2f6d6eb88992f793fae0d78f5dd6262f7ab0d7cf73b1737e73f8cd8b4050a8c8",
    "clave_sorteo": "7f4e2c7cc2abb1fa6f9182bbe7ac395069461de6d53174ab5ebea65b1573996f",
    "clave_auditoria": "5806991d7796adf89b7ac40cf9ba9b8048f906591e53a223088a1e69921a2058",
}
CORREO, CONTRASENA = "admin@example.com", "clave de la administración 1"
DE_LA_AUDITORIA = {("auditoria", campo) for campo in ("pendiente", "serie", "orden", "firma", "leido")}
"""A row of the audit is never changed, so those of before have no signature, and say nothing of what their act read;
`pendiente` goes when it has served."""
SIN_TERMINOS = {("solicitudes", "terminos"), ("solicitudes", "mirado")}
"""Nobody knows any more by what terms and facts a request of before was judged, and its mark says so."""
Cliente = AsyncIOMotorClient[dict[str, Any]]
pytestmark = pytest.mark.mongod


@pytest.fixture
def ajustes(servidor: str) -> Settings:
    valores: dict[str, Any] = {**CLAVES, "mongodb_uri": servidor, "mongodb_db": BASE, "latido_segundos": 0}
    return Settings(_env_file=None, **valores)


@pytest.fixture
async def cliente(cliente_mongo: "Cliente", ajustes: Settings) -> AsyncIterator["Cliente"]:
    await cliente_mongo.drop_database(BASE)
    with COPIA.open("rb") as archivo, base_de(ajustes) as base:
        restaurar(base, archivo, None, reemplazar=False)
    yield cliente_mongo
    await cliente_mongo.drop_database(BASE)


def _modelos() -> Iterator[tuple[str, type[Document]]]:
    for documento in DOCUMENTOS:
        yield documento.Settings.name, documento


@pytest.mark.usefixtures("base_real")  # makes the models ready
async def test_ningun_documento_es_de_antes(cliente: "Cliente", ajustes: Settings) -> None:
    await exigir_version(cliente, ajustes)
    faltas = set()
    for coleccion, modelo in _modelos():
        async for fila in cliente[BASE][coleccion].find():
            modelo.model_validate(fila)
            campos = modelo.model_fields.keys() - {"id", "revision_id"}
            faltas |= {(coleccion, campo) for campo in campos - fila.keys()}
    assert faltas == DE_LA_AUDITORIA | SIN_TERMINOS
    (sorteo,) = await cliente[BASE]["sorteos"].find().to_list(None)
    guardadas = await cliente[BASE]["prioridades"].find().to_list(None)
    for reglas in (guardadas, sorteo["reglas"]):
        multiplican = {r["codigo"]: r["efecto"]["por_unidad"] for r in reglas if r["efecto"]["por_unidad"] is not None}
        assert multiplican == {"anios_sin_suerte": "sorteos_perdidos"}
    assert sum(sorteo["por_nivel"]) == sorteo["participantes"] > 0


async def test_hacerlo_otra_vez_no_cambia_nada(cliente: "Cliente", ajustes: Settings) -> None:
    async def todo() -> dict[str, list[Any]]:
        return {
            coleccion: await cliente[BASE][coleccion].find().sort("_id", 1).to_list(None) for coleccion, _ in _modelos()
        }

    await exigir_version(cliente, ajustes)
    antes = await todo()
    await cliente[BASE]["instalacion"].update_one({"_id": "datos"}, {"$set": {"version": 0}})
    await exigir_version(cliente, ajustes)
    assert await todo() == antes


@pytest.mark.parametrize("con_otras_claves", [False, True])
async def test_el_programa_los_atiende(cliente: "Cliente", ajustes: Settings, con_otras_claves: bool) -> None:
    """Also with another key in the place of each, and those that it was made with among the keys of before."""
    if con_otras_claves:
        await exigir_claves(cliente, ajustes)
        de_antes = {DE_ANTES[nombre]: [CLAVES[nombre]] for nombre in LAS_CLAVES}
        otras = {nombre: f"otra, para {nombre}: " + "0" * 32 for nombre in CLAVES}
        valores: dict[str, Any] = {**ajustes.model_dump(), **otras, **de_antes}
        ajustes = Settings(_env_file=None, **valores)
    async with LifespanManager(create_app(ajustes), startup_timeout=None, shutdown_timeout=None) as gestor:
        transporte = httpx.ASGITransport(app=gestor.app)
        async with httpx.AsyncClient(transport=transporte, base_url="http://parknet/api/v1") as http:
            entrada = await http.post("/auth/login", data={"username": CORREO, "password": CONTRASENA})
            http.headers["Authorization"] = f"Bearer {entrada.json()['access_token']}"

            async def ver(ruta: str) -> Any:
                respuesta = await http.get(ruta)
                assert respuesta.status_code == 200, (ruta, respuesta.text)
                return respuesta

            (sorteo,) = (await ver("/sorteo")).json()["items"]
            ruta = f"/sorteo/{sorteo['id']}"
            bases, resultado = (await ver(f"{ruta}/bases")).content, (await ver(f"{ruta}/resultado")).content
            publicado = (await ver(f"{ruta}/verificacion")).json()
            assert hashlib.sha256(bases).hexdigest() == publicado["huella"]
            assert motor.correr(bases, publicado["secreto"], publicado["entropia"]) == resultado
            for otra in ("resultados", "evaluacion", "espera", "exclusiones", "historial", "acta?formato=csv"):
                await ver(f"{ruta}/{otra}")
            solicitudes = (await ver("/solicitudes?limite=200")).json()["items"]
            assert len(solicitudes) == 94
            for lista in (
                "/residentes",
                "/residentes/unidades",
                "/sorteo/asignaciones",
                "/inicio",
                "/solicitudes/resumen",
            ):
                await ver(lista)
            assert (await ver("/auditoria/verificacion")).json()["integra"] is True
