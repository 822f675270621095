"""How requests fared in the draws of before bears a mark once this version has started."""

from typing import TYPE_CHECKING, Any

from bson import ObjectId
from pydantic import SecretStr

from app.core.config import Settings
from app.database.migrations.service import exigir_version
from app.database.migrations.steps import MIGRACIONES
from app.modules.solicitudes.movimientos.suertes import MarcasDeSuertes

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorClient

BASE = "pruebas_suertes"


async def test_of_those_that_were_drawn(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    """Whoever came to hold a space did, though it ended; what comes without a mark afterwards stays without."""
    ajustes = Settings(_env_file=None, mongodb_db=BASE, clave_sorteo=SecretStr("c" * 32))
    base, marcas = cliente_mongo[BASE], MarcasDeSuertes.con(ajustes.clave("clave_sorteo"))
    await cliente_mongo.drop_database(BASE)
    de_antes = {"sorteo_id": ObjectId(), "unidad_id": ObjectId(), "clase": "carro", "ofrecida": True, "sorteada": True}
    tuvo, gano, pidio = [ObjectId() for _ in range(3)]
    await base["solicitudes"].insert_many([{"_id": id, **de_antes} for id in (tuvo, gano)])
    await base["solicitudes"].insert_one({"_id": pidio, **de_antes, "sorteada": False})
    await base["asignaciones"].insert_one({"solicitud_id": tuvo, "estado": "devuelta"})
    (suya,) = [m for m in MIGRACIONES if "suerte" in m.que]
    for _ in range(2):
        await base["instalacion"].update_one({"_id": "datos"}, {"$set": {"version": suya.numero - 1}}, upsert=True)
        await exigir_version(cliente_mongo, ajustes, migraciones=[m for m in MIGRACIONES if m.numero <= suya.numero])
        filas = {fila["_id"]: fila async for fila in base["solicitudes"].find({"puesta": None})}
        assert [(filas[id]["tuvo"], marcas.entera(filas[id])) for id in (tuvo, gano)] == [(True, True), (False, True)]
        assert (filas[pidio]["tuvo"], filas[pidio].get("suerte")) == (False, None)
        # Whoever sets the version back has nothing marked anew.
        await base["solicitudes"].insert_one({**de_antes, "puesta": True, "tuvo": False, "suerte": None})
    assert await base["solicitudes"].count_documents({"puesta": True, "suerte": None}) == 2
    await cliente_mongo.drop_database(BASE)
